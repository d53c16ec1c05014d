"""Processes and nodes that die under the work: nothing is lost, nothing runs for ever, nothing is left behind."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from archwright.candidate import FailureKind, Program
from archwright.evaluation.cluster.evaluator import RayEvaluator
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor, run_jobs
from archwright.testing.programs import ENDLESS, GOOD

SLOW = Program(GOOD.source.replace("super().__init__()", "super().__init__()\n        sum(range(8_000_000))"))


def test_work_lost_with_a_process_is_done_again(cluster: Any, shared_evaluator: RayEvaluator) -> None:
    answers = run_jobs(
        LocalExecutor(shared_evaluator, lambda: shared_evaluator.slots),
        [Job(number, SLOW, seed=number) for number in range(9)],
    )
    job, outcome = next(answers)
    os.kill(min(cluster.actors()), signal.SIGKILL)
    outcomes = {job.number: outcome} | {job.number: outcome for job, outcome in answers}
    assert sorted(outcomes) == list(range(9))
    assert all(outcome.is_valid for outcome in outcomes.values())


@pytest.mark.slow
def test_work_lost_with_a_node_is_done_again_and_a_new_node_is_used(
    cluster: Any, shared_evaluator: RayEvaluator, wait_until: Callable[..., None]
) -> None:
    wait_until(lambda: shared_evaluator.slots == 4)

    answers = run_jobs(
        LocalExecutor(shared_evaluator, lambda: shared_evaluator.slots),
        [Job(number, SLOW, seed=number) for number in range(9)],
    )
    job, outcome = next(answers)
    cluster.kill_a_node()
    outcomes = {job.number: outcome} | {job.number: outcome for job, outcome in answers}
    assert sorted(outcomes) == list(range(9))
    assert all(outcome.is_valid for outcome in outcomes.values())
    wait_until(lambda: shared_evaluator.slots == 2)

    cluster.restore()
    wait_until(lambda: shared_evaluator.slots == 4)


@pytest.mark.slow
def test_a_program_whose_process_is_lost_again_and_again_is_the_culprit(
    cluster: Any, shared_evaluator: RayEvaluator
) -> None:
    with ThreadPoolExecutor(1) as pool:
        endless = pool.submit(shared_evaluator.evaluate, ENDLESS, seed=3)
        while not endless.done():
            if shared_evaluator.slots:  # some node is ready, so the program runs or is about to
                time.sleep(0.3)
                for pid in cluster.actors():
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
        outcome = endless.result()
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.KILLED
    assert "3 times" in outcome.failure.message
    assert outcome.seed == 3
    assert shared_evaluator.evaluate(GOOD, seed=0).is_valid
