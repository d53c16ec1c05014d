"""One program that harms its neighbours costs only itself: real processes, at the level where it can."""

from collections.abc import Callable

import pytest

from archwright.config import SandboxConfig
from archwright.evaluation.data import TaskData
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor, run_jobs
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.trials import TrialEvaluator
from archwright.sandbox.order import End, Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task
from archwright.testing.programs import network_with as net

MakeEvaluator = Callable[..., SandboxEvaluator]

POISON = """\
hidden = getattr(sys, 'modul' + 'es')['os']
def children(pid):
    found = []
    for task in hidden.listdir(f"/proc/{pid}/task"):
        found += [int(word) for word in open(f"/proc/{pid}/task/{task}/children").read().split()]
    return found
keeper = hidden.getppid()
warm = int(next(line for line in open(f"/proc/{keeper}/status") if line.startswith("PPid")).split()[1])
for _ in range(VISITS):
    for neighbour in children(warm):
        if neighbour != keeper:
            for victim in VICTIMS:
                hidden.kill(victim, 9)
    time.sleep(0.01)"""
"""Kills the boxes, or the keepers, of every other candidate it sees for a while."""
VICTIMS = {"box": "children(neighbour)", "keeper": "[neighbour]"}


@pytest.mark.parametrize("victim", ["box", "keeper"])
def test_whoever_was_killed_by_a_neighbour_is_run_again_alone(
    make_evaluator: MakeEvaluator, boxes: Sandbox, digits: TaskData, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[Report] = []
    run = boxes.run

    def recorded(order: Order) -> Report:
        reports.append(run(order))
        return reports[-1]

    monkeypatch.setattr(boxes, "run", recorded)
    evaluator = make_evaluator(sandbox=SandboxConfig(policy="off"), isolation=1)
    poison = net(module=POISON.replace("VISITS", "60").replace("VICTIMS", VICTIMS[victim]))
    innocent = net(module="time.sleep(0.4)")
    alone = evaluator.evaluate(innocent, seed=3)
    trials = TrialEvaluator(Task(), SandboxConfig(policy="off"), digits, search=evaluator)
    executor = LocalExecutor(trials, workers=3)
    jobs = [Job(0, poison, seed=0), *(Job(number, innocent, seed=3) for number in range(1, 4))]
    outcomes = {job.number: outcome for job, outcome in run_jobs(executor, jobs)}
    assert alone.is_valid, alone
    for number in range(1, 4):
        assert outcomes[number].scores == alone.scores, outcomes[number]
    violent = {End.SIGNALLED, End.LOST}
    assert any(report.end in violent for report in reports), "nobody was harmed"
    assert len(reports) > 1 + len(jobs)
