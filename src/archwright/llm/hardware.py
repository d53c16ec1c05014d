"""Where a local model runs and in which precision: decided here once, for generation and for fine-tuning."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.functional import linear


@dataclass(frozen=True, slots=True)
class Hardware:
    """A device and the precision in which it is fast."""

    device: str
    dtype: torch.dtype
    """Of weights and activations."""
    products: torch.dtype
    """Of the frozen weights in matrix products, where nearly all the time goes."""

    @property
    def precision(self) -> str:
        """The precision in words, for records."""
        kind, products = (str(dtype).removeprefix("torch.") for dtype in (self.dtype, self.products))
        return kind if kind == products else f"{kind}, products in {products}"


def detect_hardware() -> Hardware:
    """Return CUDA with bfloat16 where there is a GPU, else the CPU with bfloat16 products where they are faster.

    Attention on a CPU is several times slower in bfloat16, so activations stay in float32 there.
    """
    if torch.cuda.is_available():
        return Hardware("cuda", torch.bfloat16, torch.bfloat16)
    products = torch.bfloat16 if _has_fast_bfloat16(torch.cpu.get_capabilities()) else torch.float32
    return Hardware("cpu", torch.float32, products)


def _has_fast_bfloat16(cpu: Mapping[str, Any]) -> bool:
    """Return whether matrix products in bfloat16 beat those in float32 on this CPU.

    AMX does, and so do AMD's AVX-512 BF16 units, twice as fast. Intel's AVX-512 BF16 starts half as many
    instructions a cycle as its float32 units, so that without AMX (which virtual machines may hide) a LoRA step takes
    1.5 times as long with it. By what the CPU is, not by a stopwatch: the precision decides what is sampled.
    """
    return bool(cpu.get("amx_bf16")) or (bool(cpu.get("avx512_bf16")) and "Intel" not in str(cpu.get("cpu_name")))


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` says that memory ran out, on the CPU or on a GPU."""
    text = str(error).lower()
    is_named = "out of memory" in text or "can't allocate memory" in text
    return isinstance(error, MemoryError) or is_named or getattr(error, "errno", None) == errno.ENOMEM


class MixedLinear(nn.Linear):
    """A linear layer whose product runs in a precision of its own, whatever that of its input and its weights."""

    products: torch.dtype

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  # the name torch gives it
        """Return the product in the precision of the input."""
        bias = None if self.bias is None else self.bias.to(self.products)
        return linear(input.to(self.products), self.weight.to(self.products), bias).to(input.dtype)


def set_product_precision(network: nn.Module, products: torch.dtype) -> None:
    """Make every plain linear layer of `network` compute its product in that precision, in place.

    Frozen weights are converted once; weights that are trained (LoRA's own) stay as they are, and so do embeddings:
    an output layer tied to one gets a copy.
    """
    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is nn.Linear and layer.weight.dtype != products:
                setattr(parent, name, _converted(layer, products))


def _converted(layer: nn.Linear, products: torch.dtype) -> MixedLinear:
    with torch.device("meta"):
        mixed = MixedLinear(layer.in_features, layer.out_features, bias=layer.bias is not None)
    mixed.products = products
    for name, value in layer.named_parameters():
        frozen = nn.Parameter(value.detach().to(products), requires_grad=False)
        setattr(mixed, name, value if value.requires_grad else frozen)
    return mixed
