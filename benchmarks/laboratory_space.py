"""The space of the laboratory: what is known of every architecture, and what a search over it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from laboratory_families import Family, Flags, Probabilities
from numpy.typing import NDArray

from archwright.analysis.intervals import t_interval
from archwright.cells import nasbench201
from archwright.cells.cell import Cell
from archwright.cells.tables.loading import load_nasbench201

QUANTILE = 0.75
"""Of q over all cells: the threshold of the elite."""
CYCLES = 22
CANDIDATES = 48
"""Samples a cycle, where there are any."""
SMOOTHING = 0.5
"""Share of the distribution that a sampled lesson replaces."""
ROUNDING = 1e-9
Figures = dict[str, Any]


@dataclass(frozen=True)
class Space:
    """Everything known of every architecture; arrays have one axis a choice."""

    q: NDArray[np.float64]
    truth: NDArray[np.float64]
    is_valid: Flags
    """Whether any path leads from the input to the output."""
    structure: NDArray[np.int64]
    """Number of the architecture up to isomorphism."""

    @cached_property
    def uniform(self) -> Probabilities:
        """Where a search begins."""
        return np.full(self.q.shape, 1 / self.q.size)

    @cached_property
    def is_elite(self) -> Flags:
        """What reaches the threshold."""
        return self.q >= np.quantile(self.q, QUANTILE)

    def mean(self, p: Probabilities) -> float:
        """Return E_p[q]."""
        return float((p * self.q).sum())


@dataclass(frozen=True)
class Finding:
    """What became of one statement."""

    statement: str
    verdict: str
    """`holds`, `fails` or `holds when corrected`."""
    summary: str
    figures: Figures


def read_space() -> Space:
    """Return NAS-Bench-201."""
    benchmark = load_nasbench201()
    options = len(nasbench201.INNER)
    shape = (options,) * len(nasbench201.SLOTS)
    places = tuple(
        np.array([[nasbench201.INNER.index(name) for name in cell.operations[1:-1]] for cell in benchmark.cells]).T
    )
    structures = [structure_of(cell) for cell in benchmark.cells]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(structures))}

    def arranged(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.zeros(shape)
        found[places] = values
        return found

    is_there = np.indices(shape) != nasbench201.INNER.index("none")
    reached: list[Flags] = [np.ones(shape, bool)]
    for node in (1, 2, 3):
        into = [(slot, source) for slot, (source, target) in enumerate(nasbench201.SLOTS) if target == node]
        reached.append(np.any([is_there[slot] & reached[source] for slot, source in into], axis=0))
    return Space(
        arranged(benchmark.columns["c10_val12"]),
        arranged(benchmark.columns["c10_test200"]),
        reached[-1],
        arranged([numbers[text] for text in structures]).astype(np.int64),
    )


def structure_of(cell: Cell) -> str:
    """Return the published text of the cell's structure, equal for isomorphic cells.

    `to_unique_str(consider_zero=True)` of the published code: a skip vanishes, `none` and what reads one is zero, and
    the order of a sum does not matter. The 15,625 cells have 6,466 of them.
    """
    nodes = ["0"]
    for target in (1, 2, 3):
        terms = [
            _term(operation, nodes[source])
            for (source, end), operation in zip(nasbench201.SLOTS, cell.operations[1:-1], strict=True)
            if end == target
        ]
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def _term(operation: str, source: str) -> str:
    if operation == "none" or source == "#":
        return "#"
    return source if operation == "skip_connect" else f"({source})@{operation}"


def sampled_run(
    space: Space,
    family: Family,
    rng: np.random.Generator,
    *,
    once: NDArray[np.int64] | None = None,
    is_cumulative: bool = False,
) -> Iterator[Probabilities]:
    """Yield the distributions of a search that draws its candidates; half of each is replaced by a lesson.

    With `once`, what has a number there that was taught before is not new. A lesson is on what is new, or on everything
    that ever was.
    """
    p = space.uniform
    known, corpus = np.zeros(0, np.int64), np.zeros(0, np.int64)
    yield p
    for _ in range(CYCLES):
        drawn = np.ravel_multi_index(sample(p, CANDIDATES, rng), space.q.shape)
        drawn = drawn[space.is_elite.reshape(-1)[drawn]]
        if once is not None:
            numbers = once.reshape(-1)[drawn]
            is_first = np.zeros(len(drawn), bool)
            is_first[np.unique(numbers, return_index=True)[1]] = True
            drawn = drawn[is_first & ~np.isin(numbers, known)]
            known = np.union1d(known, numbers)
        corpus = np.concatenate([corpus, drawn]) if is_cumulative else drawn
        if len(corpus):
            taught = np.bincount(corpus, minlength=space.q.size).reshape(space.q.shape) / len(corpus)
            p = family((1 - SMOOTHING) * p + SMOOTHING * taught)
        yield p


def sample(p: Probabilities, n: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], ...]:
    """Return the places of `n` architectures drawn from `p`, which need not be normalised."""
    flat = p.reshape(-1) / p.sum()
    return np.unravel_index(rng.choice(flat.size, size=n, p=flat), p.shape)


def weighted_quantile(values: NDArray[np.float64], p: Probabilities, quantile: float) -> float:
    """Return the value that the share `quantile` of `p` is below."""
    order = np.argsort(values, axis=None)
    reached = np.searchsorted(np.cumsum(p.reshape(-1)[order]), quantile)
    return float(values.reshape(-1)[order][min(int(reached), values.size - 1)])


def by_structure(space: Space, p: Probabilities) -> Probabilities:
    """Return the probability of every architecture up to isomorphism."""
    return np.bincount(space.structure.reshape(-1), weights=p.reshape(-1))


def effective(p: Probabilities) -> float:
    """Return the effective number of what has probabilities `p`: exp of the entropy."""
    has = p[p > 0]
    return float(np.exp(-(has * np.log(has)).sum()))


def mean_of(values: Sequence[float]) -> list[float | None]:
    """Return mean, low, high (Student's t over seeds)."""
    found = t_interval(values)
    return [found.mean, found.low, found.high]


def shown(mean: Sequence[float | None], digits: int) -> str:
    """Return a mean with its interval as text."""
    middle, low, high = mean
    if low is None or high is None:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
