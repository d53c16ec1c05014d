"""The computational graph of a network, from the trace of its forward pass, and its fingerprint.

Two programs have one graph when they do the same to an image: names, order of definition, layers that are never
called, modules against functions, loops against their unrolling change nothing; every operation, argument, shape and
connection does. What only trains (dropout) is not in it, since the trace is of evaluation. Not seen through: the order
of a concatenation, `x.view` against `flatten` of another shape on the way, algebra.

Fingerprint and features are labels as in Weisfeiler and Lehman (Shervashidze et al. 2011), along the direction of data.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

INPUT, PARAMETER, CONSTANT, ITEM = "input", "parameter", "constant", "item"
LEAVES = (INPUT, PARAMETER, CONSTANT)
MOST_TRACED = 2_000
"""Operations of a trace; a network with more has no graph."""
LONGEST = 200_000
"""Characters of a graph as text; a longer one is none."""
LONGEST_TEXT = 200
LARGEST_SIDE = 2**40
ROUNDS = 3
"""Of the labels that are compared: what is three steps away still counts."""
SAME = frozenset({"clone", "detach", "alias", "lift_fresh", "to_copy", "contiguous", "positive", "dropout"})
"""Operations that leave their input as it is."""
RESHAPING = frozenset({"view", "expand", "reshape", "unsqueeze", "squeeze"})
UNORDERED = frozenset({"add", "mul", "maximum", "minimum"})
"""Operations whose inputs may be exchanged."""


@dataclass(frozen=True, slots=True)
class TracedOperation:
    """One step of the forward pass."""

    kind: str
    """torch's name without what only says how: `relu` for `relu_`, `batch_norm` for `native_batch_norm`."""
    shape: tuple[int, ...]
    """Of the output, for one image."""
    inputs: tuple[int, ...]
    """Places of the operations it reads, all before it; weights only where several read the same."""
    weights: tuple[tuple[int, ...], ...] = ()
    """Shapes of parameters and constants that only this operation reads."""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Operations in an order in which they can run; the last is the output."""

    operations: tuple[TracedOperation, ...]

    def as_json(self) -> str:
        """Return the graph as text, without blanks."""
        return json.dumps([astuple(operation) for operation in self.operations], separators=(",", ":"))


def graph_of_json(text: str) -> Graph | None:
    """Return the graph that `as_json` wrote; None where the text is none."""
    try:
        if len(text) > LONGEST:
            return None
        rows = json.loads(text)
        operations = tuple(
            TracedOperation(
                str(kind), tuple(map(int, shape)), tuple(map(int, inputs)), _shapes(weights), str(arguments)
            )
            for kind, shape, inputs, weights, arguments in rows
        )
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    is_ordered = all(0 <= place < number for number, each in enumerate(operations) for place in each.inputs)
    return Graph(operations) if operations and is_ordered else None


def _shapes(values: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(int, shape)) for shape in values)


def hear_graph(messages: Iterable[Mapping[str, object]]) -> Graph | None:
    """Return the graph that a box told of; None unless it makes sense."""
    found: list[TracedOperation] = []
    for message in messages:
        words = message.get("graph")
        if words is None:
            continue
        if not isinstance(words, list) or len(found) + len(words) > MOST_TRACED:
            return None
        for each in words:
            operation = _heard(each, len(found))
            if operation is None:
                return None
            found.append(operation)
        if "output" in message:
            output = message["output"]
            graph = simplified(found, output) if type(output) is int and 0 <= output < len(found) else None
            return graph if graph is not None and len(graph.as_json()) <= LONGEST else None
    return None


def _heard(words: object, number: int) -> TracedOperation | None:
    """Return the operation that a box describes as `words`, the `number`-th."""
    if not isinstance(words, list) or len(words) != 4:
        return None
    kind, shape, reads, arguments = words
    is_text = all(
        isinstance(text, str) and len(text) <= LONGEST_TEXT and text.isprintable() for text in (kind, arguments)
    )
    is_shape = (
        isinstance(shape, list) and len(shape) <= 16 and all(type(n) is int and 0 <= n < LARGEST_SIDE for n in shape)
    )
    is_reading = (
        isinstance(reads, list) and len(reads) <= 1_000 and all(type(n) is int and 0 <= n < number for n in reads)
    )
    return (
        TracedOperation(kind, tuple(shape), tuple(reads), (), arguments)
        if is_text and is_shape and is_reading
        else None
    )


def simplified(traced: Sequence[TracedOperation], output: int) -> Graph:
    """Return what leads to operation number `output`, without steps that change nothing and with weights folded in."""
    traced, same_as = [_named(each) for each in traced], list(range(len(traced)))
    depends = [each.kind == INPUT for each in traced]  # on the image
    for number, each in enumerate(traced):
        inputs = tuple(same_as[place] for place in each.inputs)
        depends[number] = depends[number] or any(depends[place] for place in inputs)
        if each.kind in RESHAPING and inputs and traced[inputs[0]].kind in RESHAPING and depends[inputs[0]]:
            inputs = traced[inputs[0]].inputs  # a reshape of a reshape is one
        is_same_shape = bool(inputs) and traced[inputs[0]].shape == each.shape
        if (each.kind in SAME and inputs) or (each.kind in RESHAPING and is_same_shape and depends[inputs[0]]):
            same_as[number] = inputs[0]
        traced[number] = TracedOperation(each.kind, each.shape, inputs, (), each.arguments)
    live = _ancestors(traced, same_as[output])
    readers = Counter(place for number in live for place in traced[number].inputs)
    folded: dict[int, tuple[tuple[int, ...], ...]] = {}
    place_of: dict[int, int] = {}
    kept: list[TracedOperation] = []
    for number in sorted(live):
        each = traced[number]
        is_private = readers[number] <= 1 or each.kind not in LEAVES
        if not depends[number] and is_private and all(place in folded for place in each.inputs):
            folded[number] = (each.shape, *(shape for place in each.inputs for shape in folded[place]))
            continue
        weights = tuple(shape for place in each.inputs if place in folded for shape in folded[place][-1:])
        inputs = tuple(place_of[place] for place in each.inputs if place in place_of)
        place_of[number] = len(kept)
        kept.append(TracedOperation(each.kind, each.shape, inputs, weights, each.arguments))
    return Graph(tuple(kept))


def _named(operation: TracedOperation) -> TracedOperation:
    kind = operation.kind.strip("_")
    for prefix in ("native_", "unsafe_", "safe_", "cudnn_", "mkldnn_"):
        kind = kind.removeprefix(prefix)
    kind = kind.removesuffix("_with_indices")
    arguments = "" if kind in RESHAPING else operation.arguments  # the output's shape says all of it
    return TracedOperation(kind, operation.shape, operation.inputs, (), arguments)


def _ancestors(operations: Sequence[TracedOperation], last: int) -> set[int]:
    found, waiting = {last}, [last]
    while waiting:
        for place in operations[waiting.pop()].inputs:
            if place not in found:
                found.add(place)
                waiting.append(place)
    return found


def fingerprint(graph: Graph) -> str:
    """Return 64 hexadecimal digits, equal for equal graphs in whatever order they were traced.

    Labels are carried from the input to the output and back, after which each knows of everything that it depends on
    and that depends on it.
    """
    forward: list[str] = []
    for each in graph.operations:
        forward.append(_hash(_own(each), *_gathered(each, [forward[place] for place in each.inputs])))
    readers = _readers(graph)
    both: dict[int, str] = {}
    for number in range(len(graph.operations) - 1, -1, -1):
        both[number] = _hash(forward[number], *sorted(f"{both[reader]} {place}" for reader, place in readers[number]))
    return hashlib.sha256(" ".join(sorted(both.values())).encode()).hexdigest()


def features(graph: Graph) -> npt.NDArray[np.uint64]:
    """Return the labels of rounds 0 to 3 as sorted distinct hashes: what two graphs have in common, they share.

    A label that occurs n times is in it n times, as different hashes, so that depth counts.
    """
    labels, readers = [_hash(_own(each)) for each in graph.operations], _readers(graph)
    found = Counter(labels)
    for _ in range(ROUNDS):
        labels = [
            _hash(
                labels[number],
                *_gathered(each, [labels[place] for place in each.inputs]),
                "|",
                *sorted(f"{labels[reader]} {place}" for reader, place in readers[number]),
            )
            for number, each in enumerate(graph.operations)
        ]
        found.update(labels)
    hashes = {int(_hash(label, str(time)), 16) for label, times in found.items() for time in range(times)}
    return np.array(sorted(hashes), np.uint64)


def _own(operation: TracedOperation) -> str:
    return json.dumps([operation.kind, operation.shape, operation.weights, operation.arguments])


def _gathered(operation: TracedOperation, labels: list[str]) -> list[str]:
    return sorted(labels) if operation.kind in UNORDERED else labels


def _readers(graph: Graph) -> list[list[tuple[int, int]]]:
    """Return for every operation who reads it, and as which input; 0 where inputs may be exchanged."""
    readers: list[list[tuple[int, int]]] = [[] for _ in graph.operations]
    for number, each in enumerate(graph.operations):
        for position, place in enumerate(each.inputs):
            readers[place].append((number, 0 if each.kind in UNORDERED else position))
    return readers


def _hash(*parts: str) -> str:
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=8).hexdigest()
