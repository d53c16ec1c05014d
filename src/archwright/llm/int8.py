"""Linear layers whose products are of 8-bit integers: twice as many tokens per second of a CPU, from the same network.

Weights are rounded per output, inputs per row and while they come, so sums are exact and no row depends on the others
of its batch. FBGEMM computes the products. Only for answering: fine-tuning stays in float.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

LIBRARY = "fbgemm"
WEIGHT_STEPS, INPUT_STEPS = 127, 63
"""Levels on either side of 0. Inputs have 7 bits: CPUs without VNNI add two products in 16 bits, which must hold."""
ZERO = INPUT_STEPS + 1
"""The unsigned byte that stands for an input of 0."""
TINY = 1e-12
"""Below any input or weight that matters; keeps zeros from being divided by zero."""


def has_int8() -> bool:
    """Return whether this torch and this CPU can compute with `Int8Linear`."""
    return LIBRARY in torch.backends.quantized.supported_engines and not torch.cuda.is_available()


class Int8Linear(nn.Module):
    """What `linear` computes, rounded to 8 bits; its weights are a copy, in FBGEMM's own order."""

    bias: torch.Tensor | None

    def __init__(self, linear: nn.Linear) -> None:
        """Round the weights of `linear`."""
        super().__init__()
        weight_oi = linear.weight.detach().float()
        scale_o = (weight_oi.abs().amax(1) / WEIGHT_STEPS).clamp(min=TINY)
        with _fbgemm(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="torch.quantize_per_tensor", category=UserWarning)
            zero_o = torch.zeros(len(scale_o), dtype=torch.long)
            rounded = torch.quantize_per_channel(weight_oi, scale_o.double(), zero_o, 0, torch.qint8)
            self._packed = torch.ops.quantized.linear_prepack(rounded, None)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().float())

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  # the name torch gives it
        """Return the products (..., outputs) of rows (..., inputs)."""
        reach = input.abs().amax(-1, keepdim=True).clamp_(min=TINY)
        rows = (input / reach).flatten(0, -2)
        product: torch.Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            rows, 1 / INPUT_STEPS, ZERO, self._packed
        )
        output = product.view(*input.shape[:-1], -1).mul_(reach)
        return output if self.bias is None else output + self.bias


def set_int8_products(network: nn.Module) -> None:
    """Make every plain linear layer of `network` compute with 8-bit integers, in place.

    An output layer tied to an embedding gets a copy, as the embedding stays as it is.
    """
    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is nn.Linear:
                setattr(parent, name, Int8Linear(layer))


@contextmanager
def _fbgemm() -> Iterator[None]:
    before = torch.backends.quantized.engine
    torch.backends.quantized.engine = LIBRARY
    try:
        yield
    finally:
        torch.backends.quantized.engine = before
