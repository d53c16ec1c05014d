"""One representative for every cluster of near-duplicates (appendix B of the closed-loop paper)."""

from collections.abc import Iterable

from archwright.config import NoveltyConfig
from archwright.novelty.index import ShingleIndex
from archwright.novelty.sketches import Sketch


def representatives(sketches: Iterable[Sketch | None], config: NoveltyConfig) -> list[int | None]:
    """Return for every program the number of the one that represents it: its own when it is kept.

    Programs come in order of preference. Each is kept unless one kept before is more similar than `config.threshold`,
    which then represents it: no two representatives are near-duplicates, and everything else is one of its own
    representative, not of a chain that leads there. None for a program without a sketch.
    """
    index = ShingleIndex(config.permutations, config.lsh_threshold, scan_limit=0)
    chosen: list[int | None] = []
    for number, sketch in enumerate(sketches):
        if sketch is None:
            chosen.append(None)
            continue
        near = index.nearest(sketch.shingles, sketch.signature)
        if near.nearest is not None and near.value > config.threshold:
            chosen.append(int(near.nearest))
        else:
            index.add(str(number), sketch.shingles, sketch.signature)
            chosen.append(number)
    return chosen
