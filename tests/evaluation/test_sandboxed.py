"""The sandboxed evaluator: honest outcomes, the same for the same seed, and labels that never leave the supervisor."""

import json
import os
import stat
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest

from archwright.candidate import Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.errors import EvaluatorError, UnknownNameError, UsageError
from archwright.evaluation.checks import verify_programs
from archwright.evaluation.classes import class_aliases
from archwright.evaluation.data import TaskData
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.programs.graph import graph_of_json
from archwright.sandbox.order import End, Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, DataOptions, Recipe, SplitProtocol, Task
from archwright.testing.programs import BROKEN, GOOD, network_with

MakeEvaluator = Callable[..., SandboxEvaluator]

CONVOLUTION = Program(
    """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(in_shape[1], 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout(prm["dropout"]),
            nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * 16, out_shape[0]),
        )

    def forward(self, x):
        return self.layers(x)
"""
)
"""Has buffers, and randomness in its weights and its training."""

LEMUR = Program(
    """\
import torch
import torch.nn as nn


def supported_hyperparameters():
    return {'lr', 'momentum', 'dropout', 'label_smoothing'}


class Net(nn.Module):
    def train_setup(self, prm):
        self.to(self.device)
        self.criteria = (nn.CrossEntropyLoss(label_smoothing=prm['label_smoothing']).to(self.device),)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm['lr'], momentum=prm['momentum'])
        self.seen = 0

    def learn(self, train_data):
        for inputs, labels in train_data:
            inputs, labels = inputs.to(self.device), labels.to(self.device)
            self.seen += len(labels)
            self.optimizer.zero_grad()
            outputs = self(inputs)
            loss = self.criteria[0](outputs, labels)
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), 3)
            self.optimizer.step()
        print(self.seen, len(train_data), tuple(inputs.shape), inputs.dtype, labels.dtype)
        return 0.5, loss

    def __init__(self, in_shape: tuple, out_shape: tuple, prm: dict, device: torch.device, width=4) -> None:
        super().__init__()
        self.device = device
        print(tuple(in_shape), tuple(out_shape), sorted(prm.items()), device)
        self.fc = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.fc(x.view(x.size(0), -1))
"""
)
"""In the words of LEMUR's own files."""


def test_a_network_learns_the_digits_and_everything_is_recorded(make_evaluator: MakeEvaluator) -> None:
    outcome = make_evaluator(Budget(epochs=8), Recipe(batch=16)).evaluate(CONVOLUTION, seed=5)
    assert outcome.failure is None
    assert outcome.stage is Stage.SCORE
    assert outcome.scores is not None
    assert outcome.scores.n == 100
    assert outcome.scores.values["accuracy"] > 0.6
    assert outcome.params == 16 * 9 + 16 + 2 * 16 + 256 * 10 + 10
    assert outcome.flops == 2 * (16 * 9 * 64 + 256 * 10)
    assert set(outcome.seconds) == {"start", "check", "train", "predict", "total"}
    assert sum(outcome.seconds.values()) == pytest.approx(2 * outcome.seconds["total"], rel=0.2, abs=0.2)
    assert outcome.cpu_s > 0
    assert 0 < outcome.memory_mb < 500
    assert outcome.received_bytes > 100 * 10 * 4
    assert (outcome.seed, outcome.protocol) == (5, "holdout")
    assert outcome.isolation >= 1
    assert outcome.log == ""


def test_the_full_contract_of_lemur_is_honoured(make_evaluator: MakeEvaluator) -> None:
    outcome = make_evaluator(Budget(epochs=2), Recipe(batch=60, lr=0.05)).evaluate(LEMUR, seed=0)
    assert outcome.is_valid
    built, *_, first, second, _ = outcome.log.splitlines()
    prm = [
        ("batch", 60),
        ("dropout", 0.2),
        ("epoch", 2),
        ("label_smoothing", 0.5),
        ("lr", 0.05),
        ("momentum", 0.9),
        ("transform", "none"),
    ]
    assert built == f"(60, 1, 8, 8) (10,) {prm} meta"
    assert outcome.log.count(" cpu\n") == 3  # to be checked, trained and asked
    assert first == "256 5 (16, 1, 8, 8) torch.float32 torch.int64"
    assert second.startswith("512 5 ")


