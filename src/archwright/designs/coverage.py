"""How much of a design is there, and how evenly: levels and pairs of levels counted over what has an outcome."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from archwright.candidate import Json, Record
from archwright.designs.design import REPEAT, Design, DesignCell


@dataclass(frozen=True, slots=True)
class Spread:
    """How evenly the candidates are spread over the levels of a factor, or over pairs of levels."""

    over: str
    """A factor, `A x B` for two of them, or `pairs of A` where several levels of one take part together."""
    levels: int
    seen: int
    """Those of the levels that occur."""
    least: int
    most: int
    gini: float
    """Gini coefficient of the counts: 0 when all are the same, towards 1 when one level has everything."""
    chi_square: float
    """Pearson's statistic against equal counts, with `levels` - 1 degrees of freedom."""
    p: float
    """Of counts as uneven as these or more, were the levels of each cell drawn at random; near 1 for a balanced design.

    k different levels of L in a cell spread more evenly than as many single draws, by (L - k) / (L - 1), and the
    statistic is taken for what it would be without that. Pairs are counted as if they were drawn one by one.
    """


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a design is there."""

    cells: int
    done: int
    """Cells with an outcome, failures included."""
    valid: int
    spreads: tuple[Spread, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as `archwright report --json` writes it."""
        return asdict(self)


def cell_of(record: Record, design: Design) -> DesignCell | None:
    """Return the cell of the design that a candidate answers; None for one that answers none."""
    facts = record.candidate.facts
    return {name: facts[name] for name in design.factors} if design.factors.keys() <= facts.keys() else None


def coverage_of(design: Design, records: Sequence[Record]) -> Coverage:
    """Return how much of `design` the `records` are."""
    done = [record for record in records if record.outcome is not None]
    cells = [cell for record in done if (cell := cell_of(record, design)) is not None]
    valid = sum(record.is_valid for record in done)
    return Coverage(len(design.cells), len(cells), valid, tuple(spreads(design, cells)))


def spreads(design: Design, cells: Sequence[DesignCell]) -> Iterator[Spread]:
    """Yield how evenly `cells` are spread over each factor with several levels, then over their pairs."""
    names = [name for name, levels in design.factors.items() if len(levels) > 1 and name != REPEAT]
    for name in names:
        counts = Counter(level for cell in cells for level in levels_in(cell, name))
        together = max((len(levels_in(cell, name)) for cell in cells), default=1)
        yield _spread(name, [counts[level] for level in design.factors[name]], together)
    for name in names:
        if any(len(levels_in(cell, name)) > 1 for cell in cells[:1]):
            order = {level: number for number, level in enumerate(design.factors[name])}
            pairs = Counter(
                pair
                for cell in cells
                for pair in itertools.combinations(sorted(levels_in(cell, name), key=order.get), 2)  # type: ignore[arg-type]
            )
            yield _spread(f"pairs of {name}", [pairs[pair] for pair in itertools.combinations(order, 2)])
    for first, second in itertools.combinations(names, 2):
        both = Counter(
            pair for cell in cells for pair in itertools.product(levels_in(cell, first), levels_in(cell, second))
        )
        possible = itertools.product(design.factors[first], design.factors[second])
        yield _spread(f"{first} x {second}", [both[pair] for pair in possible])


def levels_in(cell: DesignCell, factor: str) -> tuple[Json, ...]:
    """Return the levels of a factor that take part in a cell."""
    level = cell[factor]
    return tuple(level) if isinstance(level, list | tuple) else (level,)


def _spread(over: str, counts: Sequence[int], together: int = 1) -> Spread:
    from scipy.special import chdtrc

    total, levels = sum(counts), len(counts)
    expected = total / levels
    chi_square = sum((count - expected) ** 2 for count in counts) / expected if total else 0.0
    p = float(chdtrc(levels - 1, chi_square * (levels - 1) / max(1, levels - together)))
    seen = sum(count > 0 for count in counts)
    return Spread(over, levels, seen, min(counts), max(counts), _gini(counts), chi_square, p)


def _gini(counts: Sequence[int]) -> float:
    ordered, total, n = sorted(counts), sum(counts), len(counts)
    if not total:
        return 0.0
    return sum((2 * place - n - 1) * count for place, count in enumerate(ordered, start=1)) / (n * total)
