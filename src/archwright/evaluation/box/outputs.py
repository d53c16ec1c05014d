"""What `forward` returned: the output in it, what is wrong with that, and its values."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_detach, _float, _cpu, _numpy = torch.Tensor.detach, torch.Tensor.float, torch.Tensor.cpu, torch.Tensor.numpy
"""Torch's own, bound before a candidate's module ran."""


def main_output(output: Any) -> Any:
    """Return the logits in what `forward` returned: its first element when it is a tuple or a list."""
    return output[0] if isinstance(output, tuple | list) and output else output


def fault_of(output: object, expected: tuple[int, ...], *, has_classes: bool) -> str | None:
    """Return what to change in `forward`, whose main output should have the shape `expected`; None when it has."""
    if not isinstance(output, torch.Tensor):
        what = f"a {type(output).__name__}" if output is not None else "nothing"
        wanted = "the logits, a tensor of shape (N, classes)" if has_classes else "images, a tensor (N, C, H, W)"
        return f"forward returned {what}; return only {wanted}"
    if not output.is_floating_point():
        wanted = "the logits as they are, without argmax" if has_classes else "images with values in [0, 1]"
        return f"forward returned {output.dtype}; return {wanted}"
    if tuple(output.shape) != expected:
        for_images = "end with a convolution of out_shape[0] channels at the size out_shape[1:]"
        remedy = "end with torch.flatten(x, 1) and nn.Linear(features, out_shape[0])" if has_classes else for_images
        return f"forward returned shape {tuple(output.shape)} instead of {expected}; {remedy}"
    return None


def values_of(output: torch.Tensor) -> NDArray[np.float32]:
    """Return a copy of the values that an output has now; no class, method or mode of the program computes them."""
    with torch._C.DisableTorchFunction():
        return np.array(_numpy(_cpu(_float(_detach(output)))))
