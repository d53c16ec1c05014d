"""Whatever the rows of an archive hold, it is reported or refused, and never followed, run or written to."""

import contextlib
import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.values import COUNTS, DEEP, FEW, FLOATS, JSON, QUICK, SOME, TEXT

from archwright.analysis.failures import count_failures
from archwright.analysis.report import write_report
from archwright.analysis.report.facts import StudyFacts, read_facts
from archwright.analysis.report.html import render_html
from archwright.analysis.report.markdown import render_markdown
from archwright.analysis.summary import best_records, summarize_cycles, summarize_totals
from archwright.archive import Archive, CostRow, CycleRow
from archwright.archive.codec import from_row
from archwright.archive.ledger import AdapterRow, OpeningRow
from archwright.candidate import Admission, AdmissionReason, Candidate, Key, Outcome, Record, Scores, Similarity, Stage
from archwright.cli.answer import write_json
from archwright.errors import ArchwrightError

STUDY = Path(__file__).parents[1] / "fixtures" / "before_nouns" / "finished"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study with an opened test split, brought up to date."""
    folder = tmp_path_factory.mktemp("fuzz") / "study"
    shutil.copytree(STUDY, folder)
    Archive.open(folder).close()
    return folder


@cache  # no fixture: hypothesis would print all of it
def _facts(study: Path) -> StudyFacts:
    return read_facts(study)


CELLS = [
    *("candidates.cycle", "candidates.generate_s", "candidates.parents", "candidates.facts", "candidates.failure_kind"),
    *("outcomes.params", "outcomes.flops", "outcomes.seconds", "outcomes.scores_values", "outcomes.scores_n"),
    *(
        "outcomes.isolation",
        "outcomes.log",
        "outcomes.cached",
        "outcomes.split",
        "outcomes.stage",
        "outcomes.memory_mb",
    ),
    *("admissions.reason", "admissions.lexical_value", "admissions.rejections", "cycles.threshold", "costs.wall_s"),
    *("costs.tokens", "costs.stage", "openings.programs", "openings.seeds", "openings.opened_at", "openings.epochs"),
    *("sessions.environment", "sessions.config", "sessions.opened_at", "studies.config", "programs.source"),
]
CELL_VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | FLOATS
    | st.binary(max_size=20)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | JSON.map(json.dumps)
    | st.sampled_from([deep.decode() for deep in DEEP])
    | st.sampled_from(["1" * 400, "-5", "\x1000zz"])
)


@FEW
@given(st.sampled_from(CELLS), CELL_VALUES)
@example("outcomes.seconds", json.dumps({"total": 10**400}))
@example("outcomes.seconds", "[]")
@example("outcomes.scores_values", '{"accuracy": "1"}')
@example("outcomes.scores_values", '{"accuracy": Infinity}')
@example("outcomes.flops", "9" * 400)
@example("outcomes.cpu_s", 9e999)
@example("openings.opened_at", "0001-01-01T00:00:00+23:59")
@example("sessions.environment", "[" * 3_000)
def test_any_cell_of_an_archive_is_reported_or_refused(study: Path, cell: str, value: object) -> None:
    table, column = cell.split(".")
    folder = study.with_name("changed")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(study, folder)
    with closing(sqlite3.connect(folder / "study.db")) as database, contextlib.suppress(sqlite3.IntegrityError):
        database.execute(f"UPDATE {table} SET {column} = ?", [value])
        database.commit()
    with contextlib.suppress(ArchwrightError):
        write_report(folder)


@QUICK
@given(st.sampled_from([Candidate, Outcome, Admission, CostRow, CycleRow, AdapterRow, OpeningRow]), st.data())
def test_a_row_is_a_dataclass_or_no_row(cls: type, data: st.DataObject) -> None:
    given_fields = {"key": None, "program": None, "calls": ()} if cls is Candidate else {}
    with contextlib.suppress(ValueError, KeyError, OverflowError):
        from_row(cls, _Anything(data), **given_fields)  # type: ignore[arg-type]


class _Anything(dict[str, object]):
    """A row with a value in every column that is asked for."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def __getitem__(self, name: str) -> object:
        return self._data.draw(JSON)


SCORES = st.builds(Scores, st.dictionaries(st.just("accuracy"), FLOATS, min_size=1), COUNTS)
CAME_TO = st.tuples(st.just(Stage.SCORE), SCORES) | st.tuples(
    st.sampled_from(sorted(set(Stage) - {Stage.SCORE})), st.none()
)
"""Stage and scores of an outcome without a failure."""
OUTCOMES = st.builds(
    lambda came_to, **used: Outcome(came_to[0], None, came_to[1], **used),
    CAME_TO,
    params=st.none() | COUNTS | st.just(10**400),
    flops=st.none() | COUNTS | st.just(10**400),
    seconds=st.dictionaries(st.just("total"), FLOATS, max_size=1),
    cpu_s=FLOATS,
    gpu_s=FLOATS,
    memory_mb=FLOATS,
    received_bytes=COUNTS,
    isolation=COUNTS,
    log=TEXT,
)
SIMILARITIES = st.builds(Similarity, FLOATS, TEXT)
ADMISSIONS = st.builds(
    Admission, st.sampled_from(list(AdmissionReason)), SIMILARITIES, SIMILARITIES, st.none() | COUNTS
)


@SOME
@given(
    st.lists(st.tuples(OUTCOMES, st.none() | ADMISSIONS, COUNTS), min_size=1, max_size=4),
    st.lists(st.tuples(COUNTS, st.none() | FLOATS), max_size=2),
    st.lists(st.builds(CostRow, COUNTS, TEXT, FLOATS, FLOATS, FLOATS, COUNTS, COUNTS), max_size=2),
)
def test_a_report_is_written_whatever_the_numbers(
    study: Path,
    rows: list[tuple[Outcome, Admission | None, int]],
    closed: list[tuple[int, float | None]],
    costs: list[CostRow],
) -> None:
    facts = _facts(study)
    first = facts.records[0]
    trial = next(iter(first.outcomes))
    records = [
        Record(replace(first.candidate, key=Key(cycle, place)), {trial: outcome}, admission)
        for place, (outcome, admission, cycle) in enumerate(rows)
    ]
    cycles = [CycleRow(cycle, threshold) for cycle, threshold in closed]
    summaries = summarize_cycles(records, cycles, facts.metric)
    absurd = replace(
        facts,
        records=records,
        cycles=summaries,
        totals=summarize_totals(records, costs),
        failures=count_failures(records),
        best=best_records(records, 3, facts.metric),
    )
    assert render_html(absurd).endswith("</html>\n")
    assert render_markdown(absurd).startswith("# ")
    write_json({"cycles": [cycle.as_json() for cycle in summaries], "totals": absurd.totals.as_json()}, io.StringIO())