def essence(outcome: Outcome) -> tuple[object, ...]:
    return outcome.scores, outcome.params, outcome.flops, outcome.failure, outcome.log


def test_the_same_seed_gives_the_same_outcome_in_any_process(make_evaluator: MakeEvaluator, boxes: Sandbox) -> None:
    evaluator = make_evaluator(recipe=Recipe(augmentation="flip-crop"))
    hashing = Program(CONVOLUTION.source + "print(list({'conv', 'norm', 'pool', 'relu', 'drop', 'skip'}))\n")
    first = evaluator.evaluate(hashing, seed=1)
    assert essence(evaluator.evaluate(hashing, seed=1)) == essence(first)
    assert evaluator.evaluate(hashing, seed=2).scores != first.scores
    os.kill(boxes.warm_pid, 9)
    assert essence(evaluator.evaluate(hashing, seed=1)) == essence(first)


def test_tied_and_frozen_parameters_are_counted_once(evaluator: SandboxEvaluator) -> None:
    tied = GOOD.source.replace(
        "        self.fc =", "        self.a = nn.Linear(4, 4)\n        self.b = self.a\n        self.fc ="
    ).replace("    def forward", "        self.fc.bias.requires_grad_(False)\n\n    def forward")
    outcome = evaluator.evaluate(Program(tied), seed=0)
    assert outcome.is_valid
    assert outcome.params == 64 * 10 + 10 + 4 * 4 + 4


def test_a_program_that_meta_cannot_build_is_counted_on_a_real_batch(evaluator: SandboxEvaluator) -> None:
    probing = CONVOLUTION.source.replace(
        "    def forward",
        "        with torch.no_grad():\n"
        "            probe = self.layers.to('cpu')(torch.zeros(2, *in_shape[1:], device='cpu'))\n"
        "            self.size = int(probe.sum().item() * 0)\n"
        "\n    def forward",
    )
    outcome = evaluator.evaluate(Program(probing), seed=1)
    reference = evaluator.evaluate(CONVOLUTION, seed=1)
    assert outcome.is_valid
    assert (outcome.params, outcome.flops) == (reference.params, reference.flops)


def test_checking_a_network_does_not_train_or_calibrate_it(evaluator: SandboxEvaluator) -> None:
    watching = LEMUR.source.replace(
        "        self.seen = 0",
        "        self.seen = 0\n        print('batches tracked', int(self.norm.num_batches_tracked))",
    ).replace("        self.fc = ", "        self.norm = nn.BatchNorm2d(1)\n        self.fc = ")
    watching = watching.replace("self.fc(x.view", "self.fc(self.norm(x).view")
    outcome = evaluator.evaluate(Program(watching), seed=0)
    assert outcome.is_valid, outcome
    assert "batches tracked 0" in outcome.log


@pytest.mark.parametrize(
    ("forward", "notes"),
    [
        ("y = nn.functional.dropout(y, 0.1)", 1),
        ("y = y - y.mean(0)", 1),
        ("y = nn.functional.dropout(y, 0.1, self.training)", 0),
    ],
)
def test_a_search_says_what_a_final_would_refuse(evaluator: SandboxEvaluator, forward: str, notes: int) -> None:
    outcome = evaluator.evaluate(network_with(forward=forward), seed=0)
    assert outcome.is_valid, outcome
    assert len(outcome.notes) == notes
    assert all("which `final` refuses" in note and "self.training" in note for note in outcome.notes)


def test_lazy_layers_take_their_sizes_from_the_images(evaluator: SandboxEvaluator) -> None:
    lazy = CONVOLUTION.source.replace("nn.Conv2d(in_shape[1], 16,", "nn.LazyConv2d(16,").replace(
        "nn.Linear(16 * 16,", "nn.LazyLinear("
    )
    outcome = evaluator.evaluate(Program(lazy), seed=1)
    assert outcome.is_valid, outcome
    assert outcome.params == 2762


