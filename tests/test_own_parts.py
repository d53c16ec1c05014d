"""Studies with an evaluator or parts of one's own: what is told, what is written, and going on with the same parts."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.finalists import Trained

from archwright.analysis.experiments.rows import rows_of
from archwright.analysis.report import write_report
from archwright.assembly import Parts
from archwright.candidate import WRITER, Candidate, Key, Outcome, Program, Scores, Stage
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NetworkContract
from archwright.errors import ArchwrightError, StudyError
from archwright.evaluation.evaluator import Executor
from archwright.finals import evaluate_finalists
from archwright.generators.generator import Models, Request
from archwright.generators.unasked import WithoutModel
from archwright.llm.model import Completion, Decoding, Prompt
from archwright.study import Study
from archwright.task import DataSpec, Metric
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.generators import GOOD
from archwright.testing.models import FakeModel

SPEC = DataSpec("digits", "Digits", (1, 8, 8), ("a", "b"), 100, 10)


def config(*settings: str) -> StudyConfig:
    return load_config("random", ["loop.cycles=1", "loop.candidates=3", *settings])


def executor() -> Executor:
    return SerialExecutor(FakeEvaluator())


def scored(**values: float) -> Outcome:
    return Outcome(Stage.SCORE, scores=Scores(values, n=10))


class Own(WithoutModel):
    """Writes what a function makes of the requests."""

    name = "own"

    def __init__(self, write: Callable[[Sequence[Request]], Iterator[list[Candidate]]]) -> None:
        self._write = write

    def candidate(self, request: Request) -> Candidate:
        raise NotImplementedError

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        return self._write(requests)


def each(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    for request in requests:
        yield [request.candidate("own", Program(f"{GOOD}\n# {request.key}"))]


def alike(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    for request in requests:
        yield [request.candidate("own", Program(GOOD))]


def nothing(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    yield []


def some(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    return each(requests[:1])


def twice(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    yield from each(requests)
    yield from each(requests)


def others(requests: Sequence[Request]) -> Iterator[list[Candidate]]:
    for candidates in each(requests):
        yield [replace(candidate, key=Key(7, 7)) for candidate in candidates]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (scored(accuracy=float("nan")), "accuracy = nan is not within 0 and 1"),
        (scored(accuracy=95.0), "accuracy = 95 is not within 0 and 1"),
        (scored(loss=0.5), "the scores have no accuracy, by which this study selects, but loss"),
    ],
)
def test_a_score_that_would_spoil_every_mean_is_refused(tmp_path: Path, outcome: Outcome, words: str) -> None:
    with Study(config(), tmp_path / "run", parts=Parts(spec=SPEC, executor=executor())) as study:
        candidates = study.ask()
        with pytest.raises(ValueError, match=words):
            study.tell(candidates[0], outcome)
        assert study.ask() == candidates


def test_a_score_may_be_any_number(tmp_path: Path) -> None:
    with Study(config(), str(tmp_path / "run"), parts=Parts(spec=SPEC, executor=executor())) as study:
        assert study.result().reason == "running"
        while candidates := study.ask():
            for candidate in candidates:
                study.tell(candidate, scored(accuracy=np.float32(0.5)))  # type: ignore[arg-type]
        assert study.result().reason == "complete"
        assert study.result().best[0].value("accuracy") == 0.5


def test_the_filter_before_training_judges_what_an_evaluator_of_ones_own_gets(tmp_path: Path) -> None:
    parts = Parts(spec=SPEC, generator=Own(alike), executor=executor())
    with Study(config("novelty.before_training=true"), tmp_path / "run", parts=parts) as study:
        (candidate,) = study.ask()
        study.tell(candidate, scored(accuracy=0.5))
        assert not study.ask()
        totals = study.result().totals
    assert (totals.generated, totals.valid) == (3, 1)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (nothing, r"the generator 'own' did not write 1\.0, 1\.1, 1\.2"),
        (some, r"the generator 'own' did not write 1\.1, 1\.2"),
        (twice, r"the generator 'own' wrote 1\.0, which it was not asked for or has written already"),
        (others, r"the generator 'own' wrote 7\.7, which it was not asked for"),
    ],
)
def test_a_generator_that_does_not_answer_every_request_once_ends_the_study(
    tmp_path: Path, write: Callable[[Sequence[Request]], Iterator[list[Candidate]]], words: str
) -> None:
    parts = Parts(spec=SPEC, generator=Own(write), executor=executor())
    with Study(config(), tmp_path / "run", parts=parts) as study, pytest.raises(ArchwrightError, match=words):
        study.run()
    with Study(config(), tmp_path / "asked", parts=parts) as study, pytest.raises(ArchwrightError, match=words):
        study.ask()


def test_a_study_goes_on_with_the_parts_it_was_begun_with(tmp_path: Path) -> None:
    parts = Parts(spec=SPEC, generator=Own(each), executor=executor())
    Study(config(), tmp_path / "run", parts=parts).close()
    with pytest.raises(StudyError, match=r"parts of its own: generator, executor .*=Parts\(generator=\.\.\., executor"):
        Study.open(tmp_path / "run", parts=Parts(spec=SPEC))
    with Study.open(tmp_path / "run", parts=parts) as study:
        assert len(study.ask()) == 3


def test_finals_and_report_take_the_contract_that_the_study_was_begun_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkContract, "load", lambda *_: None)
    monkeypatch.setattr(NetworkContract, "start", lambda *_: Trained())
    folder, own = tmp_path / "run", NetworkContract(metric=Metric("loss", "", higher_is_better=False))
    with Study(config(), folder, parts=Parts(spec=SPEC, contract=own, generator=Own(each))) as study:
        losses = iter([3.0, 1.0, 2.0])
        while candidates := study.ask():
            for candidate in candidates:
                study.tell(candidate, scored(loss=next(losses), accuracy=0.5))
    for going_on in (evaluate_finalists, write_report, lambda folder: rows_of(folder, "a")):
        with pytest.raises(StudyError, match="was begun in Python with a contract of its own — name it again"):
            going_on(folder)
    result = evaluate_finalists(folder, top=1, contract=own)
    assert [str(each.record.candidate.key) for each in result.finalists] == ["1.1"]
    report = write_report(folder, contract=own).markdown.read_text()
    assert "loss" in report.partition("## ")[0]


class Slow:
    """A model that is interrupted in its first answer, and finishes it all the same."""

    def __init__(self) -> None:
        self._model = FakeModel()
        self.name, self.adapter = self._model.name, None
        self.at_once, self.most = 0, 0
        self._presses = True

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if self._presses:
            self._presses = False
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(0.5)
        self.at_once -= 1
        return self._model.complete(prompts, decoding, seeds)

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        return iter(list(enumerate(self.complete(prompts, decoding, seeds))))

    def close(self) -> None:
        pass


def test_a_run_after_an_interrupted_one_waits_for_the_answer_that_is_being_written(tmp_path: Path) -> None:
    model = Slow()
    laptop = load_config("laptop", ["loop.cycles=1", "loop.candidates=2", "tune.enabled=false", "llm.adapter=none"])
    parts = Parts(spec=SPEC, models={WRITER: model}, executor=executor())
    with Study(laptop, tmp_path / "run", parts=parts) as study:
        assert study.run().reason == "interrupted"
        assert study.run().reason == "complete"
    assert model.most == 1
