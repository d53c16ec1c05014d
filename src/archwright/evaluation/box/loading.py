"""Executing a program's module-level code inside the box."""

import linecache
import random
import sys
import types
from typing import Any

import numpy as np
import torch

from archwright.contracts.policy import FORBIDDEN_ATTRIBUTES

FILE = "<candidate>"
"""The file name in the tracebacks of candidate code."""
NETWORK_FILE = "<network>"
"""The same of a fixed network, which no candidate wrote."""
_OURS = __name__.partition(".")[0]


def forget_own_names() -> None:
    """Take our modules from the table of modules: whoever looks one up by name there finds what counts it.

    For a process that runs one program and leaves: what is imported again is another copy, which nobody uses.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] in (_OURS, "__main__")]:
        del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")  # Python always has one


def seed_everything(seed: int) -> None:
    """Seed what a program may draw from without a generator of its own."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def load_module(source: str, file: str = FILE) -> types.ModuleType:
    """Return the module made by executing `source`, called `file`; raises whatever the program raises."""
    module = types.ModuleType("candidate" if file == FILE else "network")
    module.__file__ = file
    sys.modules[module.__name__] = module  # dataclasses and pickling look their module up
    if file == FILE:
        module.__dict__["getattr"] = _getattr
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
    return module


def _getattr(owner: Any, name: str, *default: Any) -> Any:
    """Look an attribute up as Python does, but for those that the policy refuses where it can read their names."""
    if name in FORBIDDEN_ATTRIBUTES:
        raise AttributeError(f"the attribute {name} is not allowed; use public attributes")
    return getattr(owner, name, *default)
