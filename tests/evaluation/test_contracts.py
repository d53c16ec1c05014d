"""The contract suites of the Evaluator and Executor seams, on the real parts and on the fakes."""

from collections.abc import Iterator

import pytest

from archwright.config import SandboxConfig
from archwright.evaluation.data import TaskData
from archwright.evaluation.executors import LocalExecutor
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.trials import TrialEvaluator
from archwright.task import Budget, DataOptions, Task
from archwright.testing.evaluators import EvaluatorContract, FakeEvaluator
from archwright.testing.executors import ExecutorContract, SerialExecutor

TASK = Task(data=DataOptions(train_size=256, validation_size=100), budget=Budget(wall_s=60.0))


class TestSandboxEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self, evaluator: SandboxEvaluator) -> SandboxEvaluator:  # type: ignore[override]
        return evaluator


class TestTrialEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self, evaluator: SandboxEvaluator, digits: TaskData) -> TrialEvaluator:  # type: ignore[override]
        return TrialEvaluator(TASK, SandboxConfig(), digits, search=evaluator)


class TestFakeEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self) -> FakeEvaluator:
        return FakeEvaluator()


class TestLocalExecutorWithTheSandbox(ExecutorContract):
    takes_ahead = 1

    @pytest.fixture
    def executor(self, evaluator: SandboxEvaluator, digits: TaskData) -> LocalExecutor:  # type: ignore[override]
        return LocalExecutor(TrialEvaluator(TASK, SandboxConfig(), digits, search=evaluator), workers=2)


class TestLocalExecutorWithTheFake(ExecutorContract):
    takes_ahead = 2

    @pytest.fixture
    def executor(self) -> Iterator[LocalExecutor]:  # type: ignore[override]
        executor = LocalExecutor(FakeEvaluator(), workers=3)
        yield executor
        executor.close()


class TestSerialExecutor(ExecutorContract):
    is_concurrent = False

    @pytest.fixture
    def executor(self) -> SerialExecutor:
        return SerialExecutor(FakeEvaluator())
