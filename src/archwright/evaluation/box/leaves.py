"""What a gradient is taken of: the leaves of its graph, and the length of the values they have now."""

from typing import Any

import torch
from torch.nn import Parameter

Values = tuple[tuple[int, float], ...]
"""By leaf: which tensor it is, and the length of its values as a vector."""
_detach, _norm, _item = torch.Tensor.detach, torch.linalg.vector_norm, torch.Tensor.item
"""Torch's own, bound before a candidate's module ran."""


def values_of_leaves(roots: Any, image_shape: tuple[int, ...]) -> Values:
    """Return the values of all leaves a gradient of the tensors `roots` reaches, but for images; O(nodes) and a look
    at every value."""
    found: dict[int, torch.Tensor] = {}
    seen: set[object] = set()
    waiting = [root.grad_fn for root in roots if isinstance(root, torch.Tensor)]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if isinstance(leaf, torch.Tensor) and (isinstance(leaf, Parameter) or leaf.shape[1:] != image_shape):
            found[id(leaf)] = leaf
        waiting += [inner for inner, _ in node.next_functions]
    with torch._C.DisableTorchFunctionSubclass():
        return tuple((name, _length(leaf)) for name, leaf in sorted(found.items()))


def _length(leaf: torch.Tensor) -> float:
    values = _detach(leaf)
    return float(_item(_norm(values, dtype=torch.complex128 if values.is_complex() else torch.float64)))
