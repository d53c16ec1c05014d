"""A candidate that is an augmentation, called on a batch of training images: no label and no network is handed to it.

It works on a copy, draws from a generator of its own, so that the order of the batches does not depend on it, and has
to give back a batch like the one it got. It computes no gradients, hooks into no other module and replaces nothing of
torch or of the network: what it augments for would be reached so, and trained. Nor does any of it run in between, as a
`__del__` would: what it leaves is collected before the batch is trained on. It runs in the same process, though, and
frames lead a hostile one there.
"""

import builtins
import gc
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, final

import torch
from torch import overrides
from torch.nn.modules import module as modules
from torch.optim import optimizer
from torch.utils._device import DeviceContext

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.loading import load_module
from archwright.evaluation.box.originals import LIVELY, Functions
from archwright.transforms.operations import Operations

AUGMENT = "augment"
_is_tensor = torch.is_tensor
_function_modes: Any = overrides._get_current_function_mode_stack
_top_saved_hooks: Any = torch._C._autograd._top_saved_tensors_default_hooks
_HOOKS: tuple[Mapping[int, object], ...] = tuple(
    value
    for owner in (modules, optimizer)
    for name, value in vars(owner).items()
    if name.startswith("_global_") and isinstance(value, dict)
)
"""Torch's own tables of what is called for every module and every optimizer."""
_CLASSES = [
    value
    for owner in (torch.nn.modules, torch.optim, torch.optim.lr_scheduler)
    for value in vars(owner).values()
    if isinstance(value, type) and value.__module__.startswith("torch.")
]
_SHARED: tuple[ModuleType | type, ...] = (
    *(builtins, math, torch, torch.nn.functional, torch.nn.init, torch._C._nn, torch.autograd, torch.Tensor),
    *(torch.optim, torch.nn.utils, torch.nn.utils.clip_grad),
    *dict.fromkeys(sys.modules[each.__module__] for each in _CLASSES),
    *dict.fromkeys(base for each in _CLASSES for base in each.__mro__ if base is not object),
)
"""What a network is written and trained with."""


def wrap_steps(owners: Iterable[object] = _CLASSES) -> None:
    """Let every kind of optimizer have the `step` that torch gives it when the first one is made."""
    for owner in owners:
        if isinstance(owner, type) and issubclass(owner, torch.optim.Optimizer) and owner is not torch.optim.Optimizer:
            owner._patch_step_function(object.__new__(owner))


class _KnownNames:
    """What is called what in torch and in the network's module, to tell whether somebody has changed it."""

    def __init__(self, network: ModuleType) -> None:
        of_network = [value for value in vars(network).values() if isinstance(value, type | ModuleType)]
        owners = dict.fromkeys([*_SHARED, network, *of_network])
        wrap_steps(owners)
        self._kept = {owner: dict(vars(owner)) for owner in owners}
        self._functions = Functions(self._kept.values())

    def replaced(self) -> str | None:
        """Return the first name that is something else now, or whose function is."""
        for owner, kept in self._kept.items():
            now = vars(owner)
            for name, value in kept.items():
                if now.get(name) is not value and name not in LIVELY:
                    return f"{owner.__name__}.{name}"
            if isinstance(owner, type):
                for name in now.keys() - kept.keys() - LIVELY:
                    if now[name] is not _inherited(owner, name):
                        return f"{owner.__name__}.{name}"
        changed = next(self._functions.changed(), None)
        return None if changed is None else f"what {changed.__qualname__} does or takes by default"


def _inherited(owner: type, name: str) -> object:
    """Return what a class would have by a name, had it none of its own."""
    return next((vars(base)[name] for base in owner.__mro__[1:] if name in vars(base)), None)


@final
class Transform:
    """The function `augment` of a program; raises Problem for a result that is no batch, and whatever it raises."""

    def __init__(
        self,
        source: str,
        network: ModuleType,
        seed: int,
        device: torch.device,
        stage: Callable[[], Stage],
        without_gradients: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Load `source`, which augments for `network`, and call what it defines, within `without_gradients`.

        `stage` says where the trial is.
        """
        self._stage = stage
        self._without_gradients = without_gradients
        self._hooks, self._modes, self._names = _hooks(), _modes(), _KnownNames(network)
        self._collected = len(gc.callbacks)
        gc.collect()
        gc.freeze()  # so that looking for garbage after every batch takes no time
        gc.disable()
        self._augment: Any = getattr(load_module(source), AUGMENT)
        self._operations = Operations(torch.Generator(device).manual_seed(seed))

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the program makes of a copy of `images`, uint8 (N, C, H, W)."""
        with torch.no_grad(), self._without_gradients():
            self._refuse_changes()  # by what it left behind, which ran since
            changed = self._copied(self._augment(images.clone(), self._operations), images)
            gc.collect()  # what it made ends here and not in the training
            self._refuse_changes()
            return changed

    def _refuse_changes(self) -> None:
        """Raise Problem where the program changed what its network is trained with."""
        what = None
        if _hooks() - self._hooks:
            what = "added hooks for every module of torch"
        elif _modes() > self._modes:
            what = "began a mode that sees what is computed"
        elif gc.isenabled() or len(gc.callbacks) > self._collected:
            what = "asked to be told of garbage"
        elif (name := self._names.replaced()) is not None:
            what = f"replaced {name}"
        if what is not None:
            remedy = "it is given images and changes them; leave torch as it is"
            self._refuse(FailureKind.FORBIDDEN, f"or its module {what}; {remedy}")

    def _copied(self, result: Any, images: torch.Tensor) -> torch.Tensor:
        """Return a plain copy of what the program made of `images`; raises Problem where it is no batch like them."""
        if not _is_tensor(result) or type(result) is not torch.Tensor:
            what = f"a {type(result).__name__}" if result is not None else "nothing"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned {what}; return the images, a plain tensor")
        if result.is_floating_point() and bool(torch.isnan(result).any()):
            self._refuse(FailureKind.NOT_FINITE, "returned NaN; avoid dividing by zero, and return uint8 images")
        if result.dtype is not torch.uint8:
            remedy = "round and clamp to 0..255 and end with .to(torch.uint8)"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned {result.dtype}; {remedy}")
        if result.shape != images.shape:
            expected, found = tuple(images.shape), tuple(result.shape)
            remedy = "every image of the batch comes back at its size: crop with op.random_crop, which enlarges"
            self._refuse(FailureKind.WRONG_OUTPUT, f"returned shape {found} instead of {expected}; {remedy}")
        changed: torch.Tensor = result.to(images.device).clone(memory_format=torch.contiguous_format)
        return changed

    def _refuse(self, kind: FailureKind, message: str) -> None:
        line = getattr(getattr(self._augment, "__code__", None), "co_firstlineno", None)
        raise NamedProblem(self._stage(), kind, f"{AUGMENT} {message}", line)


def _modes() -> int:
    """Return how many modes and hooks of saved tensors are in force; a default device is a mode and sees nothing."""
    functions = [mode for mode in _function_modes() if type(mode) is not DeviceContext]
    has_hooks = _top_saved_hooks(True) is not None
    return len(functions) + torch._C._len_torch_dispatch_stack() + has_hooks


def _hooks() -> frozenset[tuple[int, int]]:
    """Return which hooks there are for every module and optimizer."""
    return frozenset((place, id(hook)) for place, hooks in enumerate(_HOOKS) for hook in hooks.values())
