"""Data are decoded once and shared read-only: a box has no copy of its own."""

from dataclasses import replace

import numpy as np

from archwright.config import SandboxConfig
from archwright.evaluation.data import TaskData
from archwright.evaluation.data.loading import Split
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.task import DataSpec, Recipe, Task
from archwright.testing.programs import GOOD


def data_of(images: int, like: TaskData) -> TaskData:
    """Return so many random colour images of 32 x 32, a tenth of them for validation as well."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (images, 3, 32, 32), np.uint8)
    labels = generator.integers(0, 10, images, np.int64)
    spec: DataSpec = replace(like.spec, image_shape=(3, 32, 32))
    few = images // 10
    validation = Split(pixels[:few], labels[:few])
    return replace(
        like, spec=spec, mean=(0.5,) * 3, std=(0.25,) * 3, train=Split(pixels, labels), validation=validation
    )


def test_the_memory_of_a_box_does_not_grow_with_the_data(boxes: Sandbox, digits: TaskData) -> None:
    task = Task(recipe=Recipe(batch=512))
    used_mb = []
    for images in (15_360, 46_080):  # 45 and 135 MB; fewer are trained on so quickly that the peak is not seen
        evaluator = SandboxEvaluator(task, SandboxConfig(), data_of(images, digits), boxes=boxes)
        outcome = evaluator.evaluate(GOOD, seed=0)
        evaluator.close()
        assert outcome.is_valid, outcome
        used_mb.append(outcome.memory_mb)
    assert used_mb[1] < used_mb[0] + 30, used_mb
