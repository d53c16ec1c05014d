"""What Archwright wrote before candidates had calls and trials: the same rows for the same seed, and old folders.

`fixtures/before_nouns` was made by commit 8bdf44e with the class key `bytes(range(32))`: the rows of `--preset demo`
and `--preset evolution` on digits, a study that was killed with -9 in its second cycle, and a finished one whose test
split had been opened. Another kind of processor rounds otherwise: each program is trained, and where its score is near
the recorded one, the search goes on with that.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archwright.archive import Archive
from archwright.archive.environment import describe_environment
from archwright.assembly import Parts
from archwright.candidate import Outcome, Record, Scores, Similarity
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.evaluation.classes import FILE
from archwright.evaluation.evaluator import Executor, Job
from archwright.finals import evaluate_finalists
from archwright.study import Study

FIXTURES = Path(__file__).parent / "fixtures" / "before_nouns"
NEAR = 0.05
"""Accuracies of one training on two kinds of processor differ by less: seven of 143 images."""


class AsRecorded:
    """Trains like the executor it is given; scores near the recorded ones of the same program and seed become those."""

    def __init__(self, executor: Executor, records: Sequence[Mapping[str, Any]]) -> None:
        self._executor = executor
        self._scores = {(row["program"], row["outcome_seed"]): row["scores"] for row in records if row["scores"]}
        self.workers = executor.workers
        self.settle, self.cancel, self.close = executor.settle, executor.cancel, executor.close

    def submit(self, job: Job) -> "Future[Outcome]":
        found: Future[Outcome] = Future()

        def finish(trained: "Future[Outcome]") -> None:
            if trained.cancelled():
                found.cancel()
            elif error := trained.exception():
                found.set_exception(error)
            else:
                found.set_result(self._as_recorded(job, trained.result()))

        self._executor.submit(job).add_done_callback(finish)
        return found

    def _as_recorded(self, job: Job, outcome: Outcome) -> Outcome:
        values = dict(self._scores.get((job.program.digest, job.seed), {}))
        if outcome.scores is None or not values or abs(values["accuracy"] - outcome.value("accuracy")) > NEAR:
            return outcome
        return replace(outcome, scores=Scores(n=values.pop("n"), values=values))


def parts_as_recorded(config: StudyConfig, rows: Mapping[str, Any]) -> Parts:
    return Parts(executor=AsRecorded(NETWORK.start(config, NETWORK.load(config)), rows["records"]))


@pytest.fixture
def class_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / FILE).write_bytes(bytes(range(32)))
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(cache))


def old_rows(name: str) -> dict[str, list[object]]:
    rows: dict[str, list[object]] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return rows


def rows_as_before(folder: Path) -> dict[str, list[object]]:
    """The rows of a study in the words of the fixture."""
    with Archive.open(folder, read_only=True) as archive:
        return {
            "records": [describe(record) for record in archive.records()],
            "cycles": [[row.cycle, row.threshold] for row in archive.cycles()],
            "adapters": [
                {
                    "name": row.name,
                    "cycle": row.cycle,
                    "pairs": row.pairs,
                    "steps": row.steps,
                    "loss": row.loss,
                    "digest": row.digest,
                }
                for row in archive.adapters()
            ],
        }


def describe(record: Record) -> dict[str, object]:
    candidate, outcome, admission = record.candidate, record.outcome, record.admission
    call, failure = candidate.writer, outcome.failure if outcome else None
    scores = outcome.scores if outcome else None
    return {
        "key": str(candidate.key),
        "program": record.program.digest,
        "generator": candidate.generator,
        "seed": candidate.seed,
        "parents": list(candidate.parents),
        "operation": candidate.operation,
        "prompt": digest_of(call.prompt) if call else None,
        "completion": digest_of(call.completion) if call else None,
        "model": call.model if call else None,
        "adapter": call.adapter if call else None,
        "prompt_tokens": candidate.prompt_tokens,
        "completion_tokens": candidate.completion_tokens,
        "finish_reason": call.finish_reason if call else None,
        "repair": candidate.facts.get("repair"),
        "stage": outcome.stage if outcome else None,
        "failure": [failure.stage, failure.kind, failure.message, failure.line] if failure else None,
        "scores": {**scores.values, "n": scores.n} if scores else None,
        "params": outcome.params if outcome else None,
        "flops": outcome.flops if outcome else None,
        "outcome_seed": outcome.seed if outcome else None,
        "protocol": outcome.protocol if outcome else None,
        "admission": None
        if admission is None
        else {
            "reason": admission.reason,
            "lexical": pair(admission.lexical),
            "canonical": pair(admission.canonical),
            "rejections": admission.rejections,
        },
    }


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def pair(similarity: Similarity | None) -> list[object] | None:
    return None if similarity is None else [similarity.value, similarity.nearest]


def copy_of(name: str, tmp_path: Path) -> Path:
    folder = tmp_path / name
    shutil.copytree(FIXTURES / name, folder)
    return folder


@pytest.mark.usefixtures("class_key")
def test_evolution_gives_the_same_rows_for_the_same_seed(tmp_path: Path) -> None:
    before, config = old_rows("evolution"), load_config("evolution", ["sandbox.cache=false"])
    with Study(config, tmp_path / "run", parts=parts_as_recorded(config, before)) as study:
        study.run()
    found = rows_as_before(tmp_path / "run")
    assert found == {name: before[name] for name in found}


@pytest.mark.slow
@pytest.mark.skipif(
    "AMD" not in describe_environment()["processor"], reason="lessons were recorded on another kind of processor"
)
@pytest.mark.usefixtures("class_key")
def test_the_demo_gives_the_same_rows_for_the_same_seed(tmp_path: Path) -> None:
    with Study(load_config("demo", ["sandbox.cache=false"]), tmp_path / "run") as study:
        study.run()
    before = old_rows("demo")
    found = rows_as_before(tmp_path / "run")
    assert found == {name: before[name] for name in found}


@pytest.mark.usefixtures("class_key")
def test_a_study_killed_before_goes_on_to_the_rows_of_one_that_never_stopped(tmp_path: Path) -> None:
    folder = copy_of("interrupted", tmp_path)
    with Study.open(folder) as study:
        assert study.run().reason == "complete"
    resumed = rows_as_before(folder)
    config = load_config("evolution", ["sandbox.cache=false", "loop.candidates=6"])
    with Study(config, tmp_path / "whole", parts=parts_as_recorded(config, resumed)) as study:
        study.run()
    assert resumed == rows_as_before(tmp_path / "whole")


@pytest.mark.usefixtures("class_key")
def test_a_study_finished_before_is_reported_and_keeps_its_test_results(tmp_path: Path) -> None:
    from archwright.analysis.report import write_report

    folder = copy_of("finished", tmp_path)
    shown = json.loads((FIXTURES / "finished_final.json").read_text("utf-8"))
    result = evaluate_finalists(folder)
    (finalist,) = result.finalists
    assert result.scored_now == 0
    assert [outcome.value("accuracy") for outcome in finalist.outcomes] == [
        score["accuracy"] for score in shown["finalists"][0]["scores"]
    ]
    assert "Finalists on the test split" in write_report(folder).markdown.read_text("utf-8")
    again = evaluate_finalists(folder, top=1, seeds=2, again=True)
    assert again.scored_now == 1
    assert len(again.finalists[0].outcomes) == 2
