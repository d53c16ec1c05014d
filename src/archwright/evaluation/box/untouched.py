"""Whether somebody changed what a network is trained with: what torch and Python call by name, hooks, modes, tracers.

An augmentation is imported into the process in which its network is trained, and leaves all of it as it is.
"""

import _thread
import builtins
import gc
import math
import signal
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, final

import torch
import torch._dynamo  # what every optimizer asks when it steps
from torch import overrides
from torch.nn.modules import module as modules
from torch.optim import optimizer
from torch.utils._device import DeviceContext

from archwright.evaluation.box.originals import LIVELY, Functions

_id, _list, _map = id, list, map
_function_modes: Any = overrides._get_current_function_mode_stack
_top_saved_hooks: Any = torch._C._autograd._top_saved_tensors_default_hooks
_HOOKS: tuple[Mapping[int, object], ...] = tuple(
    value
    for owner in (modules, optimizer)
    for name, value in vars(owner).items()
    if name.startswith("_global_") and isinstance(value, dict)
)
"""Torch's own tables of what is called for every module and every optimizer."""
_PACKAGES = """
torch.nn.modules torch.nn.utils torch.optim torch.backends torch.amp
"""
_MODULES = """
torch torch._C._nn torch._VF torch._compile torch._dynamo torch._dynamo.decorators torch._dynamo.eval_frame
torch._jit_internal torch._ops torch._tensor torch._utils torch.accelerator torch.autograd torch.autograd.function
torch.autograd.grad_mode torch.autograd.graph torch.autograd.profiler torch.compiler torch.fft torch.functional
torch.jit torch.linalg torch.nn torch.nn._reduction torch.nn.functional torch.nn.init torch.nn.parameter
torch.overrides torch.profiler torch.profiler._cupti_monitor torch.random torch.special torch.utils._contextlib
torch.utils._foreach_utils torch.utils.checkpoint
abc builtins collections contextlib copy functools itertools logging math operator types typing warnings weakref
"""
"""What ran, under a profiler, while the seed networks were trained with four optimizers, and what is near to it."""
_SHARED = {
    name: module
    for name, module in list(sys.modules.items())
    if name in _MODULES.split() or any(f"{name}.".startswith(f"{package}.") for package in _PACKAGES.split())
}
_CLASSES = [
    value
    for owner in _SHARED.values()
    for value in vars(owner).values()
    if isinstance(value, type) and (value.__module__ in _SHARED and value.__module__.startswith("torch"))
]
_WHOLE = ("torch.nn.", "torch.optim.", "torch._tensor", "torch._C")
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


def wrap_steps(owners: Iterable[object] = _CLASSES) -> None:
    """Let every kind of optimizer have the `step` that torch gives it when the first one is made."""
    for owner in owners:
        if isinstance(owner, type) and issubclass(owner, torch.optim.Optimizer) and owner is not torch.optim.Optimizer:
            owner._patch_step_function(object.__new__(owner))


@final
class Untouched:
    """Everything as it is when this is made; told of a change, in words, afterwards."""

    def __init__(self, network: ModuleType) -> None:
        """Remember what a network, whose module is given, is written and trained with."""
        self._hooks, self._watchers, self._collected = _hooks(), _watchers(), len(gc.callbacks)
        of_network = [value for value in vars(network).values() if isinstance(value, type | ModuleType)]
        bases = [base for each in _CLASSES for base in each.__mro__ if base is not object]
        owners = dict.fromkeys([*_SHARED.values(), network, *of_network, *bases])
        wrap_steps(owners)
        self._names = [_Names(owner, network) for owner in owners]
        self._functions = Functions(names.kept for names in self._names)
        gc.collect()
        gc.freeze()  # so that looking for garbage after every batch takes no time
        gc.disable()

    def change(self) -> str | None:
        """Return what was done since; None for nothing."""
        if _hooks() - self._hooks:
            return "added hooks for every module of torch"
        if any(now > before for now, before in zip(_watchers(), self._watchers, strict=True)):
            return "began a mode, a tracer, a thread or a timer that sees what is computed"
        if gc.isenabled() or len(gc.callbacks) > self._collected:
            return "asked to be told of garbage"
        for names in self._names:
            if (name := names.replaced()) is not None:
                return f"replaced {name}"
        changed = next(self._functions.changed(), None)
        return None if changed is None else f"replaced what {changed.__qualname__} does or takes by default"


@final
class _Names:
    """What is called what in a module or a class."""

    __slots__ = ("_ids", "_now", "_owner", "_size", "kept")

    def __init__(self, owner: ModuleType | type, network: ModuleType) -> None:
        self._owner, self._now = owner, vars(owner)
        is_whole = owner in (network, torch, math, builtins)
        if isinstance(owner, type):  # layers, optimizers, tensors and what is the network's own
            is_whole = not owner.__module__.startswith("torch.") or owner.__module__.startswith(_WHOLE)
        self.kept = {
            name: value for name, value in self._now.items() if name not in LIVELY and (is_whole or _is_code(value))
        }
        self._ids, self._size = list(map(id, self.kept.values())), len(self._now)

    def replaced(self) -> str | None:
        """Return the first name that is something else now; of a class also one that hides what is inherited."""
        now, owner = self._now, self._owner
        if _list(_map(_id, _map(now.get, self.kept))) != self._ids:
            for name, kept in self.kept.items():
                if now.get(name) is not kept:
                    return f"{owner.__name__}.{name}"
        if isinstance(owner, type) and len(now) != self._size:
            for name in now.keys() - self.kept.keys() - LIVELY:
                if now[name] is not _inherited(owner, name):
                    return f"{owner.__name__}.{name}"
        return None


def _is_code(value: object) -> bool:
    """Return whether a value is code, or where code is found: others, as counters, change by themselves."""
    return callable(value) or isinstance(value, ModuleType) or hasattr(type(value), "__get__")


def _inherited(owner: type, name: str) -> object:
    """Return what a class would have by a name, had it none of its own."""
    return next((vars(base)[name] for base in owner.__mro__[1:] if name in vars(base)), None)


def _watchers() -> tuple[int, ...]:
    """Return how many of each kind there are that run beside what is computed or see it.

    A default device is a mode and sees nothing; mixed precision is one that changes what is computed.
    """
    functions = [mode for mode in _function_modes() if type(mode) is not DeviceContext]
    monitoring: Any = getattr(sys, "monitoring", None)
    tools = 0 if monitoring is None else sum(monitoring.get_tool(number) is not None for number in range(6))
    return (
        len(functions),
        torch._C._len_torch_dispatch_stack(),
        _top_saved_hooks(True) is not None,
        sys.gettrace() is not None,
        sys.getprofile() is not None,
        tools,
        sum(map(torch.is_autocast_enabled, ("cpu", "cuda"))),
        _thread._count(),
        sum(signal.getitimer(timer)[0] > 0 for timer in _TIMERS),
    )


def _hooks() -> frozenset[tuple[int, int]]:
    """Return which hooks there are for every module and optimizer."""
    return frozenset((place, id(hook)) for place, hooks in enumerate(_HOOKS) for hook in hooks.values())
