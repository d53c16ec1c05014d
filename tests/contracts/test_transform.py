"""A transform on a fixed network: trained with it, scored without it; what it does wrong has kind and line."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archwright.archive import Archive
from archwright.assembly import Parts
from archwright.candidate import FailureKind, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.configuring import load_config, options_of
from archwright.contracts.transform import TRANSFORM, TransformOptions, network_source
from archwright.errors import UnknownNameError, UsageError
from archwright.evaluation import sandboxed
from archwright.evaluation.data import TaskData, load_task_data
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.trials import TrialEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.starters.baselines import baselines
from archwright.study import Study
from archwright.task import Budget, DataOptions, Recipe, SplitProtocol, Task
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor

HEAD = "def augment(images, op):\n"
NETWORK = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.head(x.flatten(1))
"""
BLACK = f"{HEAD}    return images * 0\n"
Evaluate = Callable[..., Outcome]


def task(protocol: SplitProtocol = SplitProtocol.HOLDOUT, **more: object) -> Task:
    data = DataOptions(train_size=256, validation_size=100, protocol=protocol)
    recipe = Recipe(lr=0.1, batch=16, **more)
    return Task(data=data, budget=Budget(wall_s=60.0), recipe=recipe)


@pytest.fixture(scope="session")
def boxes() -> Sandbox:
    return sandboxed.start_boxes()


@pytest.fixture(scope="session")
def digits() -> TaskData:
    return load_task_data(task())


@pytest.fixture
def evaluate(boxes: Sandbox, digits: TaskData) -> Iterator[Evaluate]:
    made: list[SandboxEvaluator] = []

    def run(
        source: str, *, seed: int = 1, protocol: SplitProtocol = SplitProtocol.HOLDOUT, policy: str = "on"
    ) -> Outcome:
        config = SandboxConfig(policy=policy)
        contract = replace(TRANSFORM, network=NETWORK)
        made.append(SandboxEvaluator(task(protocol), config, digits, contract=contract, boxes=boxes))
        return made[-1].evaluate(Program(source), seed=seed)

    yield run
    for evaluator in made:
        evaluator.close()


@pytest.mark.parametrize("name", [name for name, _ in baselines()])
def test_each_baseline_is_scored_and_the_network_is_what_is_counted(evaluate: Evaluate, name: str) -> None:
    outcome = evaluate(dict(baselines())[name].source)
    assert outcome.failure is None
    assert outcome.scores is not None
    assert outcome.params == 650
    assert outcome.graph is None


def test_no_augmentation_scores_as_the_network_by_itself(evaluate: Evaluate, boxes: Sandbox, digits: TaskData) -> None:
    alone = SandboxEvaluator(task(), SandboxConfig(), digits, boxes=boxes)
    try:
        expected = alone.evaluate(Program(NETWORK), seed=1)
    finally:
        alone.close()
    outcome = evaluate(dict(baselines())["none"].source)
    assert (outcome.params, outcome.flops) == (expected.params, expected.flops)
    assert outcome.value("accuracy") == expected.value("accuracy")
    assert outcome.value("loss") == expected.value("loss")


def test_training_images_alone_are_transformed_except_in_protocol_lemur(evaluate: Evaluate) -> None:
    source = (
        "asked = []\n\n\n" + HEAD + "    asked.append(1)\n    return images if len(asked) <= 1 + 16 else images * 0\n"
    )
    holdout, lemur = (evaluate(source, protocol=protocol) for protocol in (SplitProtocol.HOLDOUT, SplitProtocol.LEMUR))
    assert holdout.scores is not None
    assert lemur.scores is not None
    # All that comes after the look at one batch and an epoch of 16 is black.
    assert holdout.scores.values["accuracy"] > 0.5
    assert lemur.scores.values["accuracy"] < 0.25


def test_a_transform_decides_what_is_learned(evaluate: Evaluate) -> None:
    outcome = evaluate(BLACK)
    assert outcome.scores is not None
    assert outcome.scores.values["accuracy"] < 0.25


def test_the_same_seed_gives_the_same_score_and_another_seed_another(evaluate: Evaluate) -> None:
    source = dict(baselines())["flip_crop"].source
    first, again, other = (evaluate(source, seed=seed) for seed in (4, 4, 5))
    assert first.scores == again.scores != other.scores


WRONG = {
    "return images[:-1]": (FailureKind.WRONG_OUTPUT, r"shape \(15, 1, 8, 8\) instead of \(16, 1, 8, 8\)", 1),
    "return images[:, :, 1:]": (FailureKind.WRONG_OUTPUT, r"shape \(16, 1, 7, 8\)", 1),
    "return images.float() / 255": (FailureKind.WRONG_OUTPUT, r"torch.float32; round and clamp", 1),
    "return images.float() * float('nan')": (FailureKind.NOT_FINITE, "returned NaN", 1),
    "return [images]": (FailureKind.WRONG_OUTPUT, "returned a list", 1),
    "return op.rotation(images, degrees=4 * 100)": (FailureKind.EXCEPTION, "degrees=400 must be", 2),
    "return images @ images[:, :, :3]": (FailureKind.SHAPE, "", 2),
    "return op.invert(imags, p=0.5)": (FailureKind.NAME, "did you mean images", 2),
}


@pytest.mark.parametrize("line", WRONG)
def test_what_it_does_wrong_has_a_kind_words_and_a_line(evaluate: Evaluate, line: str) -> None:
    import re

    kind, words, at = WRONG[line]
    failure = evaluate(f"{HEAD}    {line}\n").failure
    assert failure is not None
    assert (failure.stage, failure.kind, failure.line) == (Stage.FORWARD, kind, at), failure
    assert re.search(words, failure.message), failure.message


