"""Records without a study: a candidate with its outcome and verdict in one call."""

from collections.abc import Callable

import pytest

from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Record,
    Scores,
    Stage,
)

MakeRecord = Callable[..., Record]


@pytest.fixture
def make_record() -> MakeRecord:
    """Build a Record: valid with an accuracy, failed with a failure, else without an outcome."""

    def make(
        cycle: int,
        index: int,
        accuracy: float | None = None,
        *,
        failure: Failure | None = None,
        reason: AdmissionReason | None = None,
        source: str | None = None,
        **candidate: object,
    ) -> Record:
        program = Program(source if source is not None else f"# {cycle}.{index}")
        outcome = None
        if accuracy is not None:
            outcome = Outcome(
                Stage.SCORE,
                scores=Scores(accuracy, 1.0, 100),
                seconds={"train": 1.5, "total": 2.0},
                cpu_s=1.0,
                received_bytes=10,
            )
        elif failure is not None:
            outcome = Outcome(failure.stage, failure=failure, seconds={"total": 0.5}, cpu_s=0.25)
        return Record(
            Candidate(Key(cycle, index), program, "full", seed=index, **candidate),
            outcome,
            None if reason is None else Admission(reason),
        )

    return make


@pytest.fixture
def syntax_error() -> Failure:
    """A program that does not parse."""
    return Failure(Stage.PARSE, FailureKind.SYNTAX, "invalid syntax", line=3)
