"""Migration 0006: rows from before candidates had calls and trials come back as they were, of every kind."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, create_engine, make_url

from archwright.archive import Archive, schema
from archwright.archive.columns import escape
from archwright.archive.database import default_url, writer
from archwright.archive.opening import trust_pointer
from archwright.archive.tables import METADATA
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

BEFORE = "0005"
ODD = "a\x00b\ud800c\x10"
"""NUL, a lone surrogate and the escape character: what no database stores as it is."""
WHEN = "2026-01-02T03:04:05.000006+00:00"
RECIPE = {"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "batch": 64, "augmentation": "none"}
CONFIG = {
    "seed": 1,
    "task": "digits",
    "budget": {"epochs": 3},
    "data": {"train_size": 500, "image_size": 16, "protocol": "holdout"},
    "recipe": RECIPE,
}
AT = Fidelity(3, 500, 16, json.dumps(RECIPE, sort_keys=True))
AT_THE_END = Fidelity(9, 500, 16, AT.recipe)
FIRST, SECOND, THIRD = (Program(f"class Net: {ODD} {number}") for number in range(3))


def candidate(position: int, program: Program, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(("operation", "prompt", "completion", "model", "adapter", "finish_reason", "repair"))
    row |= {"cycle": 1, "position": position, "program": program.digest, "generator": "full", "seed": 10 + position}
    row |= {"parents": "[]", "prompt_tokens": 0, "completion_tokens": 0, "generate_s": 0.5, "created_at": WHEN}
    return row | values


def outcome(position: int, stage: str, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(("failure_stage", "failure_kind", "failure_message", "failure_line"))
    row |= dict.fromkeys(("accuracy", "loss", "n", "params", "flops"))
    row |= {"cycle": 1, "position": position, "stage": stage, "seconds": "{}", "cpu_s": 0.0, "gpu_s": 0.0}
    row |= {"memory_mb": 0.0, "received_bytes": 0, "seed": 10 + position, "protocol": "holdout", "isolation": 3}
    return row | {"log": "", "cached": False, "finished_at": WHEN} | values


def final(program: Program, seed: int, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(("failure_stage", "failure_kind", "failure_message", "failure_line"))
    row |= {"program": program.digest, "seed": seed, "protocol": "holdout", "accuracy": None, "loss": None, "n": 0}
    return row | {"opened_at": WHEN, "params": None, "isolation": 3} | values


ROWS: dict[str, list[dict[str, Any]]] = {
    "programs": [{"digest": each.digest, "source": escape(each.source)} for each in (FIRST, SECOND, THIRD)],
    "candidates": [
        candidate(
            0,
            FIRST,
            parents=json.dumps([SECOND.digest, "b"]),
            prompt=escape(f"write {ODD}"),
            completion=escape(f"class {ODD}"),
            model=escape(f"model {ODD}"),
            adapter=escape(f"cycle-1 {ODD}"),
            prompt_tokens=7,
            completion_tokens=9,
            finish_reason="stop",
            repair="trimmed",
        ),
        candidate(1, SECOND, generator="mutation", operation=escape(f"widen {ODD}"), generate_s=None),
        candidate(2, FIRST, prompt="write", completion="", model="m", repair="raw"),
        candidate(3, THIRD, prompt="asked, and not answered"),
        candidate(4, THIRD),
        candidate(5, THIRD),
    ],
    "outcomes": [
        outcome(0, "score", accuracy=0.5, loss=None, n=100, flops=str(2**70), params=str(2**65)),
        outcome(
            1,
            "train",
            failure_kind="timeout",
            failure_message=escape(f"too slow {ODD}"),
            failure_line=4,
            seconds='{"total": 1.5, "train": NaN}',
            cpu_s=None,
            gpu_s=2.5,
            memory_mb=64.5,
            received_bytes=2**40,
            log=escape(f"epoch {ODD}"),
            cached=True,
        ),
        outcome(2, "score", accuracy=0.625, loss=math.inf, n=100),
        outcome(3, "novelty", failure_stage="novelty", failure_kind="near_duplicate", failure_message="like 1.0"),
        outcome(4, "score", accuracy=None, loss=None, n=100),
    ],
    "cycles": [{"cycle": 1, "threshold": None, "closed_at": WHEN}],
    "admissions": [
        {"cycle": 1, "position": 0, "reason": "admitted", "lexical_value": 0.25, "lexical_nearest": escape(ODD)}
        | {"canonical_value": 0.0, "canonical_nearest": None, "rejections": 2},
        {"cycle": 1, "position": 1, "reason": "invalid", "lexical_value": None, "lexical_nearest": None}
        | {"canonical_value": None, "canonical_nearest": None, "rejections": None},
    ],
    "openings": [
        {"number": 1, "programs": json.dumps([FIRST.digest]), "seeds": "[21, 22]", "epochs": 9, "opened_at": WHEN}
    ],
    "finals": [
        final(FIRST, 22, accuracy=0.75, loss=None, n=160, params="900"),
        final(
            FIRST,
            21,
            failure_stage="predict",
            failure_kind="not_reproducible",
            failure_message=escape(ODD),
            failure_line=3,
            isolation=2,
        ),
    ],
}

CALL = Call(
    "writer", f"write {ODD}", f"class {ODD}", f"model {ODD}", f"cycle-1 {ODD}", 7, 9, finish_reason="stop", wall_s=0.5
)
TIMEOUT = Failure(Stage.TRAIN, FailureKind.TIMEOUT, f"too slow {ODD}", 4)
DUPLICATE = Failure(Stage.NOVELTY, FailureKind.NEAR_DUPLICATE, "like 1.0")
NOT_REPRODUCIBLE = Failure(Stage.PREDICT, FailureKind.NOT_REPRODUCIBLE, ODD, 3)
EXPECTED = [
    Record(
        Candidate(
            Key(1, 0),
            FIRST,
            "full",
            10,
            (SECOND.digest, "b"),
            calls=(CALL,),
            facts={"repair": "trimmed"},
            generate_s=0.5,
        ),
        {
            Trial(FIRST.digest, 10, AT): Outcome(
                Stage.SCORE,
                scores=Scores({"accuracy": 0.5, "loss": math.nan}, 100),
                params=2**65,
                flops=2**70,
                seconds={},
                seed=10,
                isolation=3,
            )
        },
        Admission(AdmissionReason.ADMITTED, Similarity(0.25, ODD), Similarity(0.0, None), 2),
    ),
    Record(
        Candidate(Key(1, 1), SECOND, "mutation", 11, facts={"operation": f"widen {ODD}"}, generate_s=math.nan),
        {
            Trial(SECOND.digest, 11, AT): Outcome(
                Stage.TRAIN,
                failure=TIMEOUT,
                seconds={"total": 1.5, "train": math.nan},
                cpu_s=math.nan,
                gpu_s=2.5,
                memory_mb=64.5,
                received_bytes=2**40,
                seed=11,
                isolation=3,
                log=f"epoch {ODD}",
                cached=True,
            )
        },
        Admission(AdmissionReason.INVALID),
    ),
    Record(
        Candidate(
            Key(1, 2),
            FIRST,
            "full",
            12,
            calls=(Call("writer", "write", "", "m", wall_s=0.5),),
            facts={"repair": "raw"},
            generate_s=0.5,
        ),
        {
            Trial(FIRST.digest, 12, AT): Outcome(
                Stage.SCORE,
                scores=Scores({"accuracy": 0.625, "loss": math.inf}, 100),
                seconds={},
                seed=12,
                isolation=3,
            ),
            Trial(FIRST.digest, 22, AT_THE_END, "test"): Outcome(
                Stage.SCORE,
                scores=Scores({"accuracy": 0.75, "loss": math.nan}, 160),
                params=900,
                seconds={},
                seed=22,
                isolation=3,
            ),
            Trial(FIRST.digest, 21, AT_THE_END, "test"): Outcome(
                Stage.PREDICT, failure=NOT_REPRODUCIBLE, seconds={}, seed=21, isolation=2
            ),
        },
    ),
    Record(
        Candidate(
            Key(1, 3),
            THIRD,
            "full",
            13,
            calls=(Call("writer", "asked, and not answered", "", "", wall_s=0.5),),
            facts={},
            generate_s=0.5,
        ),
        {Trial(THIRD.digest, 13, AT): Outcome(Stage.NOVELTY, failure=DUPLICATE, seconds={}, seed=13, isolation=3)},
    ),
    Record(
        Candidate(Key(1, 4), THIRD, "full", 14, facts={}, generate_s=0.5),
        {
            Trial(THIRD.digest, 14, AT): Outcome(
                Stage.SCORE,
                scores=Scores({"accuracy": math.nan, "loss": math.nan}, 100),
                seconds={},
                seed=14,
                isolation=3,
            )
        },
    ),
    Record(Candidate(Key(1, 5), THIRD, "full", 15, facts={}, generate_s=0.5), {}),
]


def insert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    connection.execute(Table(table, MetaData(), autoload_with=connection).insert(), rows)


@pytest.fixture(params=["sqlite", "postgresql"])
def archive_url(request: pytest.FixtureRequest) -> str | None:
    """None for a file in the study's folder, else the address of an empty database."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres").create_database()


