"""What holds of every candidate and record, whoever made it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.candidate import (
    Admission,
    AdmissionReason,
    Call,
    Candidate,
    Failure,
    FailureKind,
    Fidelity,
    Key,
    Outcome,
    Program,
    Record,
    Scores,
    Stage,
    Trial,
)

PROGRAM = Program("class Net: ...")
REFUSED = Failure(Stage.WRITE, FailureKind.REFUSED, "the patch does not apply")
SYNTAX = Failure(Stage.PARSE, FailureKind.SYNTAX, "'(' was never closed")


def written(**values: object) -> Candidate:
    return Candidate(Key(1, 2), PROGRAM, "full", 0, **values)  # type: ignore[arg-type]


def call(role: str, completion: str, prompt_tokens: int = 0, completion_tokens: int = 0) -> Call:
    return Call(role, "", completion, "m", prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)


@pytest.mark.parametrize(("program", "failure"), [(None, None), (None, SYNTAX), (PROGRAM, REFUSED)])
def test_a_candidate_has_either_a_program_or_the_reason_why_none_was_written(
    program: Program | None, failure: Failure | None
) -> None:
    with pytest.raises(ValueError, match=r"candidate 1\.2 needs either a program or a failure at the stage write"):
        Candidate(Key(1, 2), program, "full", 0, failure=failure)


def test_a_candidate_that_could_not_be_written_has_no_program_to_ask_for() -> None:
    record = Record(Candidate(Key(1, 2), None, "delta", 0, failure=REFUSED))
    with pytest.raises(ValueError, match=r"candidate 1\.2 has no program"):
        _ = record.program


def test_the_writer_is_the_last_call_whose_answer_became_the_program() -> None:
    calls = (call("writer", "first"), call("improver", "a hint"), call("writer", "second"), call("judge", "good"))
    assert written(calls=calls).writer == calls[2]
    assert written(calls=calls[1:2]).writer is None
    assert written().writer is None


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=4))
def test_tokens_are_counted_over_all_calls(tokens: list[tuple[int, int]]) -> None:
    candidate = written(calls=tuple(call("writer", "", *each) for each in tokens))
    assert candidate.prompt_tokens == sum(read for read, _ in tokens)
    assert candidate.completion_tokens == sum(wrote for _, wrote in tokens)


@pytest.mark.parametrize(
    ("facts", "operation"), [({}, None), ({"operation": "widen"}, "widen"), ({"operation": 3}, None)]
)
def test_the_operation_is_a_fact_in_words(facts: dict[str, object], operation: str | None) -> None:
    assert written(facts=facts).operation == operation


def test_the_first_trial_of_a_record_is_the_search_s_own() -> None:
    digest = PROGRAM.digest
    own = Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 10))
    again = Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.75}, 10), seed=1)
    record = Record(written())
    assert (record.outcome, record.is_valid, record.value("accuracy")) == (None, False, None)
    record = record.tried(Trial(digest, 0), own).tried(Trial(digest, 1), again)
    record = record.tried(Trial(digest, 0, Fidelity(epochs=9), "test"), again)
    assert record.outcome == own
    assert (record.is_valid, record.value("accuracy"), record.value("loss")) == (True, 0.5, None)
    assert list(record.outcomes.values()) == [own, again, again]


def test_a_trial_is_told_apart_by_seed_fidelity_and_split() -> None:
    trials = [Trial("a", 0), Trial("a", 1), Trial("a", 0, Fidelity(epochs=2)), Trial("a", 0, split="test")]
    assert len({*trials, Trial("a", 0)}) == len(trials)


def test_a_search_s_own_failure_is_not_outdone_by_a_later_success() -> None:
    record = Record(written(), {Trial(PROGRAM.digest, 0): Outcome(Stage.PARSE, failure=SYNTAX)})
    record = record.tried(Trial(PROGRAM.digest, 1), Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.75}, 10)))
    assert not record.is_valid


@pytest.mark.parametrize("reason", AdmissionReason)
def test_who_is_admitted_or_topped_up_joined_the_elite(reason: AdmissionReason) -> None:
    record = Record(written(), admission=Admission(reason))
    assert record.is_admitted == (reason in (AdmissionReason.ADMITTED, AdmissionReason.TOPPED_UP))


def test_candidates_are_ordered_as_they_were_proposed() -> None:
    assert sorted([Key(2, 0), Key(1, 10), Key(1, 2)]) == [Key(1, 2), Key(1, 10), Key(2, 0)]


@given(st.text(st.characters(exclude_categories=())))
def test_every_source_has_a_digest(source: str) -> None:
    assert len(Program(source).digest) == 64


def test_the_name_of_a_stage_is_as_good_as_the_stage() -> None:
    outcome = Outcome("score", scores=Scores({"accuracy": 0.5}, n=1))  # type: ignore[arg-type]
    assert outcome.stage is Stage.SCORE
    with pytest.raises(ValueError, match="'scored' is not a valid Stage"):
        Outcome("scored")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="failure is a Failure"):
        Outcome(Stage.SCORE, Scores({"accuracy": 0.5}, n=1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="scores is a Scores"):
        Outcome(Stage.SCORE, scores={"accuracy": 0.5})  # type: ignore[arg-type]
