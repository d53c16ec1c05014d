"""What a gradient is taken of: the leaves of its graph, the values they have now, and the outputs it leads through.

A program can write classes of tensors, nodes and edges that tell another story than torch's engine sees. So all of them
are asked by torch's own means, and the engine is handed what was looked at.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import GradientEdge

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
_grad_fn: Any = torch._C.TensorBase.grad_fn
_Function: Any = torch._C._FunctionBase
_view_of_a_leaf: Any = torch.zeros(1, requires_grad=True).expand(1)
_Leaf: Any = type(_view_of_a_leaf.grad_fn.next_functions[0][0])
_dispatch_keys: Any = torch._C._dispatch_keys
_is_wrapped, _unwrapped = torch._C._functorch.is_functorch_wrapped_tensor, torch._C._functorch.get_unwrapped
without_functions, _without_dispatch = torch._C.DisableTorchFunction, torch._C._DisableTorchDispatch
_PYTHON = torch._C.DispatchKey.Python
"""Torch's own, bound before a candidate's module ran."""


_VIEWS = frozenset({"ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0"})
_PRODUCTS = frozenset({"MmBackward0", "AddmmBackward0"})
_TURN = "TBackward0"
_LOSS = "NllLoss2DBackward0"
"""Of outputs that have more dimensions than an image's classes."""


@dataclass(slots=True)
class Output:
    """Operations one after another that all have the shape of the network's output."""

    rows: int
    """Of how many images."""
    numbers: set[int]
    """Which operations these are."""
    is_turned: bool = False
    """Whether its classes come before its images, as in `weight @ images.t()`; a tensor like that can be another."""


class GradientGraph(NamedTuple):
    """What there is between a loss and the leaves that its gradient reaches."""

    leaves: tuple[torch.Tensor, ...]
    """But for images."""
    has_images: bool
    """Whether it reaches images as well."""
    outputs: list[Output]

    def values(self) -> tuple[tuple[int, object], ...]:
        """Return by leaf which tensor it is, and the fingerprint of its values; looks at every value."""
        return tuple((name, fingerprint(leaf)) for name, leaf in sorted((id(leaf), leaf) for leaf in self.leaves))


def as_roots(roots: Any) -> tuple[torch.Tensor | GradientEdge, ...]:
    """Return what the engine is to take a gradient of, as tensors and as edges that cannot change any more.

    Raises TypeError for what is neither.
    """
    return tuple(root if issubclass(type(root), _Tensor) else GradientEdge(*tuple.__iter__(root)) for root in roots)


def _node_of(root: torch.Tensor | GradientEdge) -> Any:
    with without_functions():
        return root.node if type(root) is GradientEdge else _grad_fn.__get__(root)


def _own(node: Any, name: str) -> Any:
    """Return an attribute of a node as torch has it: a class of the program's own may have another."""
    kind = type(node)
    return getattr(_Function if issubclass(kind, _Function) else kind, name).__get__(node)


def graph_of(roots: Any, is_image: Callable[[torch.Tensor], bool], output_shape: tuple[int, ...]) -> GradientGraph:
    """Return the graph of what `as_roots` returned, without a look at what it saved; O(nodes).

    What a linear layer makes of (N, patches, features) is no output, however many features it has.
    """
    leaves: dict[int, torch.Tensor] = {}
    has_images = False
    seen: dict[int, Output | None] = {}  # by identity: a node may say of itself that it is another
    tables: set[int] = set()
    alive: list[Any] = []
    waiting: list[tuple[Any, Output | None, bool]] = [
        (node, None, False) for node in map(_node_of, roots) if node is not None
    ]
    while waiting:
        node, above, is_of_patches = waiting.pop()
        name = id(node)
        if name in seen and (is_of_patches or name not in tables):
            if above is not None and seen[name] is not None:  # another loss of the same output
                above.rows = 0
            continue
        alive.append(node)
        inner = [inner for inner in _inner(node) if inner is not None and id(inner) not in seen]
        output = None
        if type(node) is not _Leaf:
            rows, is_turned = _rows_of(node, output_shape)
            if rows and is_of_patches:
                tables.add(name)
            elif rows:
                tables.discard(name)
                output = above or Output(rows, set(), is_turned)
                output.is_turned &= is_turned
                output.numbers.add(_own(node, "_sequence_nr")())
        elif is_image(leaf := node.variable):
            has_images = True
        else:
            leaves[id(leaf)] = leaf
        seen[name] = output
        is_weight = name in tables  # what a table is multiplied with, if it is turned
        waiting += [
            (each, output, (is_weight and _name(each) == _TURN) or _is_table(node, each, len(output_shape) + 1))
            for each in inner
        ]
    outputs = {id(output): output for output in seen.values() if output is not None}
    return GradientGraph(tuple(leaves.values()), has_images, list(outputs.values()))