@pytest.fixture
def write_old(
    tmp_path: Path, archive_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, Any]], Path]:
    """A function that makes the folder of a study of revision 0005 with a configuration and ROWS."""

    def write(config: dict[str, Any]) -> Path:
        folder = tmp_path / "study"
        folder.mkdir()
        older = tmp_path / "older"
        shutil.copytree(schema.MIGRATIONS, older, ignore=shutil.ignore_patterns("__pycache__"))
        for migration in (older / "versions").glob("[0-9]*.py"):
            if migration.name[:4] > BEFORE:
                migration.unlink()
        engine = writer(make_url(archive_url) if archive_url else default_url(folder))
        with monkeypatch.context() as patch, engine.begin() as connection:
            patch.setattr(schema, "MIGRATIONS", older)
            schema.migrate(connection)
            study = {"id": 1, "name": "study", "config": json.dumps(config), "created_at": WHEN, "archwright": "0.1.0"}
            insert(connection, "studies", [study])
            session = {"number": 1, "opened_at": WHEN, "environment": "{}"}
            for table, rows in {"sessions": [session], **ROWS}.items():
                for row in rows:
                    insert(connection, table, [row | {"study_id": 1}])
        engine.dispose()
        if archive_url is not None:
            (folder / "study.json").write_text(json.dumps({"url": archive_url, "study": 1}))
            trust_pointer(folder)  # as `--trust` does once for a study of before
        return folder

    return write


