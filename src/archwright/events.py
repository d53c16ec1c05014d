"""What a running study tells whoever watches it: progress displays, trackers, tests.

An observer is any callable that takes an event. Observers only watch; nothing they do changes the study.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from archwright.candidate import Admission, Candidate, Outcome
from archwright.config import StudyConfig
from archwright.task import DataSpec, Metric


class Phase(StrEnum):
    """What a cycle is doing."""

    PROPOSE = "propose"
    EVALUATE = "evaluate"
    ADMIT = "admit"
    LEARN = "learn"


@dataclass(frozen=True, slots=True)
class StudyStarted:
    """The study is ready to run."""

    config: StudyConfig
    spec: DataSpec
    metric: Metric
    """By which candidates are compared."""
    folder: Path
    is_resumed: bool
    done: int
    """Candidates already evaluated."""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase of a cycle began."""

    cycle: int
    phase: Phase
    total: int
    """Steps the phase will take; 0 when unknown."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidate was written and archived."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An outcome was archived."""

    candidate: Candidate
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Admitted:
    """A candidate got its verdict at the end of the cycle."""

    candidate: Candidate
    admission: Admission


@dataclass(frozen=True, slots=True)
class TuningStep:
    """One optimizer step of fine-tuning."""

    cycle: int
    step: int
    steps: int
    loss: float
    tokens_per_s: float


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson was learned and its adapter archived."""

    cycle: int
    pairs: int
    """Pairs the model was trained on."""
    left_out: int
    """Pairs longer than `tune.max_length`, which it was not trained on."""
    max_length: int
    """Tokens."""


@dataclass(frozen=True, slots=True)
class CycleFinished:
    """Every verdict of a cycle is archived."""

    cycle: int
    threshold: float | None
    """Score that decided who is elite; None while no candidate was ever valid."""


@dataclass(frozen=True, slots=True)
class StudyStopped:
    """The study ended: `complete`, `converged`, `interrupted`, or at a `limit` of tokens or money."""

    reason: str


Event = (
    StudyStarted | PhaseStarted | Proposed | Evaluated | Admitted | TuningStep | Taught | CycleFinished | StudyStopped
)
Observer = Callable[[Event], None]
