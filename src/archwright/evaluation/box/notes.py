"""What a search says of programs that it accepts and `final` would not."""

import torch

from archwright.candidate import NOTE

NOTED_DIFFERENCE = 1e-3
"""Share of the spread of an image's logits by which they may differ when it is predicted again."""
ROUNDING = 1e-5
"""The same, below which another class is as likely."""
UNSTEADY = (
    f"{NOTE}in eval mode an image's logits change from call to call or batch to batch, which `final` refuses; "
    "forward must treat every image alone and draw nothing at random (F.dropout needs training=self.training)"
)
OUTSIDE = (
    f"{NOTE}what training leaves outside of the weights answers no images, and `final` refuses what needs it; "
    "keep everything that is learned in parameters and buffers of Net, built in __init__, always the same"
)


def differ(first: torch.Tensor | None, again: torch.Tensor | None, *, has_classes: bool) -> bool:
    """Return whether logits (or images) of the same images are others when they are predicted `again`, or missing."""
    if first is None or again is None:
        return True
    difference, spread = float((again - first).abs().max()), float(first.max() - first.min())
    may_be_rounding = first.device.type != "cpu" or difference <= ROUNDING * spread
    is_other_class = has_classes and bool((again.argmax(1) != first.argmax(1)).any())
    return difference > NOTED_DIFFERENCE * spread or (is_other_class and not may_be_rounding)
