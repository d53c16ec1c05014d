"""How much the programs of one cycle repeat each other: J_gen of the closed-loop paper (its section A.2)."""

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from archwright.candidate import Record
from archwright.config import StudyConfig
from archwright.elite import admission_order
from archwright.novelty.index import ShingleIndex
from archwright.novelty.sketches import shingles_of
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.archive import CycleRow


def repetition(
    records: Sequence[Record], cycles: Sequence["CycleRow"], config: StudyConfig, metric: Metric
) -> dict[int, float]:
    """Return J_gen in [0, 1] of every closed cycle with two valid candidates or more.

    It is the mean, over the valid candidates in the order they were judged, of the highest lexical (Jaccard) similarity
    to one that the novelty filter accepted before in the same cycle; the first has none before it and does not count.
    The paper names the quantity and what it is computed from, but gives no formula in its supplement: this is our
    reading.
    """
    found = {}
    for row in cycles:
        mine = [record for record in records if record.candidate.key.cycle == row.cycle]
        accepted = ShingleIndex(config.novelty.permutations, config.novelty.lsh_threshold)
        nearest = []
        for record in admission_order(mine, row.threshold, config.loop, metric):
            hashes = shingles_of(record.program.source, "lexical", config.novelty.shingle)
            if hashes is None:
                continue
            if len(accepted):
                nearest.append(accepted.nearest(hashes).value)
            if record.admission is not None and record.admission.rejections is not None:
                accepted.add(str(record.candidate.key), hashes)
        if nearest:
            found[row.cycle] = fmean(nearest)
    return found
