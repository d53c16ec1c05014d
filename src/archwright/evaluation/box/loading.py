"""Executing a program's module-level code inside the box."""

import linecache
import sys
import types

FILE = "<candidate>"
"""The file name in the tracebacks of candidate code."""


def load_module(source: str) -> types.ModuleType:
    """Return the module made by executing `source`; raises whatever the program raises."""
    module = types.ModuleType("candidate")
    module.__file__ = FILE
    sys.modules[module.__name__] = module  # dataclasses and pickling look their module up
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    exec(compile(source, FILE, "exec", dont_inherit=True), module.__dict__)
    return module
