"""A cluster keeps the contracts of the seams it stands behind."""

import pytest

from archwright.evaluation.cluster.evaluator import RayEvaluator
from archwright.evaluation.executors import LocalExecutor
from archwright.testing.evaluators import EvaluatorContract
from archwright.testing.executors import ExecutorContract


class TestRayEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self, cluster: object, shared_evaluator: RayEvaluator) -> RayEvaluator:  # type: ignore[override]
        return shared_evaluator


class TestExecutorOfACluster(ExecutorContract):
    takes_ahead = 3

    @pytest.fixture
    def executor(self, cluster: object, shared_evaluator: RayEvaluator) -> LocalExecutor:  # type: ignore[override]
        return LocalExecutor(shared_evaluator, lambda: shared_evaluator.slots)
