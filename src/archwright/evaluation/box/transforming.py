"""A candidate that is an augmentation, called on a batch of training images: no label and no network is handed to it.

It works on a copy, draws from a generator of its own, so that the order of the batches does not depend on it, and has
to give back a batch like the one it got. It computes no gradients, hooks into no other module and replaces nothing of
torch or of the network: what it augments for would be reached so, and trained. Nor does any of it run in between, as a
`__del__` would: what it leaves is collected before the batch is trained on. It runs in the same process, though, and
frames lead a hostile one there.
"""

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, final

import torch

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.loading import load_module
from archwright.evaluation.box.untouched import Untouched
from archwright.transforms.operations import Operations

AUGMENT = "augment"
_is_tensor = torch.is_tensor


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
        self._torch = Untouched(network)
        module = load_module(source)
        self._augment: Any = getattr(module, AUGMENT)
        self._refuse_changes()  # before a network is built: what puts itself back had been there for that
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
        if (what := self._torch.change()) is not None:
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
