"""Networks with auxiliary heads: `forward` returns the logits first and the heads' own logits after them.

The first element is what counts. Where the training is ours the heads take part in the loss, as in GoogLeNet (Szegedy
et al. 2015, section 5); a program that trains itself does with them what it likes. Dictionaries are not understood.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

HEAD_WEIGHT = 0.3
"""Weight of an auxiliary head's loss beside that of the output (Szegedy et al. 2015)."""

_detach, _float, _cpu, _numpy = torch.Tensor.detach, torch.Tensor.float, torch.Tensor.cpu, torch.Tensor.numpy
"""Torch's own, bound before a candidate's module ran."""


def main_output(output: Any) -> Any:
    """Return the logits in what `forward` returned: its first element when it is a tuple or a list."""
    return output[0] if isinstance(output, tuple | list) and output else output


def values_of(output: torch.Tensor) -> NDArray[np.float32]:
    """Return a copy of the values that an output has now; a class or a method of its own computes none of them."""
    with torch._C.DisableTorchFunctionSubclass():
        return np.array(_numpy(_cpu(_float(_detach(output)))))


class HeadsLoss(torch.nn.Module):
    """A loss of logits that also takes what a network with auxiliary heads returns."""

    def __init__(self, loss: Any) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, output: Any, labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of the output and, weighted, of every further element that has the shape of logits."""
        logits = main_output(output)
        total: torch.Tensor = self.loss(logits, labels)
        for head in output[1:] if logits is not output else ():
            if isinstance(head, torch.Tensor) and head.is_floating_point() and head.shape == logits.shape:
                total = total + HEAD_WEIGHT * self.loss(head, labels)
        return total