def test_lazy_layers_may_see_noise_with_gradients_where_they_are_built(evaluator: SandboxEvaluator) -> None:
    """The count of images looks at every layer that is called, before a lazy one has its sizes."""
    outcome = evaluator.evaluate(network_with(init="self.seen = nn.LazyLinear(4)(torch.zeros(2, 3))"), seed=1)
    assert outcome.is_valid, outcome


def test_several_threads_per_program_work(make_evaluator: MakeEvaluator) -> None:
    outcome = make_evaluator(sandbox=SandboxConfig(threads=2)).evaluate(CONVOLUTION, seed=1)
    assert outcome.is_valid, outcome


def test_protocol_lemur_uses_one_transform_for_both(make_evaluator: MakeEvaluator) -> None:
    flips = Recipe(augmentation="flip")
    holdout = make_evaluator(recipe=flips).evaluate(GOOD, seed=0)
    lemur = make_evaluator(recipe=flips, protocol=SplitProtocol.LEMUR).evaluate(GOOD, seed=0)
    assert lemur.protocol == "lemur"
    assert holdout.scores is not None
    assert lemur.scores is not None
    assert lemur.scores.values["loss"] != holdout.scores.values["loss"]


class RecordingBoxes:
    """Stands in for a sandbox: keeps every byte that would go into a box."""

    def __init__(self) -> None:
        self.handed_over: list[bytes] = []

    def run(self, order: Order) -> Report:
        self.handed_over.append(order.payload)
        files = [file for file in order.files.values() if stat.S_ISREG(os.fstat(file).st_mode)]
        self.handed_over += [os.pread(file, os.fstat(file).st_size, 0) for file in files]
        return Report(End.EXITED, log=b"never started")


def test_validation_labels_and_true_classes_are_never_handed_over_and_images_not_before_the_end(
    digits: TaskData,
) -> None:
    boxes = RecordingBoxes()
    task = Task(data=DataOptions(train_size=256, validation_size=100))
    evaluator = SandboxEvaluator(task, SandboxConfig(), digits, boxes=cast(Sandbox, boxes), secret=bytes(32))
    with pytest.raises(EvaluatorError, match="never started"):
        evaluator.evaluate(GOOD, seed=0)
    evaluator.close()
    aliases = class_aliases(bytes(32), "digits", 0, 10)
    secrets = [digits.validation.labels, aliases[digits.validation.labels], digits.train.labels]
    for labels in map(np.asarray, secrets):
        assert len(labels) >= 100
        for dtype in (np.int64, np.int32, np.uint8, np.float32):
            needle = labels[:20].astype(dtype).tobytes()
            assert not any(needle in data for data in boxes.handed_over)
        assert not any(json.dumps(labels[:20].tolist())[1:-1].encode() in data for data in boxes.handed_over)
    assert any(aliases[digits.train.labels].tobytes() in data for data in boxes.handed_over)
    assert not any(np.asarray(digits.validation.images)[0].tobytes() in data for data in boxes.handed_over)


def test_a_device_that_is_not_there_and_an_unknown_augmentation_are_refused(digits: TaskData) -> None:
    with pytest.raises(UsageError, match="cuda"):
        SandboxEvaluator(Task(), SandboxConfig(device="cuda"), digits)
    with pytest.raises(UnknownNameError, match="did you mean 'flip'"):
        SandboxEvaluator(Task(recipe=Recipe(augmentation="flop")), SandboxConfig(), digits)


def test_verification_builds_and_runs_but_does_not_train(evaluator: SandboxEvaluator) -> None:
    outcome = evaluator.verify(CONVOLUTION)
    assert (outcome.stage, outcome.failure, outcome.scores) == (Stage.BUDGET, None, None)
    assert outcome.params == 2762
    assert outcome.flops
    assert "train" not in outcome.seconds
    assert outcome.graph is not None


