"""What needs no training: what was not written, near-duplicates, known outcomes, what a judge leaves out."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.interrupted import InterruptedExecutor

from archwright.admission import Admissions
from archwright.archive import Archive, rows
from archwright.assembly import Assembly, Parts
from archwright.candidate import (
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Fidelity,
    Key,
    Outcome,
    Program,
    Record,
    Stage,
    Trial,
)
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.evaluation.evaluator import Job
from archwright.generators.generator import Models, Request
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair
from archwright.randomness import derive_seed
from archwright.settling import rank, settle, trial_of
from archwright.starters import load_seed_corpus
from archwright.strategies.strategy import View
from archwright.study import Study
from archwright.task import DataSpec
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.programs import BROKEN, GOOD
from archwright.testing.strategies import view_of

SPEC = DataSpec("fake", "fake images", (3, 8, 8), ("a", "b"), 100, 100)
REFUSED = Failure(Stage.WRITE, FailureKind.REFUSED, "the patch does not apply; the nearest lines are 3 to 5")
OTHER = Program(GOOD.source + "\n# another\n")
SMALL = ["loop.cycles=2", "loop.candidates=6", "loop.stop=false", "loop.strategy=random", "loop.generator=mutation"]


def config(*settings: str) -> StudyConfig:
    return load_config(settings=[*SMALL, *settings])


def candidate(index: int, written: Program | Failure = GOOD, at: Fidelity | None = None) -> Candidate:
    return Request(key=Key(1, index), seed=100 + index, at=at).candidate("test", written)


class Knowing:
    """An executor that knows some outcomes already and trains nothing."""

    workers = 1

    def __init__(self, *known: Program) -> None:
        self._known = set(known)

    def settle(self, job: Job) -> Outcome | None:
        return Outcome(Stage.BUILD, seed=job.seed, cached=True) if job.program in self._known else None

    def submit(self, job: Job) -> "Future[Outcome]":
        raise AssertionError("nothing is trained by settling")

    def cancel(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def assemble(tmp_path: Path) -> Callable[..., Assembly]:
    def make(*known: Program, settings: Sequence[str] = ()) -> Assembly:
        return Assembly(config(*settings), tmp_path, Parts(spec=SPEC, executor=Knowing(*known)))

    return make


Assemble = Callable[..., Assembly]


def settle_all(assembly: Assembly, *candidates: Candidate) -> tuple[dict[int, Outcome], list[Job]]:
    view = view_of(assembly.config, 1, [Record(each) for each in candidates])
    settled = settle(candidates, view, assembly, Admissions(assembly.config, assembly.contract))
    assert [job.program for _, job in settled.to_train] == [each.program for each, _ in settled.to_train]
    return {each.key.index: outcome for each, outcome in settled.outcomes}, [job for _, job in settled.to_train]


def test_what_nobody_has_settled_is_a_job_with_the_seed_of_training_and_the_fidelity(assemble: Assemble) -> None:
    at = Fidelity(epochs=3)
    found, jobs = settle_all(assemble(), candidate(0), candidate(1, OTHER, at))
    assert found == {}
    assert jobs == [
        Job(0, GOOD, derive_seed(100, "train")),
        Job(1, OTHER, derive_seed(101, "train"), at),
    ]


def test_a_candidate_that_could_not_be_written_keeps_the_reason(assemble: Assemble) -> None:
    found, jobs = settle_all(assemble(), candidate(0, REFUSED), candidate(1))
    assert [job.number for job in jobs] == [1]
    assert (found[0].stage, found[0].failure) == (Stage.WRITE, REFUSED)
    assert found[0].seed == derive_seed(100, "train")


def test_what_the_executor_knows_is_not_trained(assemble: Assemble) -> None:
    found, jobs = settle_all(assemble(OTHER), candidate(0), candidate(1, OTHER))
    assert [job.number for job in jobs] == [0]
    assert found == {1: Outcome(Stage.BUILD, seed=derive_seed(101, "train"), cached=True)}


def test_near_duplicates_are_refused_where_that_is_asked_for(assemble: Assemble) -> None:
    copies = [candidate(0), candidate(1, OTHER), candidate(2, BROKEN)]
    found, jobs = settle_all(assemble(), *copies)
    assert len(jobs) == 3
    early = ["novelty.before_training=true", 'novelty.against=["cycle"]']
    found, jobs = settle_all(assemble(settings=early), *copies)
    assert [job.number for job in jobs] == [0, 2], "the broken one fails for its own reason"
    assert found[1].failure is not None
    assert (found[1].stage, found[1].failure.kind) == (Stage.NOVELTY, FailureKind.NEAR_DUPLICATE)


def test_a_trial_of_the_search_follows_from_the_candidate(assemble: Assemble) -> None:
    assembly = assemble()
    task = assembly.task
    assert trial_of(candidate(3), assembly) == Trial(GOOD.digest, derive_seed(103, "train"), task.fidelity, task.split)
    at = Fidelity(epochs=9)
    assert trial_of(candidate(3, at=at), assembly).at == at
    assert trial_of(candidate(3, REFUSED), assembly).program is None


class Judge:
    """Trains the candidates with odd numbers, the last first."""

    def prepare(self, view: View) -> None: ...

    def rank(self, candidates: Sequence[Candidate], view: View) -> Sequence[Candidate]:
        assert all(each.program is not None for each in candidates), "there is nothing to judge without a program"
        return [each for each in reversed(candidates) if each.key.index % 2]


def test_a_judge_decides_what_is_trained_and_in_which_order(assemble: Assemble) -> None:
    assembly = assemble()
    written = [candidate(0), candidate(1), candidate(2, REFUSED), candidate(3, OTHER)]
    ranked = rank(written, view_of(assembly.config, 1, []), assembly, Judge())
    assert [each.key.index for each in ranked.kept] == [2, 3, 1], "what could not be written keeps its own reason"
    ((key, (trial, outcome)),) = ranked.settled.items()
    assert (key, trial) == (Key(1, 0), trial_of(written[0], assembly))
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.OUTRANKED
    assert not outcome.is_valid


class Halting:
    """Writes every other candidate; the rest are refused at once."""

    name, roles = "halting", ()

    def prompt_for(self, request: Request) -> Prompt | None:
        return None

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        for request in requests:
            program = Program(f"{GOOD.source}\n# {request.key}\n")
            yield [request.candidate(self.name, REFUSED if request.key.index % 2 else program)]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return []


def finish(folder: Path, **parts: object) -> list[Record]:
    with Study.open(folder, parts=Parts(executor=SerialExecutor(FakeEvaluator()), **parts)) as study:  # type: ignore[arg-type]
        assert study.run().reason == "complete"
    with Archive.open(folder, read_only=True) as archive:
        return archive.records()


@pytest.mark.parametrize("jobs", [0, 1, 4])
def test_candidates_that_could_not_be_written_are_archived_and_survive_an_interruption(
    tmp_path: Path, jobs: int
) -> None:
    def parts(executor: InterruptedExecutor) -> Parts:
        return Parts(spec=SPEC, generator=Halting(), executor=executor)

    with Study(config(), tmp_path / "whole", parts=parts(InterruptedExecutor(99))) as study:
        assert study.run().reason == "complete"
    with Study(config(), tmp_path / "left", parts=parts(InterruptedExecutor(jobs))) as study:
        assert study.run().reason == "interrupted"
    records = finish(tmp_path / "left", spec=SPEC, generator=Halting())
    refused = [record for record in records if record.candidate.key.index % 2]
    assert len(refused) == 6
    for record in refused:
        assert (record.candidate.program, record.candidate.failure) == (None, REFUSED)
        assert record.outcome is not None
        assert (record.outcome.stage, record.outcome.failure) == (Stage.WRITE, REFUSED)
        assert record.admission is not None
        assert record.admission.reason is AdmissionReason.INVALID
    assert all(record.is_valid for record in records if record not in refused)
    assert rows(tmp_path / "left") == rows(tmp_path / "whole")


def test_people_with_an_evaluator_of_their_own_are_not_asked_about_them(tmp_path: Path) -> None:
    evaluator = FakeEvaluator()
    with Study(config(), tmp_path / "run", parts=Parts(spec=SPEC, generator=Halting(), executor=Knowing())) as study:
        while candidates := study.ask():
            for each in candidates:
                assert each.program is not None
                study.tell(each, evaluator.evaluate(each.program, seed=each.seed))
        assert study.result().totals.generated == 12
        assert study.result().totals.valid == 6


@pytest.mark.parametrize("jobs", [0, 2, 4])
def test_the_outranked_are_archived_and_not_judged_again_after_an_interruption(tmp_path: Path, jobs: int) -> None:
    def parts(executor: InterruptedExecutor) -> Parts:
        return Parts(spec=SPEC, learner=Judge(), executor=executor)

    with Study(config(), tmp_path / "whole", parts=parts(InterruptedExecutor(99))) as study:
        assert study.run().reason == "complete"
    with Study(config(), tmp_path / "left", parts=parts(InterruptedExecutor(jobs))) as study:
        assert study.run().reason == "interrupted"
    records = finish(tmp_path / "left", spec=SPEC, learner=Judge())
    kinds = {record.candidate.key.index % 2: record.outcome and record.outcome.failure for record in records}
    assert kinds[0] is not None
    assert kinds[0].kind is FailureKind.OUTRANKED
    assert sum(record.outcome is not None and record.outcome.failure == kinds[0] for record in records) == 6
    assert rows(tmp_path / "left") == rows(tmp_path / "whole")


class Copying:
    """Writes each program twice and yields them one by one, some before others that were asked for earlier."""

    name, roles = "copying", ()

    def __init__(self, order: Sequence[int]) -> None:
        self._order = order

    def prompt_for(self, request: Request) -> Prompt | None:
        return None

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        sources = [network.program.source for network in load_seed_corpus()]
        for request in sorted(requests, key=lambda request: self._order.index(request.key.index)):
            yield [request.candidate(self.name, Program(f"{sources[request.key.index // 2]}\n# {request.key}\n"))]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return []


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (5, 1, 0, 3, 4, 2)])
@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_what_is_refused_before_training_follows_from_keys_wherever_a_run_was_killed(
    tmp_path: Path, order: Sequence[int], jobs: int
) -> None:
    early = config("loop.cycles=1", "novelty.before_training=true", 'novelty.against=["cycle"]')
    parts = Parts(spec=SPEC, generator=Copying(order), executor=InterruptedExecutor(jobs))
    with Study(early, tmp_path / "left", parts=parts) as study:
        assert study.run().reason == "interrupted"
    records = finish(tmp_path / "left", spec=SPEC, generator=Copying(order))
    stages = [record.outcome and record.outcome.stage for record in records]
    assert stages == [Stage.SCORE, Stage.NOVELTY] * 3


def test_what_waits_for_a_missing_candidate_is_trained_where_the_strategy_waits_as_well(tmp_path: Path) -> None:
    order = (5, 1, 0, 3, 4, 2)
    waits = ["loop.strategy=evolution", "evolution.batch=6", "loop.cycles=1", "novelty.before_training=true"]
    with Study(
        config(*waits),
        tmp_path / "run",
        parts=Parts(spec=SPEC, generator=Copying(order), executor=InterruptedExecutor(0)),
    ) as study:
        study.run()
    records = finish(tmp_path / "run", spec=SPEC, generator=Copying(order))
    assert [record.outcome is not None for record in records] == [True] * 6
