"""Motifs that people know, counted in a graph: a rough description of a network, not a proof of anything."""

from dataclasses import dataclass, fields
from math import prod

from archwright.programs.graph import Graph, TracedOperation

PRODUCTS = ("bmm", "matmul", "mm", "baddbmm")
GLOBAL_POOLS = ("mean", "adaptive_avg_pool2d", "amax", "adaptive_max_pool2d")
WEIGHTED = ("convolution", "addmm", "linear", *PRODUCTS)
ATTENTION = "scaled_dot_product"


@dataclass(frozen=True, slots=True)
class Motifs:
    """How often each occurs."""

    residual: int = 0
    """Sums of a value and what became of it, a shortcut of one convolution allowed."""
    depthwise: int = 0
    """Convolutions of every channel on its own."""
    attention: int = 0
    """Products weighted by a softmax over positions."""
    squeeze_excite: int = 0
    """Images multiplied by one number a channel, that follows from a global pool."""
    inception: int = 0
    """Concatenations of three or more parallel branches."""

    def plus(self, other: "Motifs") -> "Motifs":
        """Return the sums."""
        names = [field.name for field in fields(self)]
        return Motifs(**{name: getattr(self, name) + getattr(other, name) for name in names})


def count_motifs(graph: Graph) -> Motifs:
    """Return the motifs of `graph`."""
    operations = graph.operations
    above: list[int] = []
    """By operation, a bit for itself and everything it depends on."""
    for number, each in enumerate(operations):
        mask = 1 << number
        for place in each.inputs:
            mask |= above[place]
        above.append(mask)
    return Motifs(
        residual=sum(_is_residual(each, operations, above) for each in operations),
        depthwise=sum(_is_depthwise(each, operations) for each in operations),
        attention=sum(_is_attention(each, operations) for each in operations),
        squeeze_excite=sum(_is_squeeze_excite(each, operations, above) for each in operations),
        inception=sum(_is_inception(each, above) for each in operations),
    )


def _is_residual(each: TracedOperation, operations: tuple[TracedOperation, ...], above: list[int]) -> bool:
    if each.kind != "add" or len(each.inputs) != 2:
        return False
    first, second = each.inputs
    only_first, only_second = above[first] & ~above[second], above[second] & ~above[first]
    weighted = sorted(_count(mask, operations, WEIGHTED) for mask in (only_first, only_second))
    return weighted[0] <= 1 and weighted[1] > weighted[0]


def _is_depthwise(each: TracedOperation, operations: tuple[TracedOperation, ...]) -> bool:
    if each.kind != "convolution" or not each.inputs or not each.weights:
        return False
    shape, weight = operations[each.inputs[0]].shape, each.weights[0]
    return len(weight) > 2 and weight[1] == 1 and len(shape) > 1 and shape[1] > 1


def _is_attention(each: TracedOperation, operations: tuple[TracedOperation, ...]) -> bool:
    if each.kind.startswith(ATTENTION):
        return True
    if each.kind not in PRODUCTS or len(each.inputs) < 2:
        return False
    weights = operations[each.inputs[0]]
    while weights.kind in ("view", "expand") and weights.inputs:
        weights = operations[weights.inputs[0]]
    return weights.kind == "softmax"


def _is_squeeze_excite(each: TracedOperation, operations: tuple[TracedOperation, ...], above: list[int]) -> bool:
    if each.kind != "mul" or len(each.inputs) != 2:
        return False
    gate, image = sorted(each.inputs, key=lambda place: prod(operations[place].shape))
    narrow, wide = operations[gate].shape, operations[image].shape
    is_gate = len(wide) == 4 and len(narrow) == 4 and narrow[:2] == wide[:2] and narrow[2:] == (1, 1) != wide[2:]
    return is_gate and _count(above[gate], operations, GLOBAL_POOLS) > 0


def _is_inception(each: TracedOperation, above: list[int]) -> bool:
    if each.kind != "cat" or len(set(each.inputs)) < 3:
        return False
    return not any(above[one] >> other & 1 for one in each.inputs for other in each.inputs if one != other)


def _count(mask: int, operations: tuple[TracedOperation, ...], kinds: tuple[str, ...]) -> int:
    return sum(mask >> number & 1 for number, each in enumerate(operations) if each.kind in kinds)
