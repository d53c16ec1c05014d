"""How many floating-point operations a forward pass takes, whatever it is written with.

Matrix products and convolutions count as torch counts them, and decide for every ordinary network. A network that
writes them out as products and sums of elements is counted by those, so that nothing is cheaper for being written
differently.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

_aten = torch.ops.aten
_REDUCTIONS = frozenset(
    {_aten.sum, _aten.mean, _aten.prod, _aten.cumsum, _aten.cumprod, _aten.amax, _aten.amin, _aten.logsumexp}
    | {_aten.linalg_vector_norm, _aten.var, _aten.std, _aten.max, _aten.min}
)
_DISTANCES = frozenset({_aten._cdist_forward, _aten._euclidean_dist})


@final
class Operations:
    """The operations counted so far."""

    def __init__(self) -> None:
        self._products = FlopCounterMode(display=False)
        self._elements = _Elements()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what runs meanwhile."""
        with self._products, self._elements:
            yield

    @property
    def total(self) -> int:
        """Operations; a multiply-add counts as two."""
        return max(self._products.get_total_flops(), self._elements.total)


@final
class _Elements(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts operations on single elements."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        if torch.Tag.pointwise in func.tags:
            self.total += _elements(result)
        elif packet in _REDUCTIONS:
            self.total += _elements(args[0])
        elif packet in _DISTANCES:
            self.total += 3 * _elements(result) * args[0].shape[-1]
        return result


def _elements(value: object) -> int:
    return math.prod(value.shape) if isinstance(value, torch.Tensor) and value.is_floating_point() else 0
