"""How many floating-point operations a forward pass takes, whatever it is written with.

Matrix products and convolutions count as torch counts them, and decide for every ordinary network. A network that
writes them out as products and sums of elements is counted by those, of whole numbers and truth values too, and by the
largest tensor of whatever else computes (a normalisation multiplies, and its mean is a sum), so that nothing is cheaper
for being written differently. What is computed outside torch is not counted; numpy is refused, and so are operators
that are not torch's own and tensors that do the arithmetic themselves, which would hide it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, final

import torch
import torch.utils.dlpack
from torch._C import _dispatch_has_kernel_for_dispatch_key
from torch.nested._internal.nested_tensor import NestedTensor
from torch.utils import _python_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from archwright.evaluation.box.formulas import FORMULAS

_aten = torch.ops.aten
_REDUCTIONS = frozenset(
    {_aten.sum, _aten.mean, _aten.prod, _aten.cumsum, _aten.cumprod, _aten.amax, _aten.amin, _aten.logsumexp}
    | {_aten.linalg_vector_norm, _aten.var, _aten.std, _aten.max, _aten.min}
    | {_aten.mse_loss, _aten.smooth_l1_loss, _aten.huber_loss, _aten.binary_cross_entropy}
    | {_aten.avg_pool2d, _aten.avg_pool3d, _aten._adaptive_avg_pool2d, _aten._adaptive_avg_pool3d}
    | {_aten.bincount, _aten.segment_reduce}
)
_SUMS = dict.fromkeys(
    (
        *(_aten.index_add, _aten.index_add_, _aten.scatter_add, _aten.scatter_add_),
        *(_aten.index_reduce, _aten.index_reduce_, _aten.scatter_reduce, _aten.scatter_reduce_),
    ),
    3,
) | dict.fromkeys((_aten.index_put, _aten.index_put_, _aten._index_put_impl_), 2)
"""Into places that are looked up: each element of the argument with that number once."""
_DISTANCES = frozenset({_aten._cdist_forward, _aten._euclidean_dist})
_FUSED = frozenset({"addcmul", "addcdiv", "lerp"})
_NAMESPACES = frozenset({"aten", "prim", "prims", "profiler", "torchvision"})
"""Whose operators are written in C++ and known; `torch.library` makes others, and quantised ones need no training."""
_KINDS = frozenset({torch.Tensor, torch.nn.Parameter, NestedTensor})
"""Of tensors that leave their arithmetic to torch."""


@final
class CountedOperations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The operations counted while it is active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._products = self._on_elements = 0
        self.is_within = False
        """Whether it has entered itself once more."""

    @property
    def total(self) -> int:
        """Operations; a multiply-add counts as two."""
        return max(self._products, self._on_elements)

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        packet = func.overloadpacket
        if func.namespace not in _NAMESPACES or not _KINDS.issuperset(types):
            raise TypeError(
                f"forward calls {func} where its FLOPs are not counted; write it with torch's own functions"
            )
        if packet not in flop_registry and _is_composite(func):  # in inference mode they come here in one piece
            return self._in_parts(func, args, kwargs)
        result = func(*args, **kwargs)
        if packet in flop_registry:
            self._products += _cost(args) * flop_registry[packet](*args, **kwargs, out_val=result)
        elif packet in FORMULAS:
            self._products += _cost(args) * FORMULAS[packet](*args, **kwargs, out_val=result)
        if torch.Tag.pointwise in func.tags:
            self._on_elements += _elements(result) * (2 if _is_fused(packet, kwargs) else 1)
        elif packet.__name__.startswith("_foreach_"):
            self._on_elements += sum(map(_elements, args[0])) * (2 if _is_fused(packet, kwargs) else 1)
        elif packet in _SUMS:
            self._on_elements += _elements(args[_SUMS[packet]])
        elif packet in _REDUCTIONS:
            self._on_elements += _elements(args[0])
        elif packet in _DISTANCES:
            self._on_elements += 3 * _elements(result) * args[0].shape[-1]
        elif not func.is_view and packet not in flop_registry and packet not in FORMULAS:
            self._on_elements += _largest((*args, *kwargs.values(), result))
        return result

    def _in_parts(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        self.is_within = True
        try:
            with self:
                return func.decompose(*args, **kwargs)
        finally:
            self.is_within = False


@contextmanager
def counting() -> Iterator[CountedOperations]:
    """Count what the body computes, in which no tensor but a single number may go to numpy, where nothing is counted.

    Nor may they go there by DLPack, or the count be switched off by torch's own means. A determined program can still
    do arithmetic elsewhere.
    """
    with CountedOperations() as operations:

        def pop(*arguments: Any) -> Any:
            top = _top_mode()
            if isinstance(top, CountedOperations) and not top.is_within:
                raise RuntimeError("forward switches off the modes of torch that count its FLOPs; leave that out")
            return _pop(*arguments)

        _bind([*_LEAVING, pop])
        try:
            yield operations
        finally:
            _bind(_OWN)


_pop, _top_mode = _python_dispatch._pop_mode, _python_dispatch._get_current_dispatch_mode
"""Torch's own, bound before a candidate's module ran."""


def _watched(leave: Callable[..., Any]) -> Callable[..., Any]:
    """Return the way out of torch called `leave` for single numbers alone."""

    def leave_with_a_number(tensor: torch.Tensor, *arguments: Any, **named: Any) -> Any:
        if tensor.numel() > 1:
            raise TypeError("forward hands a tensor to numpy, where its FLOPs are not counted; write it with torch")
        return leave(tensor, *arguments, **named)

    return leave_with_a_number


_PLACES: Sequence[tuple[Any, str]] = (
    (torch.Tensor, "numpy"),
    (torch.Tensor, "__dlpack__"),
    (torch._C, "_to_dlpack"),
    (torch._C, "_to_dlpack_versioned"),
    (torch, "to_dlpack"),
    (torch.utils.dlpack, "to_dlpack"),
    (_python_dispatch, "_pop_mode"),
)
"""Where a program finds the ways out, and the one that ends a mode."""
_OWN = [getattr(owner, name) for owner, name in _PLACES]
_LEAVING = [_watched(leave) for leave in _OWN[:-1]]


def _bind(values: Sequence[object]) -> None:
    for (owner, name), value in zip(_PLACES, values, strict=True):
        setattr(owner, name, value)


@cache
def _is_composite(func: Any) -> bool:
    """Return whether an operator is written as others, which are what is counted."""
    return bool(_dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"))


def _is_fused(packet: Any, kwargs: Mapping[str, Any]) -> bool:
    """Return whether an operation on elements multiplies and adds: a product could be written with it."""
    return packet.__name__.removeprefix("_foreach_").rstrip("_") in _FUSED or kwargs.get("alpha", 1) != 1


def _elements(value: object) -> int:
    return value.numel() * _cost((value,)) if isinstance(value, torch.Tensor) else 0


def _largest(value: object) -> int:
    """Return the elements of the largest tensor in a value of an operator."""
    return max(map(_largest, value), default=0) if isinstance(value, list | tuple) else _elements(value)


def _cost(values: Sequence[object]) -> int:
    """Return how many real operations stand for one on `values`: a complex multiply-add is eight instead of two."""
    return 4 if any(isinstance(value, torch.Tensor) and value.is_complex() for value in values) else 1
