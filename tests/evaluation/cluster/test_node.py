"""A box on a node is the box it would be on this machine."""

from collections.abc import Callable
from typing import Any

import pytest

from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.cluster.evaluator import RayEvaluator
from archwright.evaluation.cluster.node import Node, fingerprint
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import DataOptions, Task
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.programs import GOOD

SNOOPING = Program(
    "import os, resource, sys, threading\n"
    "status = open('/proc/self/status').read().splitlines()\n"
    "print([line for line in status if line.startswith(('Sig', 'Cap', 'NoNewPrivs', 'Seccomp'))])\n"
    "print(sorted(os.environ.items()), os.getcwd(), os.nice(0), threading.active_count(), os.listdir('.'))\n"
    "print([resource.getrlimit(number) for number in range(resource.RLIM_NLIMITS)])\n"
    "print(sorted(name for name in sys.modules if name.split('.')[0] in ('ray', 'grpc', 'google')))\n" + GOOD.source
)


def test_a_box_on_a_node_sees_what_a_box_on_this_machine_sees(
    cluster: object, shared_evaluator: RayEvaluator, make_evaluator: Callable[..., SandboxEvaluator]
) -> None:
    here = make_evaluator(sandbox=SandboxConfig(policy="off")).evaluate(SNOOPING, seed=1)
    there = shared_evaluator.evaluate(SNOOPING, seed=1)
    assert there.log == here.log
    assert "SigBlk" in here.log
    assert (there.scores, there.params, there.isolation) == (here.scores, here.params, here.isolation)


def test_the_fingerprint_of_data_is_the_same_everywhere_and_only_there(digits: TaskData) -> None:
    def load(**options: Any) -> str:
        return fingerprint(load_task_data(Task(data=DataOptions(**options))))

    assert load(train_size=256, validation_size=100) == fingerprint(digits)
    others = [load(train_size=255, validation_size=100), load(train_size=256, validation_size=100, image_size=9)]
    assert fingerprint(digits) not in others


def test_a_cancel_that_overtakes_its_evaluation_is_not_lost() -> None:
    node = Node(Task(), SandboxConfig(), 1, b"secret")
    node.evaluator = FakeEvaluator()  # type: ignore[assignment]
    node.cancel(7)
    with pytest.raises(EvaluationCancelledError):
        node.evaluate(7, GOOD, 0, None, None)
    assert node.evaluate(8, GOOD, 0, None, None).is_valid
