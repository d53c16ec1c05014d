"""Whether a study's ranking can be trusted, from what it trained more than once (statement 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from archwright.analysis.intervals import Interval
from archwright.analysis.theory.gathering import Place, Values
from archwright.analysis.theory.proxy import (
    TRUSTED,
    Components,
    Measured,
    bootstrap_snr,
    measure,
    rank_correlation,
    seeds_needed,
    variance_components,
)

SEED = 0
"""Of the bootstrap: the same archive gives the same report."""
FEWEST = 5
"""Architectures at two fidelities from which on a rank correlation is worth a line."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The search's proxy against another fidelity or split."""

    epochs: int
    split: str
    measured: Measured


@dataclass(frozen=True)
class Reliability:
    """What is known of the noise of a study's scores."""

    components: Components | None
    """None while nothing was trained with two seeds."""
    interval: Interval | None
    """Bootstrap interval of the SNR; None for fewer than five architectures."""
    comparisons: Sequence[Comparison] = ()

    @property
    def predicted(self) -> float | None:
        """Predicted rank correlation of one training's scores with the noise-free order."""
        return None if self.components is None else rank_correlation(self.components.snr)

    @property
    def predicted_interval(self) -> Interval | None:
        """That at the ends of the SNR's interval."""
        if self.interval is None:
            return None
        return Interval(rank_correlation(self.interval.low), rank_correlation(self.interval.high))

    @property
    def seeds_needed(self) -> int | None:
        """Trainings to average for a trusted ranking; None where nothing is known or no number helps."""
        return None if self.components is None else seeds_needed(self.components.snr)

    @cached_property
    def warnings(self) -> list[str]:
        """That a ranking is not to be trusted, and what would help."""
        if self.predicted is None or self.predicted >= TRUSTED:
            return []
        interval = self.predicted_interval
        within = f" [{interval.low:.2f}, {interval.high:.2f}]" if interval else ""
        needed = self.seeds_needed
        remedy = (
            f"train each of the best with {needed} seeds and compare means"
            if needed is not None
            else "seeds explain all differences, so no number of them would tell these architectures apart"
        )
        return [
            "The ranking by one training is not to be trusted: its predicted rank correlation with the order without "
            f"noise is {self.predicted:.2f}{within}, below {TRUSTED}; {remedy}."
        ]


def judge_reliability(places: Mapping[Place, Values]) -> Reliability:
    """Return what scores by fidelity and split say; the first place is the search's."""
    if not places:
        return Reliability(None, None)
    (_, search), *others = places.items()
    groups = [list(values.values()) for values in search.values()]
    components = variance_components(groups)
    return Reliability(
        components,
        bootstrap_snr(groups, SEED) if components is not None else None,
        [
            Comparison(at.epochs, split, found)
            for (at, split), values in others
            if (found := _compare(search, values)) is not None
        ],
    )


def _compare(search: Values, other: Values) -> Measured | None:
    means = {name: fmean(values.values()) for name, values in search.items()}
    both = [name for name in other if name in means]
    if len(both) < FEWEST:
        return None
    truth = [fmean(other[name].values()) for name in both]
    return measure([means[name] for name in both], truth, list(means.values()), SEED)
