"""Programs that predict images: trained on pairs, asked a batch at a time, scored outside the box."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from archwright.candidate import FailureKind, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.contracts.network import RESTORATION
from archwright.errors import UsageError
from archwright.evaluation.data import Split, TaskData
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.scoring import score_images
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, Recipe, Task

COMPACT = Program("""\
from torch import nn

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(in_shape[1], 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, out_shape[0], 1))

    def forward(self, x):
        return self.layers(x)
""")
FULL = Program(
    f"import torch\n{COMPACT.source}"
    """
    def train_setup(self, prm):
        self.optimizer = torch.optim.Adam(self.parameters(), lr=0.02)

    def learn(self, train_data):
        for inputs, targets in train_data:
            self.optimizer.zero_grad()
            nn.functional.mse_loss(self(inputs), targets).backward()
            self.optimizer.step()

def supported_hyperparameters():
    return {"lr"}
"""
)
TASK = Task(budget=Budget(wall_s=60.0), recipe=Recipe(batch=16, lr=0.05))


@pytest.fixture(scope="module")
def pairs(digits: TaskData) -> TaskData:
    """Digits and what noise made of them."""
    random = np.random.default_rng(0)

    def noisy(split: Split) -> Split:
        clean = np.asarray(split.images)
        noise = random.normal(0, 60, clean.shape)
        return Split(np.clip(clean + noise, 0, 255).astype(np.uint8), clean)

    spec = replace(digits.spec, name="noisy-digits", class_names=(), target_shape=digits.spec.image_shape)
    return replace(digits, spec=spec, train=noisy(digits.train), validation=noisy(digits.validation))


@pytest.fixture(scope="module")
def evaluator(pairs: TaskData, boxes: Sandbox) -> Iterator[SandboxEvaluator]:
    with closing(SandboxEvaluator(TASK, SandboxConfig(), pairs, boxes=boxes)) as evaluator:
        yield evaluator


def psnr(outcome: Outcome) -> float:
    assert outcome.failure is None, outcome.failure
    return outcome.value("psnr") or 0.0


def black_of(pairs: TaskData) -> float:
    """What a network scores that has learnt nothing."""
    return score_images(np.zeros(pairs.validation.images.shape, np.float32), pairs.validation.labels).values["psnr"]


@pytest.mark.parametrize("program", [COMPACT, FULL], ids=["compact", "full"])
def test_a_network_learns_to_remove_noise(evaluator: SandboxEvaluator, pairs: TaskData, program: Program) -> None:
    outcome = evaluator.evaluate(program, seed=0)

    assert psnr(outcome) > black_of(pairs) + 1
    assert outcome.scores is not None
    assert outcome.scores.n == 100


def test_what_a_study_of_images_starts_from_learns_too(evaluator: SandboxEvaluator, pairs: TaskData) -> None:
    assert evaluator.contract is RESTORATION
    (starter,) = RESTORATION.starters()
    assert psnr(evaluator.evaluate(starter.program, seed=0)) > black_of(pairs) + 1


def test_the_text_of_the_standard_training_says_what_is_done(evaluator: SandboxEvaluator) -> None:
    told = evaluator.evaluate(Program(RESTORATION.complete(COMPACT.source)), seed=0).scores
    ours = evaluator.evaluate(COMPACT, seed=0).scores
    assert told is not None
    assert ours is not None
    assert told.values["mse"] == pytest.approx(ours.values["mse"], rel=0.01)


def test_what_is_no_image_is_refused_with_a_remedy(evaluator: SandboxEvaluator) -> None:
    flat = Program(COMPACT.source.replace("self.layers(x)", "self.layers(x).flatten(1)"))
    failure = evaluator.evaluate(flat, seed=0).failure
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.FORWARD, FailureKind.WRONG_OUTPUT)
    assert "instead of (2, 1, 8, 8); end with a convolution of out_shape[0] channels" in failure.message


def test_a_finalist_is_scored_by_fresh_boxes(pairs: TaskData, boxes: Sandbox) -> None:
    held_out = Split(pairs.validation.images[50:], pairs.validation.labels[50:])
    with closing(FinalistEvaluator(TASK, SandboxConfig(), pairs, held_out, boxes=boxes)) as finalists:
        outcome = finalists.evaluate(COMPACT, seed=0)
    assert psnr(outcome) > black_of(pairs) + 1
    assert outcome.scores is not None
    assert outcome.scores.n == 50


def test_the_ratio_of_signal_to_noise_is_that_of_its_definition() -> None:
    targets = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1)
    predictions = np.array([0.1, 1.7], np.float32).reshape(2, 1, 1, 1)  # an error of 0.1, and none once it is cut
    scores = score_images(predictions, targets)
    assert scores.values["psnr"] == pytest.approx((20.0 + 100.0) / 2, abs=1e-4)
    assert scores.values["mse"] == pytest.approx(0.005)


def test_an_augmentation_that_would_part_image_and_target_is_refused(pairs: TaskData, boxes: Sandbox) -> None:
    flipped = TASK.model_copy(update={"recipe": Recipe(augmentation="flip")})
    with pytest.raises(UsageError, match="set it to none"):
        SandboxEvaluator(flipped, SandboxConfig(), pairs, boxes=boxes)
