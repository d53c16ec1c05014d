"""The contract suites of the Evaluator and Executor seams, on the real parts and on the fakes."""

from collections.abc import Iterator

import pytest

from archwright.evaluation.executors import LocalExecutor
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.testing.evaluators import EvaluatorContract, FakeEvaluator
from archwright.testing.executors import ExecutorContract, SerialExecutor


class TestSandboxEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self, evaluator: SandboxEvaluator) -> SandboxEvaluator:  # type: ignore[override]
        return evaluator


class TestFakeEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self) -> FakeEvaluator:
        return FakeEvaluator()


class TestLocalExecutorWithTheSandbox(ExecutorContract):
    takes_ahead = 1

    @pytest.fixture
    def executor(self, evaluator: SandboxEvaluator) -> LocalExecutor:  # type: ignore[override]
        return LocalExecutor(evaluator, workers=2)


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
