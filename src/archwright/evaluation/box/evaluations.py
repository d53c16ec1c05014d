"""How many images the network sees with gradients, told by its layers; L-BFGS may look at a batch again.

L-BFGS (Liu and Nocedal 1989) evaluates the same batch several times within one step, with other parameters each time.
"""

import inspect
from collections import Counter
from typing import Any, final

import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils.hooks import RemovableHandle

from archwright.evaluation.box.leaves import fingerprint, unwrapped

MOST_EVALUATIONS = 25
"""Of a batch in one step of L-BFGS: torch's own default."""
_LBFGS = torch.optim.LBFGS
_STEP = inspect.unwrap(_LBFGS.step)
_has_gradients = torch.is_grad_enabled


def is_lbfgs(optimizer: torch.optim.Optimizer) -> bool:
    """Return whether it is torch's own L-BFGS, unchanged."""
    return type(optimizer) is _LBFGS and inspect.unwrap(_LBFGS.step) is _STEP


@final
class Evaluations:
    """Counts images by the layers with parameters that see them first, whatever their shape is there."""

    def __init__(self, batch: int, image_size: int) -> None:
        self.images = 0
        """The most that one layer has seen for gradients of parameters; the same ones at the same parameters once."""
        self._batch, self._image_size = batch, image_size
        self._seen: Counter[int] = Counter()
        self._seen_before: Counter[int] = Counter()
        self._last: dict[int, tuple[torch.Tensor, int]] = {}
        self._is_in_step = False
        self._first: object = None
        self._inputs: object = None
        self._rows = self._count = 0

    def watch(self) -> RemovableHandle:
        """Begin to count."""
        return register_module_forward_pre_hook(self._look)

    def forget(self) -> None:
        """Let go of what was seen last: another batch or other parameters are next, so that it counts again."""
        self._last.clear()

    def end_gradient(self, *, is_of_images: bool) -> None:
        """Count what was seen for a gradient, unless that was one of the images, which teaches the network nothing."""
        if is_of_images:
            self._seen = self._seen_before.copy()
            self._last.clear()
        else:
            self._seen_before = self._seen.copy()
        self.images = max(self._seen_before.values(), default=0)

    def begin_step(self) -> None:
        """A step of L-BFGS begins."""
        self._is_in_step = True
        self._first = self._inputs = None
        self._rows = self._count = 0

    def end_step(self) -> None:
        """The step has ended."""
        self._is_in_step = False

    def is_repeat(self) -> bool:
        """Return whether the gradient that comes next is only another look at the images of this step."""
        if not self._is_in_step:
            return False
        inputs, self._inputs = self._inputs, None
        self._count += 1
        if self._count == 1:
            self._first = inputs
            return False
        return inputs is not None and inputs == self._first and self._is_small

    @property
    def _is_small(self) -> bool:
        return self._rows <= self._batch and self._count <= MOST_EVALUATIONS

    def _look(self, module: torch.nn.Module, arguments: Any) -> None:
        tensor = arguments[0] if arguments else None
        if not (isinstance(tensor, torch.Tensor) and tensor.ndim and _has_gradients()):
            return
        tensor = unwrapped(tensor)
        if self._is_in_step:
            self._rows = max(self._rows, len(tensor))
            if self._inputs is None:  # the first module since the last gradient sees the images
                self._inputs = tuple(tensor.shape), fingerprint(tensor)
            if self._count and self._is_small:
                return
        if module._parameters and (tensor.is_leaf or not tensor.requires_grad) and not self._is_last(module, tensor):
            self._seen[id(module)] += min(len(tensor), -(-tensor.numel() // self._image_size))

    def _is_last(self, module: torch.nn.Module, tensor: torch.Tensor) -> bool:
        """Return whether a module is given the same values in the same place again; they are kept there until then."""
        version = -1 if tensor.is_inference() else tensor._version
        last, self._last[id(module)] = self._last.get(id(module)), (tensor, version)
        if last is None:
            return False
        return (last[0].data_ptr(), last[0].shape, last[1]) == (tensor.data_ptr(), tensor.shape, version)
