import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.archive import AdapterRow, Archive, CostRow, CycleRow, OpeningRow
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
    Similarity,
    Stage,
    Trial,
)
from archwright.testing.records import recorded, scored

Fill = Callable[[Archive, list[Record]], None]

TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
REAL = st.floats(allow_nan=False)
COUNT = st.integers(0, 2**63 - 1)
ANY_SIZE = st.none() | st.integers(0, 2**200)
SIMILARITY = st.none() | st.builds(Similarity, st.floats(0, 1), st.none() | TEXT)
FAILURE = st.builds(Failure, st.sampled_from(Stage), st.sampled_from(FailureKind), TEXT, st.none() | COUNT)
SCORES = st.builds(Scores, st.dictionaries(TEXT, REAL, max_size=3), COUNT)
CAME_TO = (
    st.tuples(st.sampled_from(Stage), FAILURE, st.none())
    | st.tuples(st.just(Stage.SCORE), st.none(), SCORES)
    | st.tuples(st.sampled_from(sorted(set(Stage) - {Stage.SCORE})), st.none(), st.none())
)
"""Stage, failure and scores of an outcome."""
RESOURCES = st.fixed_dictionaries(
    {
        "params": ANY_SIZE,
        "flops": ANY_SIZE,
        "seconds": st.dictionaries(TEXT, REAL, max_size=3),
        "cpu_s": REAL,
        "gpu_s": REAL,
        "memory_mb": REAL,
        "received_bytes": COUNT,
        "seed": COUNT,
        "protocol": TEXT,
        "isolation": COUNT,
        "log": TEXT,
        "cached": st.booleans(),
    }
)
OUTCOME = st.builds(lambda came_to, resources: Outcome(*came_to, **resources), CAME_TO, RESOURCES)
ADMISSION = st.builds(Admission, st.sampled_from(AdmissionReason), SIMILARITY, SIMILARITY, st.none() | COUNT)


