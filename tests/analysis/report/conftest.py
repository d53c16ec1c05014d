"""Studies on disk, written by the real archive: one with everything, and the awkward ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.archive import AdapterRow, Archive, CostRow, CycleRow
from archwright.candidate import (
    Admission,
    Call,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Repair,
    Similarity,
    Stage,
)
from archwright.candidate import AdmissionReason as Reason
from archwright.configuring import load_config
from archwright.testing.records import scored, trial_of

HOSTILE = "</code></pre><script>alert(1)</script>"
SOURCE = f"""import torch.nn as nn


class Net(nn.Module):  # {HOSTILE} | ``` \x1b[31m \u202e
    pass
"""
WIDER = SOURCE.replace("pass", "width = 64")


class StudyWriter:
    """Adds candidates to an archive in few words."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = ()) -> None:
        self.folder = folder
        config = load_config(settings=["loop.cycles=2", "loop.candidates=4", "loop.stop=false", *settings])
        self.archive = Archive.create(folder, config.model_dump(mode="json"))

    def valid(self, key: Key, accuracy: float, source: str, parents: tuple[str, ...] = (), **how: object) -> None:
        self._add(
            key,
            source,
            parents,
            Outcome(
                Stage.SCORE,
                scores=scored(accuracy, 1.0, 144),
                params=12_345,
                flops=2_500_000,
                seconds={"train": 1.5, "total": 2.0},
                cpu_s=1.75,
                received_bytes=5_760,
                seed=key.index,
                isolation=3,
            ),
            dict(how),
        )

    def failed(self, key: Key, stage: Stage, kind: FailureKind, message: str, **how: object) -> None:
        failure = Failure(stage, kind, message, line=4)
        self._add(key, f"# {key}", (), Outcome(stage, failure=failure, seconds={"total": 0.25}), dict(how))

    def _add(self, key: Key, source: str, parents: tuple[str, ...], outcome: Outcome, how: dict[str, object]) -> None:
        facts = {name: how.pop(name) for name in ("repair", "operation") if name in how}
        calls = (Call("writer", **{name: how.pop(name) for name in CALL if name in how}),) if "prompt" in how else ()
        candidate = Candidate(
            key, Program(source), "full", seed=key.index, parents=parents, calls=calls, facts=facts, **how
        )
        self.archive.add_candidates([candidate])
        self.archive.add_outcome(key, trial_of(candidate, outcome), outcome)


CALL = ("model", "prompt", "completion", "prompt_tokens", "completion_tokens", "adapter")
MODEL = {
    "model": "smollm2-135m",
    "prompt": f"Write a network. {HOSTILE}",
    "completion": "...",
    "prompt_tokens": 300,
    "completion_tokens": 120,
    "repair": Repair.RAW,
    "generate_s": 3.0,
}


@pytest.fixture
def new_study(tmp_path: Path) -> Callable[..., StudyWriter]:
    """Create an empty study named `study` with two cycles of four candidates."""
    return lambda *settings: StudyWriter(tmp_path / "study", settings)


@pytest.fixture
def full_study(new_study: Callable[..., StudyWriter]) -> Path:
    """A complete study with a model, a lineage, failures, duplicates, an adapter, costs and hostile text everywhere."""
    study = new_study("novelty.criterion='lexical'")
    study.valid(Key(1, 0), 0.5, SOURCE, **MODEL)
    study.failed(Key(1, 1), Stage.PARSE, FailureKind.SYNTAX, f"'(' was never closed\n| {HOSTILE}", **MODEL)
    study.failed(Key(1, 2), Stage.FORWARD, FailureKind.SHAPE, "mat1 and mat2 do not fit", **MODEL)
    study.valid(Key(1, 3), 0.25, "# near\n" + SOURCE, **{**MODEL, "repair": Repair.TRIMMED})
    study.archive.close_cycle(
        CycleRow(1, 0.4),
        {
            Key(1, 0): Admission(Reason.ADMITTED, Similarity(0.2, "resnet"), Similarity(0.5, "resnet"), 0),
            Key(1, 1): Admission(Reason.INVALID),
            Key(1, 2): Admission(Reason.INVALID),
            Key(1, 3): Admission(Reason.NEAR_DUPLICATE, Similarity(0.95, "1.0"), Similarity(1.0, "1.0")),
        },
        CostRow(1, "novelty", wall_s=0.5, cpu_s=0.5),
    )
    study.archive.add_adapter(
        AdapterRow("cycle-1", 1, "adapters/cycle-1", "smollm2-135m", pairs=1, steps=5, loss=0.75, digest="ab" * 32),
        CostRow(1, "tune", wall_s=65.0, cpu_s=120.0, tokens=4_200),
    )
    tuned = {**MODEL, "adapter": "cycle-1"}
    study.valid(Key(2, 0), 0.75, WIDER, (Program(SOURCE).digest,), **tuned)
    study.valid(Key(2, 1), 0.625, "# again\n" + WIDER, (Program(SOURCE).digest,), **tuned)
    study.valid(Key(2, 2), 0.375, "# third\n" + WIDER, **{**tuned, "repair": Repair.COMPLETED})
    study.failed(Key(2, 3), Stage.TRAIN, FailureKind.TIMEOUT, "beyond 300 s (budget.wall_s)", **tuned)
    study.archive.close_cycle(
        CycleRow(2, 0.4),
        {
            Key(2, 0): Admission(Reason.ADMITTED, Similarity(0.6, "1.0"), Similarity(0.7, "1.0"), 0),
            Key(2, 1): Admission(Reason.ADMITTED, Similarity(0.8, "2.0"), Similarity(0.9, "2.0"), 1),
            Key(2, 2): Admission(Reason.TOPPED_UP, Similarity(0.7, "2.0"), Similarity(0.8, "2.0"), 0),
            Key(2, 3): Admission(Reason.INVALID),
        },
    )
    study.archive.close()
    return study.folder
