"""What the two boxes of an augmentation are given, and that each learns when the other has ended."""

import select
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archwright.candidate import Program
from archwright.contracts.transform import TRANSFORM
from archwright.errors import EvaluatorError
from archwright.evaluation.augmenting import run_boxes
from archwright.evaluation.box.plan import GpuPlan, Plan, Purpose
from archwright.evaluation.data import load_task_data
from archwright.evaluation.plans import plan_of
from archwright.sandbox.order import End, Limits, Order, Report
from archwright.task import DataOptions, SplitProtocol, Task

AUGMENTATION = "def augment(images, op):\n    return images\n"
NETWORK = "class Net: ...\n"
LIMITS = Limits(wall_s=1.0, memory_mb=1)


class Boxes:
    """Stands for the sandbox: what the box of each order does is a function of its files."""

    def __init__(self, trains: Callable[[Order], None], augments: Callable[[Order], None]) -> None:
        self.trains, self.augments = trains, augments
        self.orders: dict[bool, tuple[Plan, set[str]]] = {}

    def run(self, order: Order) -> Report:
        plan = Plan.from_json(order.payload)
        self.orders[plan.is_for_augmenting] = plan, set(order.files)
        (self.augments if plan.is_for_augmenting else self.trains)(order)
        return Report(End.EXITED, cpu_s=1.0 if plan.is_for_augmenting else 2.0)


def plan(purpose: Purpose = Purpose.TRAIN, protocol: SplitProtocol = SplitProtocol.HOLDOUT) -> Plan:
    task = Task(data=DataOptions(train_size=64, validation_size=32, protocol=protocol))
    contract = replace(TRANSFORM, network=NETWORK)
    return plan_of(Program(AUGMENTATION), 1, purpose, task, load_task_data(task), contract, 1, "cpu")


def waits(name: str) -> Callable[[Order], None]:
    """Return what waits until nobody is at the other end of the pipe called `name`."""

    def wait(order: Order) -> None:
        poller = select.poll()
        poller.register(order.files[name], 0)  # hang-ups and errors are always told
        assert poller.poll(10_000)

    return wait


def leaves(order: Order) -> None:
    pass


def open_files() -> set[str]:
    return {file.name for file in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize(("trains", "augments"), [(waits("augmented"), leaves), (leaves, waits("questions"))])
def test_whichever_box_ends_first_the_other_sees_it_and_nothing_stays_open(
    trains: Callable[[Order], None], augments: Callable[[Order], None]
) -> None:
    before = open_files()
    boxes = Boxes(trains, augments)
    augmenting, training = run_boxes(boxes, plan(), {"train_labels": 0}, LIMITS)
    assert (augmenting.cpu_s, training.cpu_s) == (1.0, 2.0)
    assert open_files() == before


def test_each_box_gets_its_half() -> None:
    boxes = Boxes(leaves, leaves)
    gpu = GpuPlan({}, memory_share=0.5, is_graphed=False)
    run_boxes(boxes, replace(plan(), gpu=gpu), {"train_images": 0, "train_labels": 0}, LIMITS)
    training, files = boxes.orders[False]
    augmenting, pipes = boxes.orders[True]
    assert (training.source, augmenting.full_source) == ("", "")
    assert (augmenting.source, "class Net" in training.full_source) == (AUGMENTATION, True)
    assert files == {"train_images", "train_labels", "batches", "augmented"}
    assert pipes == {"questions", "answers"}
    assert training.gpu is not None
    assert training.gpu == augmenting.gpu
    assert training.gpu.memory_share == 0.25


@pytest.mark.parametrize(
    ("purpose", "protocol", "boxes"),
    [
        (Purpose.VERIFY, SplitProtocol.HOLDOUT, 2),
        (Purpose.TRAIN, SplitProtocol.HOLDOUT, 2),
        (Purpose.PREDICT, SplitProtocol.HOLDOUT, 1),
        (Purpose.PREDICT, SplitProtocol.LEMUR, 2),
    ],
)
def test_a_box_that_augments_is_there_where_it_is_asked(purpose: Purpose, protocol: SplitProtocol, boxes: int) -> None:
    assert len(run_boxes(Boxes(leaves, leaves), plan(purpose, protocol), {}, LIMITS)) == boxes


@pytest.mark.parametrize("fails", ["trains", "augments"])
def test_what_keeps_a_box_from_starting_is_raised_once_the_other_has_ended(fails: str) -> None:
    def fail(order: Order) -> None:
        raise EvaluatorError("no box can be started", "try again")

    boxes = Boxes(waits("augmented"), fail) if fails == "augments" else Boxes(fail, waits("questions"))
    with pytest.raises(EvaluatorError, match="no box"):
        run_boxes(boxes, plan(), {}, LIMITS)