def test_one_that_goes_wrong_in_a_later_batch_fails_in_training(evaluate: Evaluate) -> None:
    source = "seen = []\n\n\n" + HEAD + "    seen.append(1)\n    return images[: 16 - (len(seen) > 3)]\n"
    failure = evaluate(source).failure
    assert failure is not None
    assert (failure.stage, failure.kind, failure.line) == (Stage.TRAIN, FailureKind.WRONG_OUTPUT, 4)


def test_it_gets_images_and_operations_and_no_label(evaluate: Evaluate) -> None:
    source = f"""{HEAD}    seen = [value for value in vars(op).values()] if hasattr(op, "__dict__") else []
    tensors = [value for value in seen if hasattr(value, "shape")]
    assert not tensors and images.dtype.is_floating_point is False
    return images
"""
    assert evaluate(source).is_valid


HOSTILE = {
    "hooks": "from torch.nn.modules.module import register_module_forward_pre_hook as hook\nhook(lambda *_: 1 / 0)\n",
    "layers": "from torch import nn\nnn.Linear.forward = lambda self, x: x[:, :10] * 0\n",
    "optimizers": "import torch\ntorch.optim.AdamW.step = lambda self, closure=None: None\n",
    "network": "import sys\nassert 'network' not in sys.modules\n",
    "images to come": "import gc, torch\nassert not [x for x in gc.get_objects() if isinstance(x, torch.Tensor)]\n",
    "files": (
        "import contextlib, os\nfor number in range(3, 64):\n"
        "    with contextlib.suppress(OSError):\n        os.ftruncate(number, 0)\n"
    ),
    "modes": "import torch\ntorch.set_grad_enabled(True)\ntorch.autocast('cpu', torch.bfloat16).__enter__()\n",
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n",
    "seeds": "import random, numpy, torch\ntorch.manual_seed(0)\nrandom.seed(0)\nnumpy.random.seed(0)\n",
}
"""What is done before any image is there; each reached the network when that was trained in the same process."""


@pytest.mark.parametrize("name", HOSTILE)
def test_what_it_does_to_its_process_changes_no_training(evaluate: Evaluate, name: str) -> None:
    outcome = evaluate(f"{HOSTILE[name]}\n\n{HEAD}    return images\n", policy="off")
    assert outcome.failure is None
    assert outcome.scores == evaluate(f"{HEAD}    return images\n").scores


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("os._exit(0)", FailureKind.KILLED, "left in stage forward without an answer"),
        ("os.closerange(3, 64)", FailureKind.KILLED, "without an answer"),
        ("[bytearray(2**28) for _ in range(64)]", FailureKind.OUT_OF_MEMORY, ""),
        ("raise EOFError('mine')", FailureKind.EXCEPTION, "EOFError: mine"),
    ],
)
def test_one_that_ends_is_what_failed(evaluate: Evaluate, line: str, kind: FailureKind, words: str) -> None:
    failure = evaluate(f"import os\n\n\n{HEAD}    {line}\n    return images\n", policy="off").failure
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.FORWARD, kind), failure
    assert words in failure.message


def test_changing_its_images_in_place_changes_no_data(evaluate: Evaluate) -> None:
    source = HEAD + "    images.mul_(0)\n    return images\n"
    assert evaluate(source).scores == evaluate(BLACK).scores


def test_the_network_and_the_margin_are_settings_of_the_contract() -> None:
    config = load_config(settings=["loop.contract=transform", "transform.network=vgg", "transform.margin=0.02"])
    assert options_of(config, "transform", TransformOptions) == TransformOptions(network="vgg", margin=0.02)


def test_a_network_there_is_not_is_refused_before_a_study(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="vgg"):
        network_source("vggg")
    with pytest.raises(UsageError, match="cannot be read"):
        network_source("none.py")
    wrong = tmp_path / "wrong.py"
    wrong.write_text("x = 1\n")
    with pytest.raises(UsageError, match="is no network: there is no class Net"):
        network_source(str(wrong))


def test_another_augmentation_on_top_is_refused(boxes: Sandbox, digits: TaskData) -> None:
    contract = replace(TRANSFORM, network=NETWORK)
    with pytest.raises(UsageError, match="on top of the one that is searched"):
        SandboxEvaluator(task(augmentation="flip"), SandboxConfig(), digits, contract=contract, boxes=boxes)


def test_a_final_evaluation_scores_it_on_the_test_split(digits: TaskData, boxes: Sandbox) -> None:
    contract = replace(TRANSFORM, network=NETWORK)
    search = SandboxEvaluator(task(), SandboxConfig(), digits, contract=contract, boxes=boxes)
    evaluator = TrialEvaluator(task(), SandboxConfig(), digits, search=search)
    try:
        outcome = evaluator.evaluate(Program(dict(baselines())["flip_crop"].source), seed=2, split="test")
    finally:
        evaluator.close()
    assert outcome.failure is None
    assert outcome.scores is not None
    assert outcome.scores.n == 359


def test_a_study_of_random_compositions_runs_and_takes_them_as_they_come(tmp_path: Path) -> None:
    settings = ["loop.strategy=cycles", "loop.parents=none", "loop.candidates=3"]
    config = load_config("transforms", settings)
    executor = SerialExecutor(FakeEvaluator(TRANSFORM))
    with Study(config, tmp_path / "study", parts=Parts(executor=executor)) as study:
        result = study.run()
    assert result.best
    with Archive.open(tmp_path / "study", read_only=True) as archive:
        records = archive.records()
    assert [record.is_admitted for record in records] == [True] * 6
