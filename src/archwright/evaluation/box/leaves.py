"""What a gradient is taken of: the leaves of its graph, and the values they have now."""

from hashlib import blake2b
from typing import Any, NamedTuple

import torch
from torch.nn import Parameter

_Tensor = torch.Tensor
_detach, _cpu, _contiguous, _reshape, _view = (
    _Tensor.detach,
    _Tensor.cpu,
    _Tensor.contiguous,
    _Tensor.reshape,
    _Tensor.view,
)
_plain = _Tensor.resolve_conj, _Tensor.resolve_neg
_numpy = _Tensor.numpy
_is_wrapped, _unwrapped = torch._C._functorch.is_functorch_wrapped_tensor, torch._C._functorch.get_unwrapped
"""Torch's own, bound before a candidate's module ran."""


class Leaves(NamedTuple):
    """The leaves that a gradient reaches."""

    values: tuple[tuple[int, object], ...]
    """By leaf but for images: which tensor it is, and the fingerprint of its values."""
    has_images: bool
    """Whether it reaches tensors of the shape of images that are no parameters."""


def leaves_of(roots: Any, image_shape: tuple[int, ...]) -> Leaves:
    """Return the leaves that a gradient of the tensors `roots` reaches; O(nodes) and a look at every value."""
    found: dict[int, torch.Tensor] = {}
    has_images = False
    seen: set[object] = set()
    waiting = [root.grad_fn for root in roots if isinstance(root, torch.Tensor)]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if isinstance(leaf, torch.Tensor):
            if isinstance(leaf, Parameter) or leaf.shape[1:] != image_shape:
                found[id(leaf)] = leaf
            else:
                has_images = True
        waiting += [inner for inner, _ in node.next_functions]
    return Leaves(tuple((name, fingerprint(leaf)) for name, leaf in sorted(found.items())), has_images)


def unwrapped(tensor: torch.Tensor) -> torch.Tensor:
    """Return what is within a tensor of torch.func: that has the memory."""
    while _is_wrapped(tensor):
        tensor = _unwrapped(tensor)
    return tensor


def fingerprint(tensor: torch.Tensor) -> object:
    """Return what two tensors share only if all their values are the same, to the bit.

    A length would not do: beside one large value, changes of all others are lost in rounding. What has no bytes to look
    at, as a sparse tensor, is never the same.
    """
    try:
        with torch._C.DisableTorchFunctionSubclass():
            values = _cpu(_detach(unwrapped(tensor)))
            for resolve in _plain:
                values = resolve(values)
            data = _numpy(_view(_reshape(_contiguous(values), (-1,)), torch.uint8))
        return blake2b(data.tobytes(), digest_size=16).digest()
    except (RuntimeError, TypeError):
        return object()