def test_many_programs_are_verified_in_order(boxes: Sandbox) -> None:
    bad = Program(GOOD.source.replace("in_shape[1] *", "1 + in_shape[1] *"))
    outcomes = verify_programs([GOOD, BROKEN, bad, CONVOLUTION], Task(), SandboxConfig(workers=2), boxes=boxes)
    assert [outcome.stage for outcome in outcomes] == [Stage.BUDGET, Stage.PARSE, Stage.FORWARD, Stage.BUDGET]


def test_without_the_policy_the_sandbox_alone_holds_a_program(make_evaluator: MakeEvaluator) -> None:
    program = Program("import subprocess\n" + GOOD.source + '\nsubprocess.run(["/bin/true"])\n')
    refused = make_evaluator().evaluate(program, seed=0)
    ran = make_evaluator(sandbox=SandboxConfig(policy="off")).evaluate(program, seed=0)
    assert refused.failure is not None
    assert ran.failure is not None
    assert (refused.failure.stage, ran.failure.stage) == (Stage.POLICY, Stage.BUILD)


def test_an_evaluator_below_the_required_isolation_is_never_made(
    digits: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reaches_less(required: int, most: int) -> None:
        raise EvaluatorError(f"boxes reach isolation level {required - 1}", "run `archwright doctor`")

    monkeypatch.setattr("archwright.evaluation.sandboxed.require_isolation", reaches_less)
    with pytest.raises(EvaluatorError, match="level 2"):
        SandboxEvaluator(Task(), SandboxConfig(require=3), digits)


SHAPES = "        print(x.is_contiguous(memory_format=torch.channels_last), x.is_contiguous())\n"


@pytest.mark.parametrize(("flatten", "order"), [("y.flatten(1)", "True False"), ("y.view(len(y), -1)", "False True")])
def test_networks_are_trained_channels_last_where_that_changes_nothing_for_them(
    make_evaluator: MakeEvaluator, flatten: str, order: str
) -> None:
    source = CONVOLUTION.source.replace("        return self.layers(x)", "        return self.fc(#)")
    source = source.replace("nn.Conv2d(in_shape[1], 16,", "nn.Conv2d(in_shape[1], 4, 1), nn.Conv2d(4, 16,")
    source = source.replace(" nn.Flatten(), nn.Linear(16 * 16, out_shape[0]),", "")
    source = source.replace(
        "        self.layers", "        self.fc = nn.Linear(16 * 16, out_shape[0])\n        self.layers"
    )
    body = f"        y = self.layers(x)\n{SHAPES.replace('x.', 'y.')}        return self.fc({flatten})"
    outcome = make_evaluator().evaluate(Program(source.replace("        return self.fc(#)", body)), seed=0)
    assert outcome.is_valid, outcome
    assert outcome.log.splitlines()[-1] == order


def test_a_valid_outcome_has_the_graph_of_its_network(make_evaluator: MakeEvaluator) -> None:
    outcome = make_evaluator().evaluate(CONVOLUTION, seed=1)
    assert outcome.graph is not None
    graph = graph_of_json(outcome.graph)
    assert graph is not None
    assert [each.kind for each in graph.operations][:2] == ["input", "convolution"]


def test_a_network_that_cannot_be_built_without_memory_has_no_graph(make_evaluator: MakeEvaluator) -> None:
    source = CONVOLUTION.source.replace(
        "super().__init__()", "super().__init__()\n        assert device.type != 'meta'"
    )
    assert source != CONVOLUTION.source
    outcome = make_evaluator().evaluate(Program(source), seed=1)
    assert outcome.is_valid
    assert outcome.graph is None


def test_a_network_that_cannot_take_a_single_image_is_not_asked_for_one(make_evaluator: MakeEvaluator) -> None:
    source = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.fc(x.flatten(1).squeeze()).squeeze()
"""
    outcome = make_evaluator(recipe=Recipe(batch=33)).evaluate(Program(source), seed=0)
    assert outcome.is_valid, outcome.failure