FIDELITY = st.builds(Fidelity, COUNT, COUNT, COUNT, TEXT)
CALL = st.builds(Call, TEXT, TEXT, TEXT, TEXT, st.none() | TEXT, COUNT, COUNT, st.none() | TEXT, REAL)
CANDIDATE = st.builds(
    Candidate,
    key=st.just(Key(1, 0)),
    program=st.builds(Program, TEXT),
    generator=TEXT,
    seed=COUNT,
    parents=st.lists(TEXT, max_size=3).map(tuple),
    calls=st.lists(CALL, max_size=3).map(tuple),
    facts=st.dictionaries(TEXT, st.none() | st.booleans() | COUNT | REAL | TEXT | st.lists(COUNT), max_size=3),
    at=st.none() | FIDELITY,
    generate_s=REAL,
)
TRIAL = Trial(None, 0)
TRIALS = st.builds(Trial, st.none(), COUNT, FIDELITY, TEXT)
CYCLE = st.builds(CycleRow, st.just(1), st.none() | REAL)
ADAPTER = st.builds(
    AdapterRow,
    name=TEXT,
    cycle=st.just(1),
    folder=TEXT,
    model=TEXT,
    parents=st.lists(TEXT, max_size=3).map(tuple),
    pairs=COUNT,
    steps=COUNT,
    loss=REAL,
    digest=TEXT,
)
COST = st.builds(CostRow, COUNT, TEXT, REAL, REAL, REAL, COUNT, COUNT)
MOMENT = st.datetimes(
    datetime(1970, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
OPENING = st.builds(
    OpeningRow, st.just(0), st.lists(TEXT, max_size=3).map(tuple), st.lists(COUNT, max_size=3).map(tuple), COUNT, MOMENT
)


@pytest.fixture
def archive(tmp_path: Path, archive_url: str | None) -> Iterator[Archive]:
    with Archive.create(tmp_path / "study", {"seed": 0}, url=archive_url) as archive:
        yield archive


@pytest.fixture
def study(tmp_path: Path, archive_url: str | None, fill: Fill, records: list[Record]) -> Path:
    """The folder of a closed study that holds `records`."""
    with Archive.create(tmp_path / "study", {"seed": 3, "loop": {"cycles": 2}}, url=archive_url) as archive:
        fill(archive, records)
    return tmp_path / "study"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long_lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres").create_database()
    with Archive.create(tmp_path_factory.mktemp("archive") / "study", {}, url=url) as archive:
        yield archive


def proposed(cycle: int, index: int, source: str = "class Net: ...") -> Candidate:
    return Candidate(Key(cycle, index), Program(source), "mutation", seed=index)


SCORED = Outcome(Stage.SCORE, scores=scored(0.5, 1.25, 100))


def test_what_is_stored_comes_back_after_reopening(study: Path, records: list[Record]) -> None:
    with Archive.open(study, read_only=True) as archive:
        assert archive.records() == records
        assert archive.cycles() == [CycleRow(1, 0.55)]
        assert archive.config == {"seed": 3, "loop": {"cycles": 2}}
        assert archive.name == "study"


@settings(max_examples=60, deadline=None)
@given(candidate=CANDIDATE, trial=TRIALS, outcome=OUTCOME, admission=ADMISSION, row=CYCLE)
def test_any_record_comes_back_exactly(
    long_lived: Archive, candidate: Candidate, trial: Trial, outcome: Outcome, admission: Admission, row: CycleRow
) -> None:
    cycle = len(long_lived.cycles()) + 1
    trial = dataclasses.replace(trial, program=candidate.program.digest if candidate.program else None)
    outcome = dataclasses.replace(outcome, seed=trial.seed)
    record = Record(dataclasses.replace(candidate, key=Key(cycle, 0)), {trial: outcome}, admission)
    row = dataclasses.replace(row, cycle=cycle)
    long_lived.add_candidates([record.candidate])
    long_lived.add_outcome(record.candidate.key, trial, outcome)
    long_lived.close_cycle(row, {record.candidate.key: admission})
    stored = {each.candidate.key: each for each in long_lived.records()}
    assert stored[Key(cycle, 0)] == record
    assert long_lived.cycles()[-1] == row


@settings(max_examples=30, deadline=None)
@given(adapter=ADAPTER, cost=COST, opening=OPENING)
def test_any_adapter_cost_and_opening_comes_back_exactly(
    long_lived: Archive, adapter: AdapterRow, cost: CostRow, opening: OpeningRow
) -> None:
    number = len(long_lived.adapters())
    adapter = dataclasses.replace(adapter, cycle=number, name=f"{number}/{adapter.name}")
    long_lived.add_adapter(adapter)
    long_lived.add_candidates([], cost=cost)
    opening = dataclasses.replace(opening, number=number)
    long_lived.add_opening(opening)
    assert long_lived.openings()[-1] == opening
    assert long_lived.adapters()[-1] == adapter
    assert long_lived.costs()[-1] == cost
    assert long_lived.openings()[-1].opened_at.tzinfo is UTC


def test_a_value_that_is_not_a_number_comes_back_as_such(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    outcome = dataclasses.replace(SCORED, scores=scored(0.5, math.nan, 10), seconds={"train": math.nan})
    archive.add_outcome(Key(1, 0), TRIAL, outcome)
    archive.add_adapter(AdapterRow("a", 1, "adapters/a", "smollm2-135m", loss=math.nan))
    stored = archive.records()[0].outcome
    assert stored is not None
    assert stored.scores is not None
    assert math.isnan(stored.scores.values["loss"])
    assert math.isnan(stored.seconds["train"])
    assert math.isnan(archive.adapters()[0].loss)


def test_records_are_ordered_by_key_however_they_arrived(archive: Archive) -> None:
    archive.add_candidates([proposed(2, 1), proposed(10, 0), proposed(2, 0)])
    archive.add_candidates([proposed(1, 3)])
    keys = [record.candidate.key for record in archive.records()]
    assert keys == [Key(1, 3), Key(2, 0), Key(2, 1), Key(10, 0)]


def test_a_candidate_is_stored_once(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    with pytest.raises(ValueError, match="refuses the row"):
        archive.add_candidates([proposed(1, 0, "class Net: other")])
    assert archive.records() == [Record(proposed(1, 0))]


def test_a_batch_of_candidates_is_stored_whole_or_not_at_all(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    with pytest.raises(ValueError, match="refuses the row"):
        archive.add_candidates([proposed(1, 1), proposed(1, 2), proposed(1, 0)])
    with pytest.raises(ValueError, match="same key"):
        archive.add_candidates([proposed(1, 1), proposed(1, 1)])
    assert archive.records() == [Record(proposed(1, 0))]


def test_an_outcome_is_stored_once(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    archive.add_outcome(Key(1, 0), TRIAL, SCORED)
    with pytest.raises(ValueError, match="refuses the row"):
        archive.add_outcome(Key(1, 0), TRIAL, Outcome(Stage.PARSE))
    assert archive.records() == [recorded(proposed(1, 0), SCORED)]


def test_an_outcome_needs_its_candidate(archive: Archive) -> None:
    with pytest.raises(ValueError, match="refuses the row"):
        archive.add_outcome(Key(1, 0), TRIAL, SCORED)


def test_a_cycle_is_closed_with_all_its_verdicts_or_not_at_all(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0), proposed(1, 1)])
    archive.add_outcome(Key(1, 0), TRIAL, SCORED)
    verdicts = {Key(1, 0): Admission(AdmissionReason.ADMITTED), Key(1, 1): Admission(AdmissionReason.INVALID)}
    with pytest.raises(ValueError, match=r"1\.1 has no outcome"):
        archive.close_cycle(CycleRow(1, 0.5), verdicts)
    assert archive.cycles() == []
    assert archive.records()[0].admission is None


def test_a_verdict_belongs_to_the_cycle_it_closes(archive: Archive) -> None:
    with pytest.raises(ValueError, match=r"2\.0 is not of cycle 1"):
        archive.close_cycle(CycleRow(1, 0.5), {Key(2, 0): Admission(AdmissionReason.INVALID)})


def test_a_similarity_is_a_number(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    archive.add_outcome(Key(1, 0), TRIAL, SCORED)
    verdict = Admission(AdmissionReason.ADMITTED, Similarity(math.nan, None))
    with pytest.raises(ValueError, match="NaN"):
        archive.close_cycle(CycleRow(1, 0.5), {Key(1, 0): verdict})
    assert archive.cycles() == []


def test_a_moment_without_a_time_zone_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        archive.add_opening(OpeningRow(1, (), (), 1, datetime(2026, 1, 1)))


def test_a_repeated_stage_adds_a_cost_row(archive: Archive) -> None:
    costs = [CostRow(1, "tune", wall_s=2.0, tokens=10), CostRow(1, "tune", wall_s=3.0, tokens=20)]
    for cost in costs:
        archive.add_candidates([], cost=cost)
    assert archive.costs() == costs


def test_a_candidate_has_any_number_of_trials_the_searchs_own_first(archive: Archive) -> None:
    archive.add_candidates([proposed(1, 0)])
    digest = proposed(1, 0).program.digest
    trials = [
        Trial(digest, 5),
        Trial(digest, 4),
        Trial(digest, 5, Fidelity(epochs=9)),
        Trial(digest, 5, split="test"),
    ]
    for trial in trials:
        archive.add_outcome(Key(1, 0), trial, dataclasses.replace(SCORED, seed=trial.seed))
    (record,) = archive.records()
    assert list(record.outcomes) == trials
    assert record.outcome == dataclasses.replace(SCORED, seed=5)


def test_a_candidate_that_could_not_be_written_comes_back_with_its_reason(archive: Archive) -> None:
    failure = Failure(Stage.WRITE, FailureKind.REFUSED, "the patch does not apply", 3)
    candidate = Candidate(Key(1, 0), None, "delta", seed=1, failure=failure, calls=(Call("writer", "p", "c", "m"),))
    archive.add_candidates([candidate], {Key(1, 0): (Trial(None, 0), Outcome(Stage.WRITE, failure=failure))})
    assert archive.records() == [recorded(candidate, Outcome(Stage.WRITE, failure=failure))]


def test_every_session_keeps_the_configuration_it_ran_with(study: Path) -> None:
    with Archive.open(study) as archive:
        archive.set_config({"seed": 4})
    with Archive.open(study) as archive:
        configs = [session.config for session in archive.sessions()]
    assert configs == [{"seed": 3, "loop": {"cycles": 2}}, {"seed": 4}, {"seed": 4}]


def test_the_configuration_can_be_replaced(study: Path) -> None:
    with Archive.open(study) as archive:
        archive.set_config({"seed": 3, "loop": {"cycles": 9}})
    with Archive.open(study, read_only=True) as archive:
        assert archive.config == {"seed": 3, "loop": {"cycles": 9}}


def test_each_opening_for_writing_records_its_environment(study: Path) -> None:
    Archive.open(study).close()
    Archive.open(study, read_only=True).close()
    with Archive.open(study, read_only=True) as archive:
        assert [session.number for session in archive.sessions()] == [1, 2]
        environment = archive.sessions()[-1].environment
    assert {"archwright", "python", "libraries", "os", "processor", "cores", "memory_mb"} <= environment.keys()


def test_circumstances_noted_later_belong_to_the_session_that_runs(study: Path) -> None:
    with Archive.open(study) as archive:
        archive.note({"data": {"classes": {"ant": 3}}})
        archive.note({"data": {"classes": {"ant": 4}}})
        first, second = archive.sessions()
    assert "data" not in first.environment
    assert second.environment["data"] == {"classes": {"ant": 4}}
    assert "python" in second.environment


def test_a_program_many_candidates_have_is_stored_once(study: Path, records: list[Record]) -> None:
    from archwright.archive import rows

    sources = {record.program.source for record in records}
    assert len(rows(study)["programs"]) == len(sources) < len(records)


def _writes() -> Mapping[str, Callable[[Archive], None]]:
    return {
        "add_candidates": lambda archive: archive.add_candidates([proposed(9, 0)]),
        "add_outcome": lambda archive: archive.add_outcome(Key(2, 1), TRIAL, SCORED),
        "close_cycle": lambda archive: archive.close_cycle(CycleRow(2, 0.1), {}),
        "set_config": lambda archive: archive.set_config({}),
    }


@pytest.mark.parametrize("name", _writes())
def test_an_archive_open_for_reading_cannot_be_written(study: Path, name: str) -> None:
    with Archive.open(study, read_only=True) as archive, pytest.raises(RuntimeError, match="reading only"):
        _writes()[name](archive)


def test_a_closed_archive_is_not_used_again(study: Path) -> None:
    archive = Archive.open(study)
    archive.close()
    archive.close()
    with pytest.raises(RuntimeError, match="closed"):
        archive.add_candidates([], cost=CostRow(1, "train"))
    with pytest.raises(RuntimeError, match="closed"):
        archive.records()


def test_a_value_no_database_takes_is_an_error_of_ours_and_stores_nothing(archive: Archive) -> None:
    with pytest.raises((TypeError, OverflowError, ValueError)):
        archive.add_candidates([dataclasses.replace(proposed(1, 0), seed=2**63)])
    assert archive.records() == []


def test_studies_share_a_database(tmp_path: Path, archive_url: str | None) -> None:
    url = archive_url or f"sqlite:///{tmp_path / 'shared.db'}"
    first, second = tmp_path / "first", tmp_path / "second"
    with Archive.create(first, {"seed": 1}, url=url) as one, Archive.create(second, {"seed": 2}, url=url) as two:
        one.add_candidates([proposed(1, 0)])
        two.add_candidates([proposed(1, 0), proposed(1, 1)])
        two.add_outcome(Key(1, 1), TRIAL, SCORED)
    with Archive.open(first) as one, Archive.open(second, read_only=True) as two:
        assert (one.config, two.config) == ({"seed": 1}, {"seed": 2})
        assert one.records() == [Record(proposed(1, 0))]
        assert two.records() == [Record(proposed(1, 0)), recorded(proposed(1, 1), SCORED)]
    assert not (first / "study.db").exists()
