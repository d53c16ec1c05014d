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
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, final

import torch
import torch.utils.dlpack
from torch._C import _dispatch_has_kernel_for_dispatch_key
from torch.nested._internal.nested_tensor import NestedTensor
from torch.utils import _python_dispatch, flop_counter
from torch.utils._python_dispatch import TorchDispatchMode

from archwright.evaluation.box.formulas import FORMULAS

_aten = torch.ops.aten
_push, _pop = torch._C._push_on_torch_dispatch_stack, torch._C._pop_torch_dispatch_stack
_POINTWISE, _numel = torch.Tag.pointwise, torch.Tensor.numel
_ASKED = ("numel", "shape", "size", "dim", "ndim", "layout", "is_nested", "is_complex")
"""What tensors are asked here, which torch.Tensor has from its base; whoever gives it another answers in its place."""
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
_nested: Callable[..., Any] = NestedTensor.__torch_dispatch__
_KINDS = frozenset({torch.Tensor, torch.nn.Parameter, NestedTensor})
"""Of tensors that leave their arithmetic to torch."""


def _own_registry() -> Mapping[Any, Callable[..., int]]:
    """Return torch's formulas from a copy of their module, which no program can change."""
    spec = spec_from_file_location(f"{flop_counter.__name__}_of_ours", flop_counter.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    registry: Mapping[Any, Callable[..., int]] = module.flop_registry
    return registry


_REGISTRY = _own_registry()


@final
class CountedOperations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The operations counted while it is active."""

    def __init__(self) -> None:  # nothing is asked of the base class, which a program can change
        self._products = self._on_elements = 0

    def __enter__(self) -> "CountedOperations":
        _push(self)
        return self

    def __exit__(self, *_: object) -> None:
        _pop(None)

    @property
    def total(self) -> int:
        """Operations; a multiply-add counts as two."""
        return max(self._products, self._on_elements)

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        packet = func.overloadpacket
        if any(name in vars(torch.Tensor) for name in _ASKED):
            raise TypeError("forward replaces what torch.Tensor says of its size; leave torch as it is")
        if func.namespace not in _NAMESPACES or not _KINDS.issuperset(types):
            raise TypeError(
                f"forward calls {func} where its FLOPs are not counted; write it with torch's own functions"
            )
        if packet not in _REGISTRY and _is_composite(func) and not _has_nested_kernel(packet, args):
            return self._in_parts(func, types, args, kwargs)  # in inference mode they come here in one piece
        result = func(*args, **kwargs)
        if packet in _REGISTRY:
            self._products += _cost(args) * _REGISTRY[packet](*args, **kwargs, out_val=result)
        elif packet in FORMULAS:
            self._products += _cost(args) * FORMULAS[packet](*args, **kwargs, out_val=result)
        if _POINTWISE in func.tags:
            self._on_elements += _elements(result) * (2 if _is_fused(packet, kwargs) else 1)
        elif packet.__name__.startswith(("_foreach_", "_fused_")) and isinstance(args[0], list | tuple):
            self._on_elements += sum(map(_elements, args[0])) * (2 if _is_fused(packet, kwargs) else 1)
        elif packet in _SUMS:
            self._on_elements += _elements(args[_SUMS[packet]])
        elif packet in _REDUCTIONS:
            self._on_elements += _elements(args[0])
        elif packet in _DISTANCES:
            self._on_elements += 3 * _elements(result) * args[0].shape[-1]
        elif not func.is_view and packet not in _REGISTRY and packet not in FORMULAS:
            self._on_elements += _largest((*args, *kwargs.values(), result))
        return result

    def _in_parts(self, func: Any, types: Sequence[type], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        with self:
            if NestedTensor in types:  # which has its own parts
                return _nested(func, types, args, kwargs)
            return func.decompose(*args, **kwargs)


@contextmanager
def counting() -> Iterator[CountedOperations]:
    """Count what the body computes, in which no tensor but a single number may go to numpy, where nothing is counted.

    Nor may they go there by DLPack, or the count be switched off by torch's own means. A determined program can still
    do arithmetic elsewhere.
    """
    watch_ways_out()
    with CountedOperations() as operations:
        _counts.append(operations)
        try:
            yield operations
        finally:
            _counts.pop()


_counts: list[CountedOperations] = []
"""Under way."""
_PLACES: Sequence[tuple[Any, str]] = (
    (torch.Tensor, "numpy"),
    (torch.Tensor, "__dlpack__"),
    (torch._C, "_to_dlpack"),
    (torch._C, "_to_dlpack_versioned"),
    (torch, "to_dlpack"),
    (torch.utils.dlpack, "to_dlpack"),
)
"""Where a program finds the ways out of torch."""


@cache
def watch_ways_out() -> None:
    """Put what looks whether operations are counted in the place of the ways out, before a program can keep them."""
    for owner, name in _PLACES:
        setattr(owner, name, _watched(getattr(owner, name)))
    pop_mode, top_mode = _python_dispatch._pop_mode, _python_dispatch._get_current_dispatch_mode

    def pop(*arguments: Any) -> Any:
        if _counts and top_mode() is _counts[-1]:
            raise RuntimeError("forward switches off the modes of torch that count its FLOPs; leave that out")
        return pop_mode(*arguments)

    setattr(_python_dispatch, "_pop_mode", pop)  # noqa: B010 - not for torch's types to know


def _watched(leave: Callable[..., Any]) -> Callable[..., Any]:
    """Return the way out of torch called `leave`; for single numbers alone while operations are counted."""

    def leave_with_a_number(tensor: torch.Tensor, *arguments: Any, **named: Any) -> Any:
        if _counts and _numel(tensor) > 1:
            raise TypeError("forward hands a tensor to numpy, where its FLOPs are not counted; write it with torch")
        return leave(tensor, *arguments, **named)

    return leave_with_a_number


@cache
def _is_composite(func: Any) -> bool:
    """Return whether an operator is written as others, which are what is counted."""
    return bool(_dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"))


def _has_nested_kernel(packet: Any, args: Sequence[Any]) -> bool:
    """Return whether a composite operator of nested tensors is computed in one piece, which has a formula."""
    nested = (each for each in args if isinstance(each, torch.Tensor) and each.is_nested)
    return packet in FORMULAS and any(each.layout is torch.strided for each in nested)


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
