"""The box's side of a GPU as far as it can be seen on a CPU: precision, memory order, and the warm process."""

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from archwright.candidate import Failure, Program, Stage
from archwright.config import SandboxConfig
from archwright.contracts import complete
from archwright.contracts.form import is_compact
from archwright.evaluation.box.gpu import use_bfloat16, works_channels_last
from archwright.evaluation.box.plan import GpuPlan, Plan, Purpose
from archwright.evaluation.box.trial import BoxTrial
from archwright.evaluation.data import TaskData
from archwright.evaluation.examining import Examination, in_order
from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes
from archwright.sandbox.files import blank, shared_copy
from archwright.task import Budget, DataOptions, Task
from archwright.testing.programs import GOOD
from archwright.testing.programs import network_with as net

MakeEvaluator = Callable[..., SandboxEvaluator]


class Probe(nn.Module):
    """Remembers the precision of what its layer gave."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.seen: torch.dtype | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.layer(x)
        self.seen = y.dtype
        return y


def test_forward_computes_in_bfloat16_and_everything_else_stays_as_it_is() -> None:
    class Net(Probe):
        pass

    use_bfloat16(Net, "cpu")
    network = Net()
    output = network(torch.rand(3, 4))
    assert network.seen is torch.bfloat16
    assert output.dtype is torch.float32
    output.sum().backward()
    assert network.layer.weight.dtype is torch.float32
    gradient = network.layer.weight.grad
    assert gradient is not None
    assert gradient.dtype is torch.float32
    assert torch.rand(2, 2).matmul(torch.rand(2, 2)).dtype is torch.float32
    twin = copy.deepcopy(network)
    twin.seen = network.seen = None
    twin(torch.rand(1, 4))
    assert (twin.seen, network.seen) == (torch.bfloat16, None)


class Views(nn.Module):
    """Flattens with `view`, which wants the ordinary order."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv(x)
        return y.view(y.size(0), -1)


def test_channels_last_is_left_out_where_a_network_cannot_run_with_it() -> None:
    inputs = torch.rand(2, 3, 8, 8)
    assert works_channels_last(lambda: nn.Conv2d(3, 8, 3), inputs)
    assert not works_channels_last(Views, inputs)


@pytest.fixture
def run_trial(digits: TaskData) -> Iterator[Callable[[Program], list[Mapping[str, object]]]]:
    """Run a trial here, told that it is on a GPU, with a CPU for a device; returns what it told."""
    opened: list[int] = []

    def keep(file: int) -> int:
        opened.append(file)
        return file

    def run(program: Program) -> list[Mapping[str, object]]:
        files = {
            "train_images": keep(shared_copy(digits.train.images)),
            "train_labels": keep(shared_copy(np.asarray(digits.train.labels, np.int64))),
            "weights": keep(blank(2**20)),
        }
        plan = Plan(
            source=program.source,
            full_source=complete(program.source),
            is_compact=is_compact(program.source),
            purpose=Purpose.TRAIN,
            seed=1,
            threads=1,
            device="cpu",
            image_shape=(1, 8, 8),
            output_shape=(10,),
            mean=digits.mean,
            std=digits.std,
            batch=32,
            epochs=1,
            augmentation="flip-crop",
            evaluation_augmentation="none",
            stop_at=0.0,
            max_params=100_000,
            max_flops=0,
            prm={"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "batch": 32, "epoch": 1, "transform": "flip-crop"},
            gpu=GpuPlan({}, 0.5, is_graphed=True),
        )
        told: list[Mapping[str, object]] = []
        images = np.asarray(digits.validation.images)
        with Examination(images, in_order(len(images), 32), (10,), None) as examination:
            BoxTrial(Plan.from_json(plan.as_json()), files | examination.files, told.append).run()
        answers = examination.answers()
        assert not isinstance(answers, Failure)
        assert answers.any()
        return told

    yield run
    for file in opened:
        os.close(file)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(GOOD, id="no-convolution"),
        pytest.param(net(forward="y = y.contiguous()"), id="channels-last"),
        pytest.param(net(init="self.fc = nn.Linear(512, 10)", forward="return self.fc(y.view(len(y), -1))"), id="view"),
    ],
)
def test_a_trial_on_a_gpu_goes_through_every_stage(run_trial: Any, program: Program) -> None:
    stages = [message["stage"] for message in run_trial(program) if "stage" in message]
    assert stages[-1] == Stage.PREDICT
    assert Stage.TRAIN in stages


PRETENDING = """
import torch

def count():
    raise SystemExit("the driver was asked")

torch._C._cuda_getDeviceCount = count
torch._C._cuda_getCurrentRawStream = None
torch._C._accelerator_getAccelerator = lambda: torch.device("cuda")
torch.cuda._is_compiled = lambda: True
from archwright.evaluation.box.trial import warm_up_for_gpu
warm_up_for_gpu()
"""
"""Warms up with a torch that was built with CUDA, as far as Python can tell."""


def test_warming_up_leaves_the_driver_alone() -> None:
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
    subprocess.run([sys.executable, "-c", PRETENDING], env=os.environ | hidden, check=True)


def test_a_warm_process_for_gpus_serves_boxes_on_the_cpu_alike(digits: TaskData, make_evaluator: MakeEvaluator) -> None:
    boxes = start_boxes(uses_gpu=True)
    task = Task(data=DataOptions(train_size=256, validation_size=100), budget=Budget(wall_s=60.0))
    expected = make_evaluator().evaluate(net(), seed=4)
    try:
        evaluator = SandboxEvaluator(task, SandboxConfig(device="cpu"), digits, boxes=boxes)
        assert evaluator.evaluate(net(), seed=4).scores == expected.scores is not None
        evaluator.close()
    finally:
        boxes.close()
