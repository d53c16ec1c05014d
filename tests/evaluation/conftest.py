"""One sandbox for all evaluation tests, lent by `_one_warm_process`: starting one takes seconds."""

from collections.abc import Callable, Iterator

import pytest

from archwright.config import SandboxConfig
from archwright.evaluation import sandboxed
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, DataOptions, Recipe, SplitProtocol, Task

MakeEvaluator = Callable[..., SandboxEvaluator]


@pytest.fixture(scope="session")
def boxes() -> Sandbox:
    """The sandbox that every test of this process shares."""
    return sandboxed.start_boxes()


@pytest.fixture(scope="session")
def digits() -> TaskData:
    """A few hundred handwritten digits."""
    return load_task_data(Task(data=DataOptions(train_size=256, validation_size=100)))


@pytest.fixture
def make_evaluator(boxes: Sandbox, digits: TaskData) -> Iterator[MakeEvaluator]:
    """Build evaluators on the digits with a budget, a recipe and sandbox options of choice."""
    made: list[SandboxEvaluator] = []

    def make(
        budget: Budget | None = None,
        recipe: Recipe | None = None,
        sandbox: SandboxConfig | None = None,
        protocol: SplitProtocol = SplitProtocol.HOLDOUT,
        isolation: int = 3,
    ) -> SandboxEvaluator:
        task = Task(
            data=DataOptions(train_size=256, validation_size=100, protocol=protocol),
            budget=budget or Budget(wall_s=60.0),
            recipe=recipe or Recipe(),
        )
        made.append(SandboxEvaluator(task, sandbox or SandboxConfig(), digits, boxes=boxes, isolation=isolation))
        return made[-1]

    yield make
    for evaluator in made:
        evaluator.close()


@pytest.fixture
def evaluator(make_evaluator: MakeEvaluator) -> SandboxEvaluator:
    """An evaluator on the digits with the default budget."""
    return make_evaluator()
