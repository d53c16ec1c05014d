"""What a network is, in a few plain words made from the graph of its forward pass (appendix G.3 of the paper)."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from archwright.analysis.text import count
from archwright.programs.graph import INPUT, Graph, TracedOperation
from archwright.programs.motifs import count_motifs

ACTIVATIONS = frozenset(
    {"relu", "relu6", "gelu", "silu", "sigmoid", "tanh", "leaky_relu", "elu", "hardswish", "hardtanh", "mish", "prelu"}
    | {"hardsigmoid", "softplus", "selu", "celu", "softmax", "log_softmax"}
)
NORMALISATIONS = {"batch_norm": "batch", "layer_norm": "layer", "group_norm": "group", "rms_norm": "root-mean-square"}
LINEAR = ("addmm", "mm", "linear")
MOTIF_WORDS = {
    "residual": "residual sum",
    "depthwise": "depthwise convolution",
    "attention": "attention",
    "squeeze_excite": "squeeze-and-excite gate",
    "inception": "concatenation of parallel branches",
}


def describe_graph(graph: Graph, params: int | None) -> str:
    """Return two or three sentences on a network with `params` parameters."""
    operations = graph.operations
    convolutions = [each for each in operations if each.kind == "convolution"]
    linear = sum(each.kind in LINEAR for each in operations)
    layers = [_some(len(convolutions), "convolution"), _some(linear, "linear layer")]
    first, last = operations[0].shape, operations[-1].shape
    sentences = [
        f"{' and '.join(layer for layer in layers if layer) or 'No weighted layer'} between an image of "
        f"{_size(first[1:])} and {_size(last[1:])} outputs, {count(params)} parameters."
    ]
    if convolutions:
        widths = [str(width) for width, _ in groupby(each.shape[1] for each in convolutions if len(each.shape) > 1)]
        sides = [str(side) for side, _ in groupby(each.shape[-1] for each in (operations[0], *convolutions))]
        sentences.append(f"Channels go {_steps(widths)}, the side of the image {_steps(sides)}.")
    kinds = Counter(each.kind for each in operations)
    parts = [_some(getattr(count_motifs(graph), name), words) for name, words in MOTIF_WORDS.items()]
    parts += [f"{NORMALISATIONS[kind]} normalisation" for kind in NORMALISATIONS if kinds[kind]]
    parts += [kind.replace("_", " ") for kind in sorted(ACTIVATIONS & kinds.keys())]
    if found := [part for part in parts if part]:
        sentences.append(f"It has {', '.join(found)}.")
    return " ".join(sentences)


def box_title(each: TracedOperation, operations: Sequence[TracedOperation]) -> str:
    """Return what a drawing calls an operation: `conv 3x3, 64, /2`."""
    if each.kind == INPUT:
        return "image"
    if each.kind == "convolution" and each.weights:
        weight = each.weights[0]
        parts = [f"conv {_size(weight[2:])}", str(weight[0])]
        image = operations[each.inputs[0]].shape if each.inputs else ()
        if len(weight) > 2 and len(image) > 1 and weight[1] != image[1]:
            parts.append("depthwise" if weight[1] == 1 else f"{image[1] // max(1, weight[1])} groups")
        if len(image) > 2 and each.shape[-1] and image[-1] > each.shape[-1]:
            parts.append(f"/{round(image[-1] / each.shape[-1])}")
        return ", ".join(parts)
    if each.kind in LINEAR:
        return f"linear, {each.shape[-1]}" if each.shape else "linear"
    return each.kind.replace("_", " ")


def _some(number: int, noun: str) -> str:
    return "" if number == 0 else f"{count(number)} {noun}{'s' if number > 1 else ''}"


def _size(sides: Sequence[int]) -> str:
    return "×".join(map(str, sides)) or "1"


def _steps(values: Sequence[str], most: int = 12) -> str:
    shown = [*values[: most - 1], "…", values[-1]] if len(values) > most else values
    return " → ".join(shown)
