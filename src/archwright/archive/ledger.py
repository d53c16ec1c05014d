"""What the archive keeps of a study beside its candidates: cycles, adapters, costs, openings of the test split."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A closed cycle: every candidate of it has its verdict."""

    cycle: int
    """1-based."""
    threshold: float | None
    """Score by the task's metric that decided who is elite; None while no candidate of the study was ever valid."""


@dataclass(frozen=True, slots=True)
class AdapterRow:
    """Fine-tuned weights, complete in their folder when the row exists."""

    name: str
    cycle: int
    """The cycle whose elite it learned from; 0 for the one that the study started from."""
    folder: str
    """Relative to the study's folder."""
    model: str
    """The base model, as given in `llm.model`."""
    parents: tuple[str, ...] = ()
    """Every adapter whose teaching it contains, oldest first."""
    pairs: int = 0
    steps: int = 0
    loss: float = 0.0
    """Mean over the steps of the last epoch of the loss per token taught, in nats."""
    digest: str = ""
    """SHA-256 over the weights."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one stage of one cycle used (section L of the closed-loop paper); a resumed stage adds a second row."""

    cycle: int
    stage: str
    wall_s: float = 0.0
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    tokens: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One opening of the test split, decided before anything of it was seen."""

    number: int
    """1 for the first; every later one was decided by somebody who had seen results on the test split."""
    programs: tuple[str, ...]
    """Digests of the programs it is opened for, the best on validation first."""
    seeds: tuple[int, ...]
    """Each program is trained once with each."""
    epochs: int
    opened_at: datetime
    """With a time zone; comes back in UTC."""
    candidates: tuple[str, ...] = ()
    """Keys of the candidates with which the search selected the programs; none in an opening from before they were
    kept."""


@dataclass(frozen=True, slots=True)
class Session:
    """One time the study was open for writing: when, by what and on what machine."""

    number: int
    """1 created the study, every later one resumed or extended it."""
    opened_at: datetime
    environment: dict[str, object]
    config: dict[str, object]
    """The configuration it ran with."""
