"""Whole studies on a cluster: nothing is lost and nothing evaluated twice, whatever is killed meanwhile."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from archwright import events
from archwright.archive import Archive, rows
from archwright.archive.tables import outcomes
from archwright.config import SandboxConfig, StudyConfig
from archwright.configuring import load_config
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.evaluation.start import start_executor
from archwright.finals import evaluate_finalists
from archwright.study import Study
from archwright.task import Task
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.programs import GOOD

WaitUntil = Callable[..., None]
SETTINGS = [
    "sandbox.cache=false", "data.train_size=256", "data.validation_size=100", "loop.cycles=2", "loop.candidates=4",
    "evolution.batch=4", "evolution.population=4",
]  # fmt: skip


def on_cluster(cluster: Any) -> list[str]:
    return ["sandbox.executor=ray", f"sandbox.address={cluster.address}", "sandbox.workers=2"]


def without_options(folder: Path) -> dict[str, object]:
    """Return the rows that do not depend on where a study ran."""
    return {table: found for table, found in rows(folder).items() if table != "studies"}


def count_outcomes(folder: Path) -> int:
    with Archive.open(folder, read_only=True) as archive, archive.reading() as session:
        found = select(func.count()).select_from(outcomes).where(outcomes.c.study_id == archive.study_id)
        return session.execute(found).scalar_one()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The rows of the same study on this machine."""
    folder = tmp_path_factory.mktemp("local") / "run"
    with Study(load_config("evolution", SETTINGS), folder) as study:
        assert study.run().reason == "complete"
    return without_options(folder)


@pytest.mark.slow
def test_a_study_that_loses_a_node_ends_with_the_rows_of_a_local_one(
    cluster: Any, tmp_path: Path, local: dict[str, object], wait_until: WaitUntil
) -> None:
    evaluated: list[events.Evaluated] = []

    def watch(event: events.Event) -> None:
        if isinstance(event, events.Evaluated):
            evaluated.append(event)
            if len(evaluated) == 2:
                cluster.kill_a_node()

    config: StudyConfig = load_config("evolution", [*SETTINGS, *on_cluster(cluster)])
    before = cluster.actors()
    with Study(config, tmp_path / "run", [watch]) as study:
        assert study.run().reason == "complete"
    wait_until(lambda: cluster.actors() <= before)
    assert without_options(tmp_path / "run") == local
    assert count_outcomes(tmp_path / "run") == len(evaluated) == 8


@pytest.fixture(scope="module")
def finals() -> list[object]:
    """The rows of finalists, wherever they were trained."""
    return []


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "archwright", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def search(cluster: Any, folder: Path, *options: str) -> "subprocess.Popen[str]":
    settings = [part for setting in [*SETTINGS, *on_cluster(cluster)] for part in ("--set", setting)]
    return start("search", "--preset", "evolution", *settings, "--run", str(folder), *options)


def has_outcomes(folder: Path, least: int) -> bool:
    return ((folder / "study.db").exists() or (folder / "study.json").exists()) and count_outcomes(folder) >= least


@pytest.mark.slow
def test_two_studies_share_a_cluster_and_a_database_and_are_stopped_and_resumed(
    cluster: Any, postgres: Any, tmp_path: Path, local: dict[str, object], wait_until: WaitUntil
) -> None:
    url, folders = postgres.create_database(), [tmp_path / "killed", tmp_path / "interrupted"]
    before = cluster.actors()
    killed, interrupted = (search(cluster, folder, "--archive", url) for folder in folders)
    wait_until(lambda: all(has_outcomes(folder, 1) for folder in folders), 90.0)
    killed.kill()
    killed.communicate()
    interrupted.send_signal(signal.SIGINT)
    out, err = interrupted.communicate(timeout=60)
    assert interrupted.returncode == 1, err
    assert "archwright resume" in out + err
    assert "Traceback" not in err
    wait_until(lambda: cluster.actors() <= before)  # the nodes are given back
    for resumed in [start("resume", str(folder)) for folder in folders]:
        _, err = resumed.communicate(timeout=120)
        assert resumed.returncode == 0, err
    for folder in folders:
        assert without_options(folder) == local
        assert count_outcomes(folder) == 8


@pytest.mark.slow
def test_what_the_cluster_trained_is_remembered_here(
    cluster: Any, sandbox: SandboxConfig, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    outcomes = []
    for where in (sandbox, sandbox, sandbox.model_copy(update={"executor": "local"})):
        with closing(start_executor(task, where)) as executor:
            outcomes += [outcome for _, outcome in run_jobs(executor, [Job(0, GOOD, seed=4)])]
    assert [outcome.cached for outcome in outcomes] == [False, True, True]
    assert outcomes[0].scores == outcomes[1].scores == outcomes[2].scores


@pytest.mark.parametrize("is_here", [True, False])
@pytest.mark.slow
def test_finalists_are_trained_where_the_candidates_were_and_come_out_the_same(
    cluster: Any, tmp_path: Path, is_here: bool, finals: list[object]
) -> None:
    where = [] if is_here else on_cluster(cluster)
    evaluator = FakeEvaluator()
    config = load_config("evolution", [*SETTINGS, "loop.cycles=1", "loop.candidates=2", *where])
    with Study(config, tmp_path / "run") as study:
        while candidates := study.ask():
            for candidate in candidates:
                assert candidate.program is not None
                study.tell(candidate, evaluator.evaluate(candidate.program, seed=candidate.seed))
    before, during = cluster.actors(), set()
    result = evaluate_finalists(tmp_path / "run", top=2, seeds=1, on_scored=lambda _: during.update(cluster.actors()))
    assert result.scored_now == 2
    assert bool(during - before) is not is_here
    finals.append(rows(tmp_path / "run")["outcomes"])
    assert all(found == finals[0] for found in finals)