def constants_of(roots: Any, parameters: Set[int]) -> set[object]:
    """Return the fingerprints of the numbers that a gradient of `roots` is computed with beside those of `parameters`:
    of all other leaves, and of what meets a weight and needs no gradient, images above all.
    """
    found: set[object] = set()
    seen: dict[int, Any] = {}
    waiting = [node for node in map(_node_of, roots) if node is not None]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        if type(node) is _Leaf:
            found |= set() if id(node.variable) in parameters else {fingerprint(node.variable)}
            continue
        inner = _inner(node)
        waiting += [each for each in inner if each is not None]
        if None in inner:
            saved = [_own(node, name) for name in dir(type(node)) if name.startswith("_saved_")]
            plain = [each for each in saved if isinstance(each, _Tensor) and not each.requires_grad]
            found.update(fingerprint(each) for each in plain if each.is_floating_point() and not _is_mask(node, each))
    return found


def _is_mask(node: Any, constant: torch.Tensor) -> bool:
    """Return whether `node` multiplies by two numbers alone, one for each element or channel, as dropout does, which
    draws them every time."""
    if _name(node) != "MulBackward0" or constant.numel() == 0:
        return False
    shape = tuple(_own(node, "_input_metadata")[0].shape)
    is_whole = constant.shape == shape
    is_of_channels = constant.shape[:2] == shape[:2] and set(constant.shape[2:]) == {1}
    is_of_two = (constant == constant.min()) | (constant == constant.max())
    return (is_whole or is_of_channels) and bool(is_of_two.all())


def _inner(node: Any) -> list[Any]:
    """Return what comes before a node, None in the place of a constant."""
    return [inner for inner, _ in _own(node, "next_functions")]


def _name(node: Any) -> str:
    return str(_own(node, "name")())


def _is_table(node: Any, inner: Any, dimensions: int) -> bool:
    """Return whether `inner` makes the table of patches that a linear layer multiplies or, multiplied, lays out again:
    `node` is what comes after it."""
    if _name(inner) in _PRODUCTS:
        return _name(node) in _VIEWS and _has_more_dimensions(node, dimensions)
    viewed = _inner(inner)[0] if _name(inner) in _VIEWS else None
    return viewed is not None and _name(node) in _PRODUCTS and _has_more_dimensions(viewed, dimensions)


def _has_more_dimensions(node: Any, dimensions: int) -> bool:
    shapes = (() if result.is_nested_tensor else result.shape for result in _own(node, "_input_metadata"))
    return any(len(shape) > dimensions for shape in shapes)


def _rows_of(node: Any, output_shape: tuple[int, ...]) -> tuple[int, bool]:
    """Return of how many images a node has computed the output, 0 where it computes something else, and how it lies."""
    if _name(node) == _LOSS and node._saved_self.shape[1:2] == output_shape:
        return _labels_in(node._saved_target), False
    for result in _own(node, "_input_metadata"):
        shape: tuple[int, ...] = () if result.is_nested_tensor else tuple(result.shape)
        if len(shape) == len(output_shape) + 1 and shape[1:] == output_shape:
            return shape[0], False
        sides = tuple(side for side in shape if side > 1)
        is_weight = any(type(inner) is _Leaf and tuple(inner.variable.shape) == shape for inner in _inner(node))
        if len(output_shape) == 1 and len(sides) == 2 and output_shape[0] in sides and not is_weight:
            return sides[0] if sides[1] == output_shape[0] else sides[1], True
    return 0, False


def _labels_in(target: torch.Tensor) -> int:
    """Return how many labels (N, ...) has, where one that is the same in all other places of an image counts once."""
    labels = unwrapped(target)
    is_one = bool((labels == labels[:, :1, :1]).all())
    return len(labels) if is_one else labels.numel()


def unwrapped(tensor: torch.Tensor) -> torch.Tensor:
    """Return what is within a tensor of torch.func: that has the memory."""
    while _is_wrapped(tensor):
        tensor = _unwrapped(tensor)
    return tensor


def fingerprint(tensor: torch.Tensor, places: tuple[torch.Tensor, ...] = ()) -> object:
    """Return what two tensors share only if all their values, or those at `places`, are the same, to the bit.

    A length would not do: beside one large value, changes of all others are lost in rounding. What has no bytes to look
    at, as a sparse tensor or one whose class answers every operation itself, is never the same.
    """
    try:
        with without_functions(), _without_dispatch():  # modes of the program see none of it
            plain = unwrapped(tensor)
            if _dispatch_keys(plain).has(_PYTHON):
                return object()
            values = _cpu(_detach(plain)[places])
            for resolve in _plain:
                values = resolve(values)
            data = _numpy(_view(_reshape(_contiguous(values), (-1,)), torch.uint8))
        return blake2b(data.tobytes(), digest_size=16).digest()
    except (RuntimeError, TypeError):
        return object()
