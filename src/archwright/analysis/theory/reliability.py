"""Whether a study's ranking can be trusted, from what it trained more than once (statement 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from archwright.analysis.intervals import Interval
from archwright.analysis.theory.gathering import TrialPlace, ValuesByTraining
from archwright.analysis.theory.proxy import (
    TRUSTED,
    Components,
    Measured,
    bootstrap_snr,
    measure,
    rank_correlation,
    seeds_needed,
    snr_of_ranks,
    variance_components,
)

SEED = 0
"""Of the bootstrap: the same archive gives the same report."""
FEWEST = 5
"""Architectures at two fidelities from which on a rank correlation is worth a line."""


@dataclass(frozen=True, slots=True)
class ProxyComparison:
    """The search's proxy against another fidelity or split."""

    epochs: int
    split: str
    measured: Measured


@dataclass(frozen=True, slots=True)
class Reliability:
    """What is known of the noise of a study's scores."""

    components: Components | None = None
    """None while nothing was trained with two seeds."""
    interval: Interval | None = None
    """Bootstrap interval of the SNR; None for fewer than five architectures."""
    ranks_snr: float | None = None
    """SNR of the ranks, from architectures trained twice; None for fewer than ten."""
    comparisons: Sequence[ProxyComparison] = ()

    @property
    def predicted(self) -> float | None:
        """The same rank correlation by the closed form, for normal scores."""
        return None if self.components is None else rank_correlation(self.components.snr)

    @property
    def predicted_interval(self) -> Interval | None:
        """That at the ends of the SNR's interval."""
        if self.interval is None:
            return None
        return Interval(rank_correlation(self.interval.low), rank_correlation(self.interval.high))

    @property
    def expected(self) -> float | None:
        """The rank correlation that is relied on: by the ranks where there are enough, else by the closed form."""
        return self.predicted if self.ranks_snr is None else rank_correlation(self.ranks_snr)

    @property
    def seeds_needed(self) -> int | None:
        """Trainings to average for a trusted ranking; None where nothing is known or no number helps."""
        if self.components is None:
            return None
        return seeds_needed(self.components.snr if self.ranks_snr is None else self.ranks_snr)

    @property
    def is_trusted(self) -> bool | None:
        """Whether one training ranks well enough; None where nothing is known."""
        return None if self.expected is None else self.expected >= TRUSTED

    @property
    def warnings(self) -> list[str]:
        """That a ranking is not to be trusted, and what would help."""
        if self.expected is None or self.expected >= TRUSTED:
            return []
        remedy = (
            f"train each of the best with {self.seeds_needed} seeds and compare means"
            if self.seeds_needed is not None
            else "seeds explain all differences, so no number of them would tell these architectures apart"
        )
        return [
            "The ranking by one training is not to be trusted: its rank correlation with the order without noise is "
            f"expected to be {self.expected:.2f}, below {TRUSTED}; {remedy}."
        ]


def judge_reliability(places: Mapping[TrialPlace, ValuesByTraining]) -> Reliability:
    """Return what scores by fidelity and split say; the first place is the search's.

    It is compared with those of its own recipe: another recipe is no other fidelity, and would mix both.
    """
    if not places:
        return Reliability()
    ((own, _), search), *others = places.items()
    comparisons = [
        ProxyComparison(at.epochs, split, found)
        for (at, split), values in others
        if at.recipe == own.recipe and (found := _compare(search, values)) is not None
    ]
    groups = [list(values.values()) for values in search.values()]
    components = variance_components(groups)
    if components is None:
        return Reliability(comparisons=comparisons)
    return Reliability(components, bootstrap_snr(groups, SEED), snr_of_ranks(groups), comparisons)


def _compare(search: ValuesByTraining, other: ValuesByTraining) -> Measured | None:
    means = {name: fmean(values.values()) for name, values in search.items()}
    both = [name for name in other if name in means]
    if len(both) < FEWEST:
        return None
    truth = [fmean(other[name].values()) for name in both]
    return measure([means[name] for name in both], truth, list(means.values()), SEED)