def test_rows_of_every_kind_come_back_as_they_were(write_old: Callable[[dict[str, Any]], Path]) -> None:
    with Archive.open(write_old(CONFIG)) as archive:
        # As text, since NaN is not equal to itself.
        assert [repr(record) for record in archive.records()] == [repr(record) for record in EXPECTED]
        assert [row.epochs for row in archive.openings()] == [9]
        assert [session.config for session in archive.sessions()] == [CONFIG, CONFIG]


def test_a_migrated_study_goes_on(write_old: Callable[[dict[str, Any]], Path]) -> None:
    folder = write_old(CONFIG)
    added = Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 10), seed=15)
    unwritten = Failure(Stage.WRITE, FailureKind.REFUSED, "the patch does not apply")
    with Archive.open(folder) as archive:
        archive.add_outcome(Key(1, 5), Trial(THIRD.digest, 15, AT), added)
        archive.add_outcome(Key(1, 2), Trial(FIRST.digest, 23, AT_THE_END, "test"), added)
        archive.add_candidates([Candidate(Key(2, 0), None, "delta", 1, failure=unwritten)])
    with Archive.open(folder, read_only=True) as archive:
        records = {record.candidate.key: record for record in archive.records()}
    assert records[Key(1, 5)].outcome == added
    assert [trial.seed for trial in records[Key(1, 2)].outcomes] == [12, 22, 21, 23]
    assert records[Key(2, 0)].candidate.failure == unwritten


def test_a_migrated_study_has_exactly_the_tables_of_a_new_one(
    write_old: Callable[[dict[str, Any]], Path], archive_url: str | None
) -> None:
    folder = write_old(CONFIG)
    Archive.open(folder).close()
    engine = create_engine(make_url(archive_url) if archive_url else default_url(folder))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_a_search_that_selected_on_the_test_split_says_so_of_its_trials(
    write_old: Callable[[dict[str, Any]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lemur = [row | {"protocol": "lemur"} for row in ROWS["outcomes"]]
    monkeypatch.setitem(ROWS, "outcomes", lemur)
    monkeypatch.setitem(ROWS, "finals", [])
    with Archive.open(write_old(CONFIG)) as archive:
        trials = [trial for record in archive.records() for trial in record.outcomes]
    assert {trial.split for trial in trials} == {"test"}


def test_a_configuration_without_the_sections_of_a_trial_means_one_epoch_on_everything(
    write_old: Callable[[dict[str, Any]], Path],
) -> None:
    with Archive.open(write_old({"seed": 1})) as archive:
        (trial,) = archive.records()[0].outcomes
    assert trial == Trial(FIRST.digest, 10)
