"""A network's graph as inline SVG, drawn from the trace of its forward pass: image at the top, outputs at the bottom.

What follows a layer without a branch (normalisation, activation, a reshape) stands in the layer's box. Every text is a
name of torch's or a number of a traced graph, and escaped all the same: it came from a box.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from archwright.analysis.wording import ACTIVATIONS, NORMALISATIONS, box_title
from archwright.programs.graph import INPUT, Graph

QUIET = ACTIVATIONS | NORMALISATIONS.keys() | {"view", "expand", "permute", "transpose", "t", "squeeze", "unsqueeze"}
"""Operations that stand in the box of what they follow."""
MOST_BOXES = 150
WIDTH, ROW, BOX, GAP = 560, 52, 34, 14
"""Pixels: the drawing's width, a row's height, a box's height, between boxes."""
WIDEST_BOX = 190
SHORTCUTS = 90
"""Pixels beside the boxes where shortcuts run."""
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Box:
    """A layer and what stands with it."""

    title: str
    with_it: tuple[str, ...]
    shape: tuple[int, ...]
    inputs: tuple[int, ...]
    """Numbers of the boxes it reads, all before it."""
    depth: int
    """Row, from 0: one below the deepest box that it reads."""


def draw_graph(graph: Graph, label: str) -> str:
    """Return an SVG of `graph`, named `label` for screen readers; nothing where it is too large to be looked at."""
    boxes = boxes_of(graph)
    if len(boxes) > MOST_BOXES:
        return ""
    places = _places(boxes)
    height = ROW * (max(box.depth for box in boxes) + 1)
    reach = max(abs(middle - WIDTH / 2) + width / 2 for middle, _, width in places.values())
    # Each box with every box that it reads, once.
    pairs = [(source, number) for number, box in enumerate(boxes) for source in sorted({*box.inputs})]
    has_shortcuts = any(boxes[number].depth - boxes[source].depth > 1 for source, number in pairs)
    left = max(0.0, WIDTH / 2 - reach - (SHORTCUTS if has_shortcuts else GAP))
    width = WIDTH - 2 * left
    edges = [_edge(boxes, places, source, number) for source, number in pairs]
    shapes = [_drawn(box, *places[number]) for number, box in enumerate(boxes)]
    return (
        f'<svg style="max-width:{1.1 * width:.0f}px" viewBox="{left:.0f} 0 {width:.0f} {height}" role="img" '
        f'aria-label="{escape(label)}">'
        f"<title>{escape(label)}</title>{''.join(edges)}{''.join(shapes)}</svg>"
    )


def boxes_of(graph: Graph) -> list[Box]:
    """Return the boxes of a drawing in an order in which they can run."""
    operations = graph.operations
    readers = Counter(place for each in operations for place in set(each.inputs))
    box_of: dict[int, int] = {}
    boxes: list[Box] = []
    for number, each in enumerate(operations):
        if each.kind in QUIET and len(each.inputs) == 1 and readers[each.inputs[0]] == 1:
            box_of[number] = box_of[each.inputs[0]]
            old = boxes[box_of[number]]
            with_it = (*old.with_it, each.kind.replace("_", " "))
            boxes[box_of[number]] = replace(old, with_it=with_it, shape=each.shape)
            continue
        inputs = tuple(box_of[place] for place in each.inputs)
        depth = 0 if each.kind == INPUT else 1 + max((boxes[place].depth for place in inputs), default=-1)
        box_of[number] = len(boxes)
        boxes.append(Box(box_title(each, operations), (), each.shape, inputs, depth))
    return boxes


def _places(boxes: Sequence[Box]) -> Mapping[int, tuple[float, float, float]]:
    """Return middle, top and width of every box, each row in the order of what its boxes read."""
    rows: dict[int, list[int]] = {}
    for number, box in enumerate(boxes):
        rows.setdefault(box.depth, []).append(number)
    places: dict[int, tuple[float, float, float]] = {}
    for depth, row in sorted(rows.items()):
        row.sort(key=lambda number: sum(places[i][0] for i in boxes[number].inputs) / max(1, len(boxes[number].inputs)))
        room = WIDTH / len(row)
        width = min(WIDEST_BOX, room - GAP)
        for column, number in enumerate(row):
            middle = WIDTH / 2 + (column - (len(row) - 1) / 2) * min(room, WIDEST_BOX + 2 * GAP)
            places[number] = (middle, depth * ROW + (ROW - BOX) / 2, width)
    return places


def _edge(boxes: Sequence[Box], places: Mapping[int, tuple[float, float, float]], source: int, target: int) -> str:
    (x1, top1, width1), (x2, top2, width2) = places[source], places[target]
    y1, y2 = top1 + BOX, top2
    if boxes[target].depth - boxes[source].depth <= 1:
        return f'<path class="edge" d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}"/>'
    # A shortcut goes around what lies between.
    side = max(x1 + width1 / 2, x2 + width2 / 2)
    away = min(WIDTH - 2, side + min(SHORTCUTS, 18 + 5 * (boxes[target].depth - boxes[source].depth)))
    y1, y2 = top1 + BOX / 2, top2 + BOX / 2
    return (
        f'<path class="edge" d="M{x1 + width1 / 2:.0f} {y1:.0f}C{away:.0f} {y1:.0f} {away:.0f} {y2:.0f} '
        f'{x2 + width2 / 2:.0f} {y2:.0f}"/>'
    )


def _drawn(box: Box, middle: float, top: float, width: float) -> str:
    shape = "×".join(map(str, box.shape[1:]))
    below = ", ".join((*box.with_it, shape) if shape else box.with_it)
    letters = int(width / 5.6)
    whole = f"{box.title}; {below}"
    return (
        f'<g><title>{escape(whole[:400])}</title><rect class="layer" x="{middle - width / 2:.0f}" y="{top:.0f}" '
        f'width="{width:.0f}" height="{BOX}" rx="5"/>'
        f'<text class="name" x="{middle:.0f}" y="{top + 14:.0f}" text-anchor="middle">{_cut(box.title, letters)}</text>'
        f'<text x="{middle:.0f}" y="{top + 27:.0f}" text-anchor="middle">{_cut(below, letters)}</text></g>'
    )


def _cut(text: str, letters: int) -> str:
    letters = max(1, min(letters, LONGEST_TITLE))
    return escape(text if len(text) <= letters else f"{text[: letters - 1]}…")
