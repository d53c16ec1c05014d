"""What torch was before a candidate's module ran: the standard training uses this and nothing else.

A compact program leaves its training to us, so optimizer, loss and loop are ours whatever the program does to torch.
Names that it replaced are put back before every batch; a program that really needs another loss or another optimizer
says so in the full form.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import attrgetter
from types import FunctionType, ModuleType
from typing import Any, final

import torch
from torch.optim import adam, adamw, optimizer

OPTIMIZER, LOSS, IMAGE_LOSS = torch.optim.AdamW, torch.nn.CrossEntropyLoss, torch.nn.MSELoss
clip_gradients = torch.nn.utils.clip_grad_norm_
step, zero_gradients, backward = OPTIMIZER.step, OPTIMIZER.zero_grad, torch.Tensor.backward

_id, _list, _map = id, list, map
_PARTS = attrgetter("__code__"), attrgetter("__defaults__"), attrgetter("__kwdefaults__")
Owner = ModuleType | type
_WHOLE: tuple[Owner, ...] = (
    adam,
    adamw,
    optimizer,
    torch.optim.AdamW,
    torch.optim.Adam,
    torch.optim.Optimizer,
    torch.nn.CrossEntropyLoss,
    torch.nn.MSELoss,
)
_CLASSES = frozenset(owner for owner in _WHOLE if isinstance(owner, type))
_NAMES: tuple[tuple[Owner, tuple[str, ...]], ...] = (
    (torch.nn.functional, ("cross_entropy", "mse_loss")),
    (torch.nn.modules.loss, ("F",)),
    (torch.nn._reduction, ("get_enum",)),
    (torch.nn.Module, ("__call__", "_call_impl", "_wrapped_call_impl")),
    (torch._C._nn, ("cross_entropy_loss", "mse_loss")),
    (torch.autograd, ("backward", "grad", "_engine_run_backward")),
    (torch.autograd.graph, ("_engine_run_backward",)),
    (torch.nn.utils.clip_grad, ("clip_grad_norm_", "_get_total_norm", "_clip_grads_with_norm_")),
    (torch.Tensor, ("backward",)),
)


@final
class Originals:
    """The names the standard training needs, as they are when this is made."""

    def __init__(self) -> None:
        whole = [(owner, dict(vars(owner))) for owner in _WHOLE]
        self._kept: list[tuple[Owner, Mapping[str, Any]]] = whole + [
            (owner, {name: getattr(owner, name) for name in names if hasattr(owner, name)}) for owner, names in _NAMES
        ]
        self._functions = Functions(kept for _, kept in self._kept)

    def restore(self) -> None:
        """Put back what was replaced."""
        for owner, kept in self._kept:
            now = vars(owner)
            for name, value in kept.items():
                if name not in _LIVELY and now.get(name) is not value:
                    setattr(owner, name, value)
            if owner in _CLASSES:
                for name in now.keys() - kept.keys() - _LIVELY:  # would come before what it inherits
                    delattr(owner, name)
        self._functions.restore()


@final
class Functions:
    """What functions do and what they take by default, which can be exchanged without another function."""

    def __init__(self, named: Iterable[Mapping[str, object]]) -> None:
        """Remember every function that somebody has under some name."""
        self._kept = {
            function: (function.__code__, function.__defaults__, dict(function.__kwdefaults__ or {}))
            for by_name in named
            for value in by_name.values()
            for function in _unwrapped(value)
        }
        self._named = [function.__kwdefaults__ for function in self._kept if function.__kwdefaults__]
        self._ids = self._ids_now()

    def changed(self) -> Iterator[FunctionType]:
        """Yield each whose code or defaults are others now."""
        if self._ids_now() == self._ids:
            return
        for function, (code, defaults, named) in self._kept.items():
            now = function.__kwdefaults__ or {}
            is_same = function.__code__ is code and function.__defaults__ is defaults and now.keys() == named.keys()
            if not is_same or any(now[name] is not value for name, value in named.items()):
                yield function

    def _ids_now(self) -> list[int]:
        """Return which objects all of it is: there are thousands, so that they are gone through in C."""
        parts = (*(_map(get, self._kept) for get in _PARTS), *self._named, *_map(dict.values, self._named))
        return _list(_map(_id, chain.from_iterable(parts)))

    def restore(self) -> None:
        """Put code and defaults back."""
        for function in self.changed():
            code, defaults, named = self._kept[function]
            function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, dict(named) or None


def _unwrapped(value: object) -> Iterator[FunctionType]:
    """Yield the function that a value is, and those it is wrapped around."""
    function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
    while isinstance(function, FunctionType):
        yield function
        function = getattr(function, "__wrapped__", None)


_LIVELY = frozenset({"__dict__", "__weakref__", "__doc__", "__annotations__", "__slotnames__"})
"""Names of a class that change by themselves, or cannot be set."""
