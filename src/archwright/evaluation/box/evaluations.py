"""L-BFGS (Liu and Nocedal 1989) looks at the same batch several times within one step, with other parameters."""

import inspect
from typing import Any, final

import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils.hooks import RemovableHandle

MOST_EVALUATIONS = 25
"""Of a batch in one step: torch's own default."""
_LBFGS = torch.optim.LBFGS
_STEP = inspect.unwrap(_LBFGS.step)
_detach, _norm, _item = torch.Tensor.detach, torch.linalg.vector_norm, torch.Tensor.item


def is_lbfgs(optimizer: torch.optim.Optimizer) -> bool:
    """Return whether it is torch's own L-BFGS, unchanged."""
    return type(optimizer) is _LBFGS and inspect.unwrap(_LBFGS.step) is _STEP


@final
class Evaluations:
    """Tells whether a gradient within a step is of the same images as the first one, and of no more than a batch."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._hook: RemovableHandle | None = None

    def begin(self) -> None:
        """A step begins."""
        self.end()
        self._first: object = None
        self._inputs: object = None
        self._rows = self._count = 0
        self._hook = register_module_forward_pre_hook(self._look)

    def end(self) -> None:
        """The step has ended."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def is_repeat(self) -> bool:
        """Return whether the gradient that comes next is only another look at the images of this step."""
        if self._hook is None:
            return False
        inputs, self._inputs = self._inputs, None
        self._count += 1
        if self._first is None:
            self._first = inputs
            return False
        return inputs == self._first and self._rows <= self._batch and self._count <= MOST_EVALUATIONS

    def _look(self, module: torch.nn.Module, arguments: Any) -> None:
        """Look at what a module is given: the first one since the last gradient sees the images."""
        for argument in arguments:
            if isinstance(argument, torch.Tensor) and argument.ndim:
                self._rows = max(self._rows, len(argument))
                if self._inputs is None:
                    self._inputs = tuple(argument.shape), _item(_norm(_detach(argument).double()))
