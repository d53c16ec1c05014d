"""Which known program is changed next: the weight of each in the draw.

Everything follows from earlier cycles, so that which pending candidate finishes first changes nothing.
"""

from collections import Counter
from collections.abc import Sequence

from archwright.candidate import Record
from archwright.strategies.strategy import View

TOP = 10
"""Parents among which `top` draws."""


def parent_weights(rule: str, pool: Sequence[Record], view: View) -> list[float]:
    """Return the weight of each program of `pool` by `loop.parents`; empty for `none`.

    `score`: the worst weighs 1, the best as much as there are programs, equal scores the same. A program without a
    score, as a starter is, counts as the (upper) median. `novelty`: the same, over one more than its children so far
    (ShinkaEvolve, arXiv 2509.19349, section 3.1).
    """
    if rule == "none":
        return []
    if rule == "uniform":
        return [1.0] * len(pool)
    ranks = _ranks(pool, view)
    if rule == "top":
        least = sorted(ranks, reverse=True)[:TOP][-1]
        return [float(rank >= least) for rank in ranks]
    if rule == "score":
        return ranks
    earlier = (record for record in view.records if record.candidate.key.cycle < view.cycle)
    children = Counter(digest for record in earlier for digest in record.candidate.parents)
    return [rank / (1 + children[record.program.digest]) for rank, record in zip(ranks, pool, strict=True)]


def _ranks(pool: Sequence[Record], view: View) -> list[float]:
    """Return 1 plus the number of programs that are worse, by the score that decides."""
    values = [view.value(record) for record in pool]
    keys = [None if value is None else view.metric.key(value) for value in values]
    known = sorted(key for key in keys if key is not None)
    median = known[len(known) // 2] if known else 0.0
    filled = [median if key is None else key for key in keys]
    below = {key: index for index, key in reversed(list(enumerate(sorted(filled))))}
    return [1.0 + below[key] for key in filled]
