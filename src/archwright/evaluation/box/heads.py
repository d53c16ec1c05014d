"""Networks with auxiliary heads: `forward` returns the logits first and the heads' own logits after them.

The first element is what counts. Where the training is ours the heads take part in the loss, as in GoogLeNet (Szegedy
et al. 2015, section 5); a program that trains itself does with them what it likes. Dictionaries are not understood.
"""

from typing import Any

import torch

from archwright.evaluation.box.outputs import main_output

HEAD_WEIGHT = 0.3
"""Weight of an auxiliary head's loss beside that of the output (Szegedy et al. 2015)."""


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
