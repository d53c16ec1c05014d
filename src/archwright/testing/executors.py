"""A public fake of the Executor seam, and the contract suite that every Executor passes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import Future
from typing import final

import pytest

from archwright.candidate import Outcome, Program, Stage
from archwright.evaluation.evaluator import Evaluator, Executor, Job
from archwright.evaluation.executors import run_jobs
from archwright.testing.programs import BROKEN, ENDLESS, GOOD


@final
class SerialExecutor:
    """Evaluates one job after the other in the caller's thread; owns its evaluator."""

    workers = 1

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def settle(self, job: Job) -> Outcome | None:
        """Return what the evaluator knows without training."""
        return self._evaluator.settle(job.program, seed=job.seed)

    def submit(self, job: Job) -> "Future[Outcome]":
        """Run `job` at once."""
        future: Future[Outcome] = Future()
        try:
            future.set_result(self._evaluator.evaluate(job.program, seed=job.seed, at=job.at, split=job.split))
        except Exception as error:  # noqa: BLE001 - as every executor does: the future raises it
            future.set_exception(error)
        return future

    def cancel(self) -> None:
        """Do nothing: nothing is ever in flight."""

    def close(self) -> None:
        """Close the evaluator."""
        self._evaluator.close()


class ExecutorContract(ABC):
    """What every Executor does. Subclass it in a test module and provide the fixture `executor`."""

    takes_ahead = 0
    """Jobs the executor may take before the first outcome is asked for, beyond the one that is yielded."""
    is_concurrent = True
    """Whether an endless job lets others finish."""

    @pytest.fixture
    @abstractmethod
    def executor(self) -> Executor:
        """The executor under test."""

    def test_every_job_comes_back_exactly_once_with_its_own_outcome(self, executor: Executor) -> None:
        """Whatever the order."""
        jobs = [Job(number, GOOD if number % 3 else BROKEN, seed=number) for number in range(6)]
        answers = {job.number: outcome for job, outcome in run_jobs(executor, jobs)}
        assert sorted(answers) == list(range(6))
        assert [answers[number].seed for number in range(6)] == list(range(6))
        assert [answers[number].stage for number in (0, 1)] == [Stage.PARSE, Stage.SCORE]

    def test_no_jobs_give_no_outcomes(self, executor: Executor) -> None:
        """And no error."""
        assert list(run_jobs(executor, [])) == []

    def test_jobs_are_taken_when_there_is_room_for_them(self, executor: Executor) -> None:
        """So that a caller can decide late, and memory stays bounded."""
        taken: list[int] = []

        def jobs() -> Iterator[Job]:
            for number in range(50):
                taken.append(number)
                yield Job(number, BROKEN, seed=0)

        answers = run_jobs(executor, jobs())
        next(answers)
        assert len(taken) <= 1 + self.takes_ahead
        assert len(list(answers)) == 49

    def test_closing_the_iterator_stops_the_work_in_flight(self, executor: Executor) -> None:
        """The endless job does not hold the caller, and the executor can be used again."""
        if not self.is_concurrent:
            pytest.skip("one job at a time")
        answers = run_jobs(executor, [Job(0, ENDLESS, seed=0), Job(1, GOOD, seed=1), Job(2, ENDLESS, seed=0)])
        job, outcome = next(answers)
        assert (job.number, outcome.is_valid) == (1, True)
        answers.close()
        assert [job.number for job, _ in run_jobs(executor, [Job(9, GOOD, seed=0)])] == [9]

    def test_one_program_that_dies_costs_only_itself(self, executor: Executor) -> None:
        """The others are scored."""
        dying = Program(GOOD.source.replace("        return self", "        raise SystemExit(1)\n        return self"))
        jobs = [Job(0, GOOD, seed=0), Job(1, dying, seed=1), Job(2, GOOD, seed=2)]
        answers = {job.number: outcome for job, outcome in run_jobs(executor, jobs)}
        assert answers[0].is_valid
        assert answers[2].is_valid
