"""The evaluator with a GPU, of which the supervisor is told and whose work a CPU does: who is run again, and how."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from archwright.candidate import FailureKind, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.errors import EvaluatorError
from archwright.evaluation import device, sandboxed
from archwright.evaluation.box.plan import Plan
from archwright.evaluation.data import TaskData
from archwright.evaluation.examining import in_order
from archwright.evaluation.results import SavedNetwork
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.order import End, Message, Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, DataOptions, Task
from archwright.testing.programs import GOOD
from archwright.testing.programs import network_with as net

FULL = net(learn="for x, y in train_data: nn.functional.cross_entropy(self(x), y).backward(); self.optimizer.step()")


class OnCpu:
    """Boxes that do on the CPU what was planned for a GPU, unless they are told how they end."""

    def __init__(self, boxes: Sandbox) -> None:
        self._boxes = boxes
        self.plans: list[Plan] = []
        self.ends: list[dict[str, object]] = []
        """What the next boxes say last, in place of training."""

    def wait_ready(self) -> None:
        self._boxes.wait_ready()

    def run(self, order: Order) -> Report:
        plan = Plan.from_json(order.payload)
        self.plans.append(plan)
        assert order.limits.gpu is (plan.gpu is not None)
        if self.ends:
            said = [{"isolation": 3}, self.ends.pop(0)]
            return Report(End.EXITED, cpu_s=1.0, isolation=3, messages=tuple(Message(0.1, words) for words in said))
        return self._boxes.run(replace(order, payload=replace(plan, device="cpu").as_json()))


def failure(kind: FailureKind) -> dict[str, object]:
    return {"failure": {"stage": "train", "kind": kind, "message": "CUDA error: it broke", "line": None}}


@pytest.fixture
def on_cpu(boxes: Sandbox) -> OnCpu:
    return OnCpu(boxes)


@pytest.fixture
def evaluator(on_cpu: OnCpu, digits: TaskData, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxEvaluator]:
    """An evaluator that believes in one GPU."""
    monkeypatch.setattr(device, "count_gpus", lambda: (1, ""))
    monkeypatch.setattr(device, "mps_folder", lambda: None)
    monkeypatch.setattr(sandboxed, "GPU_RECOVERY_S", 0.0)
    task = Task(data=DataOptions(train_size=256, validation_size=100), budget=Budget(wall_s=60.0))
    evaluator = SandboxEvaluator(task, SandboxConfig(device="cuda"), digits, boxes=cast(Sandbox, on_cpu))
    yield evaluator
    evaluator.close()


def evaluate_in_company(evaluator: SandboxEvaluator) -> Outcome:
    """Return the outcome of a program beside which another one was on the GPU at first."""
    outcomes: list[Outcome] = []
    (gpu,) = evaluator.devices
    with gpu.stay() as company:
        thread = threading.Thread(target=lambda: outcomes.append(evaluator.evaluate(GOOD, seed=1)))
        thread.start()
        while not (company.had_company and gpu.occupants == 2):
            assert thread.is_alive()
        thread.join(0.2)
        assert thread.is_alive(), "it did not wait to be alone"
    thread.join(60.0)
    return outcomes[0]


def test_a_program_trains_on_the_gpu_and_its_time_is_counted(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    outcome = evaluator.evaluate(GOOD, seed=1)
    assert outcome.is_valid, outcome
    assert outcome.gpu_s == pytest.approx(outcome.seconds["total"], rel=0.5, abs=0.2)
    (plan,) = on_cpu.plans
    assert plan.device == "cuda"
    assert plan.gpu is not None
    assert plan.gpu.is_graphed
    assert evaluator.evaluate(FULL, seed=1).is_valid
    assert not on_cpu.plans[1].gpu.is_graphed  # type: ignore[union-attr]


def test_what_is_kept_of_a_run_says_where_it_was_trained(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    kept: list[SavedNetwork] = []
    assert evaluator.train(GOOD, seed=1, keep=kept.append).is_valid
    assert kept[0].plan.device == "cuda"
    outcome, logits = evaluator.predict(kept[0], np.zeros((5, 1, 8, 8), np.uint8), in_order(5, 4))
    assert (outcome.failure, logits.shape) == (None, (5, 10))
    assert on_cpu.plans[-1].gpu is not None


def test_checking_alone_needs_no_gpu(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    outcome = evaluator.verify(GOOD)
    assert outcome.stage is Stage.BUDGET
    assert (outcome.failure, outcome.gpu_s) == (None, 0.0)
    assert (on_cpu.plans[0].device, on_cpu.plans[0].gpu) == ("cpu", None)


def test_a_network_that_cannot_be_recorded_is_trained_again_without(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    on_cpu.ends = [{"not_recorded": "operation not permitted when stream is capturing"}]
    outcome = evaluator.evaluate(GOOD, seed=1)
    assert outcome.is_valid, outcome
    assert outcome.cpu_s > 1.0
    assert [plan.gpu.is_graphed for plan in on_cpu.plans if plan.gpu] == [True, False]


@pytest.mark.parametrize(
    "said", [failure(FailureKind.DEVICE_FAULT), failure(FailureKind.OUT_OF_MEMORY), {"no_device": "busy"}]
)
def test_who_may_have_been_harmed_is_run_again_alone(
    evaluator: SandboxEvaluator, on_cpu: OnCpu, said: dict[str, object]
) -> None:
    on_cpu.ends = [said]
    outcome = evaluate_in_company(evaluator)
    assert outcome.is_valid, outcome
    assert len(on_cpu.plans) == 2


def test_who_fails_alone_too_is_to_blame(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    on_cpu.ends = [failure(FailureKind.DEVICE_FAULT), failure(FailureKind.DEVICE_FAULT)]
    outcome = evaluate_in_company(evaluator)
    assert outcome.failure is not None
    assert (outcome.stage, outcome.failure.kind) == (Stage.TRAIN, FailureKind.DEVICE_FAULT)
    assert outcome.failure.message.endswith("it failed alone on its device as well")
    assert outcome.cpu_s == 2.0


def test_who_fails_without_company_is_to_blame_at_once(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    on_cpu.ends = [failure(FailureKind.DEVICE_FAULT)]
    outcome = evaluator.evaluate(Program(GOOD.source), seed=1)
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.DEVICE_FAULT
    assert len(on_cpu.plans) == 1


def test_a_gpu_that_takes_nobody_is_our_failure(evaluator: SandboxEvaluator, on_cpu: OnCpu) -> None:
    on_cpu.ends = [{"no_device": "error 304"}] * 4
    with pytest.raises(EvaluatorError, match="cannot use the GPU at isolation level 3: error 304"):
        evaluator.evaluate(GOOD, seed=1)
    on_cpu.ends = [{"no_device": "error 807: the MPS server is not ready"}] * 2
    assert evaluator.evaluate(GOOD, seed=1).is_valid
