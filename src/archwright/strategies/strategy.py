"""The seam to strategies: what to ask for next, who joins the elite, and whether a model learns from it."""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from archwright.candidate import AdmissionReason, Key, Record
from archwright.config import StudyConfig
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.task import Metric


@dataclass(frozen=True)
class View:
    """What a strategy sees of its study."""

    config: StudyConfig
    cycle: int
    records: Sequence[Record]
    """All candidates so far, ordered by key; those that are still pending have no outcome."""
    starters: Sequence[Record]
    """The programs the study began with: without outcomes, in cycle 0."""
    metric: Metric
    """By which candidates are compared."""
    threshold: float | None = None
    """Score that makes an elite in this cycle; known only when its verdicts are due."""
    pending: int | None = None
    """Candidates without an outcome, where somebody has counted them."""

    @property
    def done(self) -> int:
        """Candidates of this cycle so far, pending ones included."""
        return len(self.records) - self._first

    @property
    def left(self) -> int:
        """Candidates this cycle may still ask for."""
        return max(0, self.config.loop.candidates - self.done)

    @property
    def is_pending(self) -> bool:
        """Whether any candidate waits for its outcome."""
        return self.pending > 0 if self.pending is not None else any(each.outcome is None for each in self.records)

    @property
    def mine(self) -> list[Record]:
        """The candidates of this cycle."""
        return list(self.records[self._first :])

    @property
    def earlier_elite(self) -> list[Record]:
        """What earlier cycles admitted, in order."""
        return [record for record in self.records if record.candidate.key.cycle < self.cycle and record.is_admitted]

    def value(self, record: Record) -> float | None:
        """Return the score that decides, None where there is none."""
        return record.value(self.metric.name)

    def seeds(self, count: int) -> list[int]:
        """Return the seeds of the next `count` candidates, which the loop will give to the next requests in order."""
        return [seed_of(self.config, key) for key in self.next_keys(count)]

    def next_keys(self, count: int) -> list[Key]:
        """Return the first `count` keys of the cycle that are free.

        A server answers in any order, so a study that was interrupted may lack candidates before its last one.
        """
        free: Iterator[int] = itertools.count(self.done)
        if self.done and self.records[-1].candidate.key.index >= self.done:
            taken = {record.candidate.key.index for record in self.mine}
            free = (index for index in itertools.count() if index not in taken)
        return [Key(self.cycle, index) for index in itertools.islice(free, count)]

    @cached_property
    def _first(self) -> int:
        """Where the candidates of this cycle begin."""
        return bisect_left(self.records, Key(self.cycle, 0), key=lambda record: record.candidate.key)


def seed_of(config: StudyConfig, key: Key) -> int:
    """Return the seed of candidate `key`: it depends on the study's seed and the key alone."""
    return derive_seed(config.seed, "propose", key.cycle, key.index)


class Strategy(Protocol):
    """Decides what to ask for next and what the model learns from.

    A strategy keeps no state between calls: everything follows from the view, so that a resumed study goes on exactly
    where the interrupted one stopped. Its constructor takes the StudyConfig. One with settings of its own declares them
    as a class attribute `Options`, a pydantic model that becomes the section of the configuration under its name.
    """

    @property
    def learns(self) -> bool:
        """Whether the language model is fine-tuned on the elite between cycles."""

    def ask(self, view: View) -> list[Request]:
        """Return the next requests of the cycle, at most `view.left`; the loop gives them keys and seeds.

        Empty when nothing can be asked for: while candidates are pending, until their outcomes are known; otherwise
        the cycle is complete. What is asked for must not depend on which pending candidates finish first: a strategy
        either waits until nothing is pending or looks at earlier cycles only.
        """

    def admit(self, view: View, is_novel: Mapping[Key, bool]) -> Mapping[Key, AdmissionReason]:
        """Return the verdict on every candidate of the cycle, whose outcomes are all known; `elite` has the default."""
