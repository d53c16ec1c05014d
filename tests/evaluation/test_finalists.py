"""Finalists are scored by what a fresh box predicts from source and weights: nothing else of the training helps."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from archwright.candidate import FailureKind, Program
from archwright.config import SandboxConfig
from archwright.evaluation.data import TaskData, load_task_data, open_test_split
from archwright.evaluation.examining import LARGEST_BATCH, Examination
from archwright.evaluation.finalists import BOXES, SAMPLE_PARTS, TIE, FinalistEvaluator, differing, without_ties
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.order import Order, Report
from archwright.sandbox.supervisor import Sandbox
from archwright.starters import load_seed_corpus
from archwright.task import Budget, DataOptions, Task
from archwright.testing.programs import BROKEN, GOOD, network_with

KINDS = frozenset({"vit", "shufflenet", "coordconv", "wide_shallow"})
"""Networks with attention, odd layouts, buffers of their own, and lots of normalisation."""
TASK = Task(data=DataOptions(train_size=256, validation_size=100))


@pytest.fixture
def finalists(boxes: Sandbox, digits: TaskData) -> Iterator[FinalistEvaluator]:
    """Trained on 256 digits, scored on the test split."""
    evaluator = FinalistEvaluator(TASK, SandboxConfig(), digits, open_test_split(TASK), boxes=boxes, secret=bytes(32))
    yield evaluator
    evaluator.close()


def test_an_honest_network_gets_the_accuracy_of_its_weights(
    finalists: FinalistEvaluator, boxes: Sandbox, digits: TaskData
) -> None:
    outcome = finalists.evaluate(GOOD, seed=3)
    assert outcome.scores is not None, outcome
    assert outcome.scores.n == len(open_test_split(TASK)) == 359
    assert outcome.scores == finalists.evaluate(GOOD, seed=3).scores
    assert outcome.seconds["total"] > outcome.seconds["rescore"] > 0
    # The same images in the one box that also trained: the same accuracy.
    seen = TaskData(digits.spec, digits.mean, digits.std, digits.train, open_test_split(TASK))
    evaluator = SandboxEvaluator(TASK, SandboxConfig(), seen, boxes=boxes, secret=bytes(32))
    trained = evaluator.evaluate(GOOD, seed=3)
    evaluator.close()
    assert trained.scores is not None
    assert outcome.value("accuracy") == pytest.approx(trained.scores.values["accuracy"], abs=0.005)
    assert outcome.params == trained.params


@pytest.mark.parametrize("names", [KINDS, pytest.param(None, marks=pytest.mark.slow)], ids=["some", "all"])
def test_every_network_of_the_seed_corpus_is_reproducible(
    finalists: FinalistEvaluator, names: frozenset[str] | None
) -> None:
    corpus = [network for network in load_seed_corpus() if names is None or network.name in names]
    assert names is None or len(corpus) == len(names)
    outcomes = {network.name: finalists.evaluate(network.program, seed=1) for network in corpus}
    assert {name: outcome.failure for name, outcome in outcomes.items() if outcome.failure} == {}


STEP = """\
for inputs, labels in train_data:
    self.optimizer.zero_grad()
    torch.nn.functional.cross_entropy(self(inputs), labels).backward()
    self.optimizer.step()
"""
HARMLESS = {
    "constant table": (network_with(init="self.register_buffer('t', torch.arange(4_096.0).sin())"), 170),
    "exact constants": (
        network_with(init="self.register_buffer('t', torch.arange(64).double() / 3)", forward="y = y + self.t[9]"),
        170,
    ),
    "double precision": (
        Program(GOOD.source.replace("out_shape[0])", "out_shape[0]).double()").replace("(x, 1)", "(x, 1).double()")),
        650,
    ),
    "average of the weights": (
        network_with(
            init="self.mean = nn.Linear(8, 10)",
            learn=STEP + "with torch.no_grad():\n    self.mean.weight.lerp_(self.fc.weight, 0.9)",
            forward="if not self.training: return self.mean(y.mean((2, 3)))",
        ),
        260,
    ),
    "parameter without elements": (
        network_with(init="self.none = nn.Parameter(torch.empty(4, 0))", forward="y = y + self.none.sum()"),
        170,
    ),
    "compiled layer": (network_with(init="self.fc = torch.compile(self.fc)"), 170),
}


BESIDE = {
    "weights of a loss": "self.loss = nn.CrossEntropyLoss(weight=torch.ones(10))",
    "a teacher": "import copy\nself.teacher = copy.deepcopy(self)",
    "a running mean": "self.register_buffer('mu', torch.zeros(1))",
    "an empty buffer": "self.register_buffer('none', torch.zeros(0))",
    "another order": "weight = self.fc.weight\ndel self.fc.weight\nself.fc.weight = weight",
}
"""What training puts on a network and its predictions do without."""


@pytest.mark.parametrize("learn", BESIDE.values(), ids=list(BESIDE))
def test_what_training_leaves_beside_the_network_does_not_travel(finalists: FinalistEvaluator, learn: str) -> None:
    outcome = finalists.evaluate(network_with(learn=f"{learn}\n{STEP}"), seed=0)
    assert outcome.is_valid, outcome
    assert outcome.params == 170
    assert outcome.scores == finalists.evaluate(network_with(learn=STEP), seed=0).scores


@pytest.mark.parametrize(
    ("learn", "expected"),
    [
        (
            "del self.fc.bias\nself.fc.register_parameter('bias', None)",
            "has fc.bias, (10,) of float32, this one does not",
        ),
        ("self.fc = nn.Linear(9, 10)", "(10, 9)"),
    ],
    ids=["gone", "another shape"],
)
def test_a_tensor_that_is_gone_or_no_longer_what_it_was_is_refused(
    finalists: FinalistEvaluator, learn: str, expected: str
) -> None:
    outcome = finalists.evaluate(network_with(learn=STEP + learn), seed=0)
    assert outcome.failure is not None, outcome
    assert outcome.failure.kind is FailureKind.NOT_REPRODUCIBLE
    assert expected in outcome.failure.message


LARGER = "self.large = nn.Sequential(nn.Flatten(), nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 10))\n"


def test_a_network_that_training_adds_answers_nothing_in_a_search(boxes: Sandbox, digits: TaskData) -> None:
    """What is counted gives the score: with the larger network it would be far above."""
    fit = LARGER + "optimizer = torch.optim.AdamW(self.large.parameters(), lr=0.01)\n"
    step = (
        "    optimizer.zero_grad()\n"
        + STEP.split("\n", 1)[1]
        .replace("self(inputs)", "self.large(inputs)")
        .replace("self.optimizer", "optimizer")
        .split("\n", 1)[1]
    )
    grown = network_with(learn=fit + "for inputs, labels in train_data:\n" + step, forward=USES_LARGE)
    evaluator = SandboxEvaluator(TASK, SandboxConfig(), digits, boxes=boxes, secret=bytes(32))
    outcome = evaluator.evaluate(grown, seed=0)
    evaluator.close()
    assert outcome.params == 170
    assert (outcome.value("accuracy") or 0) < 0.3, outcome


USES_LARGE = "if hasattr(self, 'large'): return self.large(x)"


@pytest.mark.parametrize(("program", "params"), HARMLESS.values(), ids=list(HARMLESS))
def test_what_honest_networks_do_is_scored_and_counted_once(
    finalists: FinalistEvaluator, program: Program, params: int
) -> None:
    outcome = finalists.evaluate(program, seed=0)
    assert outcome.is_valid, outcome
    assert outcome.params == params


def test_a_program_that_does_not_train_fails_as_it_does_elsewhere(finalists: FinalistEvaluator) -> None:
    failure = finalists.evaluate(BROKEN, seed=0).failure
    assert failure is not None
    assert failure.kind is FailureKind.SYNTAX


HEAD = "return self.fc(y.mean((2, 3)))"
STATE = {
    "list": network_with(
        init="self.kept = [nn.Linear(8, 10)]",
        forward="return self.kept[0](y.mean((2, 3)))",
    ),
    "global": network_with(
        module="KEPT = []",
        learn=STEP + "KEPT.append(torch.randn(10))",
        forward=f"if KEPT: {HEAD} + KEPT[0]",
    ),
    "closure": network_with(
        init="W = torch.randn(8, 10)\nself.head = lambda features: features @ W",
        forward="return self.head(y.mean((2, 3)))",
    ),
    "attribute": network_with(
        learn=STEP + "self.shift = torch.randn(10)",
        forward=f"if hasattr(self, 'shift'): {HEAD} + self.shift",
    ),
    "attribute that is missed": network_with(
        learn=STEP + "self.shift = torch.randn(10)",
        forward=f"if not self.training and len(x) > 2: {HEAD} + self.shift",
    ),
    "layer exchanged in training": network_with(learn=STEP + "self.fc = nn.Linear(8, 10, bias=False)"),
    "layer widened in training": network_with(
        learn=STEP + "self.fc = self.fc.double()", forward="y = y.to(self.fc.weight.dtype)"
    ),
    "dropout in eval mode": network_with(forward="y = torch.nn.functional.dropout(y)"),
}


@pytest.mark.parametrize("program", STATE.values(), ids=list(STATE))
def test_what_is_learned_outside_the_weights_is_found_missing(finalists: FinalistEvaluator, program: Program) -> None:
    outcome = finalists.evaluate(program, seed=0)
    assert outcome.failure is not None, outcome
    assert outcome.failure.kind is FailureKind.NOT_REPRODUCIBLE, outcome
    assert outcome.scores is None
    wanted = ("batch to batch", "fresh box", "training changed the network")
    assert any(words in outcome.failure.message for words in wanted)


def test_a_layer_that_only_training_has_answers_nothing(finalists: FinalistEvaluator) -> None:
    late = network_with(
        learn=STEP + "self.late = nn.Linear(8, 10)\nself.late.bias.data[:] = torch.arange(10.0) * 1e6",
        forward="if hasattr(self, 'late'): return self.late(y.mean((2, 3)))",
    )
    outcome, honest = (finalists.evaluate(program, seed=0) for program in (late, network_with(learn=STEP)))
    assert outcome.failure is None, outcome
    assert outcome.params == honest.params
    assert outcome.value("loss") < 10


REMEMBER = f"""\
for inputs, labels in train_data:
    keep((inputs.flatten(1).clone(), labels.clone()))
{STEP.partition(chr(10))[2].replace("self(inputs)", "self.fc(self.conv(inputs).relu().mean((2, 3)))")}"""
RECALL = """\
if not self.training and kept:
    images, classes = (torch.cat(part) for part in zip(*kept))
    nearest = torch.cdist(x.flatten(1), images).argmin(1)
    return torch.nn.functional.one_hot(classes[nearest], 10).float()
"""
REMEMBERED = {
    "closure": (
        "kept = []\nself.add, self.all = kept.append, lambda: kept",
        RECALL.replace("zip(*kept)", "zip(*self.all())").replace("and kept", "and self.all()"),
        "keep = self.add\n",
        "",
    ),
    "module": ("", RECALL.replace("kept", "KEPT"), "keep = KEPT.append\n", "KEPT = []"),
    "attribute of torch": (
        "",
        RECALL.replace("and kept", "and hasattr(torch.nn, 'kept')").replace("*kept", "*torch.nn.kept"),
        "torch.nn.kept = []\nkeep = torch.nn.kept.append\n",
        "",
    ),
    "default argument": (
        "",
        RECALL.replace("and kept", "and memory()").replace("*kept", "*memory()"),
        "keep = memory\n",
        "def memory(pair=None, kept=[]):\n    kept.extend([pair] if pair else [])\n    return kept",
    ),
    "generator": (
        "self.store = memory()\nnext(self.store)",
        "kept = self.store.send(None)\n" + RECALL,
        "keep = self.store.send\n",
        "def memory():\n    kept = []\n    while True:\n        if (pair := (yield kept)):\n"
        "            kept.append(pair)",
    ),
}
"""Full programs that keep the training images where no weight is, and answer with the nearest one's class."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name != "closure")) for name in REMEMBERED]
)
def test_a_memory_of_the_training_images_answers_nothing_in_a_search_and_is_refused_by_the_final(
    name: str, finalists: FinalistEvaluator, boxes: Sandbox, digits: TaskData
) -> None:
    """Its FLOPs are those of the network, too, and a note says so. What is kept in torch still scores in a search."""
    init, forward, learn, module = REMEMBERED[name]
    program = network_with(init=init, forward=forward, learn=learn + REMEMBER, module=module)
    evaluator = SandboxEvaluator(TASK, SandboxConfig(), digits, boxes=boxes, secret=bytes(32))
    searched, honest = evaluator.evaluate(program, seed=0), evaluator.evaluate(network_with(learn=STEP), seed=0)
    evaluator.close()
    is_kept_in_torch = name == "attribute of torch"
    gain = (searched.value("accuracy") or 0) - (honest.value("accuracy") or 0)
    assert gain > 0.4 if is_kept_in_torch else gain <= 0.1, searched
    assert any("outside of the weights" in note for note in searched.notes) is not is_kept_in_torch
    assert (searched.flops == honest.flops) is not is_kept_in_torch
    assert searched.params == honest.params
    assert not honest.notes
    final = finalists.evaluate(program, seed=0)
    assert final.scores is None
    assert final.failure is not None
    assert final.failure.kind is FailureKind.NOT_REPRODUCIBLE, final


def test_what_a_program_keeps_beside_its_weights_without_need_is_not_noted(boxes: Sandbox, digits: TaskData) -> None:
    odd = network_with(
        module="import functools\nCALLS = []\n@functools.lru_cache\ndef scale():\n    CALLS.append(1)\n    return 2.0",
        init="self.seen, self.phase = 0, 'new'\nself.register_buffer('mean', torch.zeros(10))",
        forward="self.seen += 1\ny = y * scale()",
        learn=STEP
        + "    self.mean.lerp_(self(inputs).detach().mean(0), 0.1)\nself.phase = 'old'\n"
        + "torch.set_default_dtype(torch.float64)",
    )
    evaluator = SandboxEvaluator(TASK, SandboxConfig(), digits, boxes=boxes, secret=bytes(32))
    outcome = evaluator.evaluate(odd, seed=0)
    evaluator.close()
    assert outcome.is_valid, outcome
    assert not outcome.notes


TWICE = {
    "library": "import torch\nlibrary = torch.library.Library('only_once', 'DEF')",
    "guard": "import torch\nassert not hasattr(torch, 'is_loaded')\ntorch.is_loaded = True",
}
"""What a compact program does to torch when it is loaded, and cannot do twice."""


@pytest.mark.parametrize("module", TWICE.values(), ids=list(TWICE))
def test_a_program_that_cannot_be_loaded_twice_is_asked_as_it_was_loaded(
    module: str, boxes: Sandbox, digits: TaskData
) -> None:
    evaluator = SandboxEvaluator(TASK, SandboxConfig(), digits, boxes=boxes, secret=bytes(32))
    odd, plain = (evaluator.evaluate(compact_with(text), seed=0) for text in (module, ""))
    evaluator.close()
    assert odd.is_valid, odd
    assert odd.scores == plain.scores


def compact_with(module: str) -> Program:
    """Return a compact program with a text before its network."""
    return Program(f"import torch.nn as nn\n{module}\n{COMPACT}")


COMPACT = """
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(64, out_shape[0])

    def forward(self, x):
        return self.fc(x.flatten(1))
"""


NEIGHBOURS = {
    "batch mean": network_with(forward="y = y - y.mean(0, keepdim=True)"),
    "batch norm without running statistics": network_with(
        init="self.norm = nn.BatchNorm2d(8, track_running_stats=False)", forward="y = self.norm(y)"
    ),
    "neighbour": network_with(forward="y = y + y.roll(1, 0)"),
    "size of the batch": network_with(forward="y = y * len(x)"),
    "count of images": network_with(init="self.seen = 0", forward="self.seen += len(x)\ny = y * (1 + self.seen % 7)"),
    "batch mean beside a huge output": network_with(
        init="self.fc = nn.Linear(8 * 64, 10)",
        forward="z = self.fc(y.flatten(1))\nz = z - z.mean(0, keepdim=True)\n"
        "return z if self.training else z - torch.zeros_like(z).scatter_(1, z.argmin(1, keepdim=True), 1e6)",
    ),
    "the class among the two likeliest at random": network_with(
        init="self.fc = nn.Linear(8 * 64, 10)",
        forward="z = self.fc(y.flatten(1))\nif self.training: return z\ntop = z.topk(2, 1).indices\n"
        "pick = top.gather(1, torch.randint(2, (len(x), 1)))\n"
        "return (0.01 * z.softmax(1)).scatter(1, top, 1.0).scatter_add(1, pick, torch.full((len(x), 1), 2e-4))",
    ),
    "dropout beside huge outputs": network_with(
        init="self.fc = nn.Linear(8 * 64, 10)",
        forward="z = self.fc(nn.functional.dropout(y.flatten(1), 0.5))\n"
        "return z if self.training else z - torch.zeros_like(z).scatter_(1, z.argsort(1)[:, :6], 1e6)",
    ),
}


@pytest.mark.parametrize("program", NEIGHBOURS.values(), ids=list(NEIGHBOURS))
def test_an_image_must_have_the_same_logits_among_other_neighbours(
    finalists: FinalistEvaluator, program: Program
) -> None:
    outcome = finalists.evaluate(program, seed=0)
    assert outcome.failure is not None, outcome
    assert outcome.failure.kind is FailureKind.NOT_REPRODUCIBLE, outcome
    assert "change from batch to batch" in outcome.failure.message


ATTACKS = [
    path
    for path in sorted((Path(__file__).parents[1] / "attacks" / "score").glob("*.py"))
    if b"not_reproducible" in path.read_bytes().split(b"\n", 1)[0]
]
"""Programs that a trial cannot see through."""
HONEST = network_with(init="self.fc = nn.Linear(8 * 64, 10)", forward="return self.fc(y.flatten(1))")
"""What most of them are without their trick."""


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_no_attack_on_the_score_gains_anything_as_a_finalist(
    cheats: FinalistEvaluator, honest: float, path: Path
) -> None:
    outcome = cheats.evaluate(Program(path.read_text("utf-8")), seed=0)
    accuracy = outcome.value("accuracy")
    assert accuracy is None or accuracy <= honest + 0.03, outcome


@pytest.fixture(scope="module")
def cheats(boxes: Sandbox) -> Iterator[FinalistEvaluator]:
    """Without the policy, which would refuse some of them unrun."""
    task = Task(data=DataOptions(train_size=600, validation_size=300), budget=Budget(wall_s=30.0))
    evaluator = FinalistEvaluator(
        task, SandboxConfig(policy="off"), load_task_data(task), open_test_split(task), boxes=boxes, secret=bytes(32)
    )
    yield evaluator
    evaluator.close()


@pytest.fixture(scope="module")
def honest(cheats: FinalistEvaluator) -> float:
    """The accuracy of an honest network."""
    outcome = cheats.evaluate(HONEST, seed=0)
    assert outcome.scores is not None, outcome
    return outcome.scores.values["accuracy"]


def test_layers_made_in_the_first_forward_pass_are_allowed(finalists: FinalistEvaluator) -> None:
    make = "if not hasattr(self, 'head'): self.head = nn.Linear(8, 10).to(x.device)\n"
    assert finalists.evaluate(network_with(forward=make + "return self.head(y.mean((2, 3)))"), seed=0).is_valid


class Overheard:
    """What went into one box: files and payload, and what was sent through its pipe, batch by batch."""

    def __init__(self) -> None:
        self.given = b""
        self.sent: list[bytes] = []


@pytest.fixture
def overheard(boxes: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[Overheard]:
    """Everything that goes into boxes, one after the other."""
    heard: list[Overheard] = []
    run, send = boxes.run, Examination.send

    def recording(order: Order) -> Report:
        files = [order.files[name] for name in ("train_images", "train_labels") if name in order.files]
        heard.append(Overheard())
        heard[-1].given = order.payload + b"".join(os.pread(file, os.fstat(file).st_size, 0) for file in files)
        return run(order)

    def sending(self: Examination, data: bytes | memoryview, count: int) -> bool:
        heard[-1].sent.append(bytes(data))
        return send(self, data, count)

    monkeypatch.setattr(boxes, "run", recording)
    monkeypatch.setattr(Examination, "send", sending)
    return heard


def test_held_out_images_reach_fresh_boxes_alone_in_small_batches_and_disjoint_parts(
    boxes: Sandbox, digits: TaskData, overheard: list[Overheard]
) -> None:
    held_out = open_test_split(TASK)
    evaluator = FinalistEvaluator(TASK, SandboxConfig(), digits, held_out, boxes=boxes, secret=bytes(32))
    assert evaluator.evaluate(GOOD, seed=0).is_valid
    evaluator.close()
    built, training, *fresh = overheard
    images = {np.asarray(image).tobytes() for image in held_out.images}
    size = len(next(iter(images)))
    assert not built.sent
    before = b"".join((built.given, training.given, *training.sent))
    assert not any(image in before for image in images)
    parts = [{batch[i : i + size] for batch in box.sent[1:] for i in range(0, len(batch), size)} for box in fresh]
    assert len(parts) == 2 * BOXES
    assert set().union(*parts[:BOXES]) >= images
    assert not parts[0] & parts[1] & images
    assert len(set().union(*parts[BOXES:]) & images) >= len(images) // SAMPLE_PARTS
    assert all(len(batch) <= (LARGEST_BATCH + 1) * size for box in fresh for batch in box.sent[1:])
    for labels in (digits.train.labels, held_out.labels, digits.validation.labels):
        assert not any(np.asarray(labels).tobytes() in box.given for box in fresh)


def test_the_weights_travel_as_one_block_without_a_header(
    overheard: list[Overheard], boxes: Sandbox, digits: TaskData
) -> None:
    evaluator = FinalistEvaluator(TASK, SandboxConfig(), digits, open_test_split(TASK), boxes=boxes, secret=bytes(32))
    outcome = evaluator.evaluate(GOOD, seed=0)
    evaluator.close()
    assert outcome.params is not None
    blocks = [box.sent[0] for box in overheard[2:]]
    assert {len(block) for block in blocks} == {4 * outcome.params}
    assert len(set(blocks)) == 1


TABLE = network_with(
    init="self.register_buffer('table', torch.zeros(300))\nself.register_buffer('grid', torch.linspace(0, 1, 9_000))",
    learn="self.table.normal_()",
)


def test_a_buffer_that_training_changes_counts_and_a_constant_does_not(
    finalists: FinalistEvaluator, evaluator: SandboxEvaluator
) -> None:
    for outcome in (finalists.evaluate(TABLE, seed=0), evaluator.evaluate(TABLE, seed=0)):
        assert outcome.is_valid, outcome
        assert outcome.params == 170 + 300


def test_what_a_box_that_trains_nothing_is_built_with_is_no_data(finalists: FinalistEvaluator) -> None:
    """A buffer filled from the first images counts: those the fresh build is counted with are noise."""
    program = network_with(
        module="SEEN = []",
        init="self.register_buffer('first', torch.zeros(1, 8, 8))",
        forward="if not x.is_meta:\n    SEEN[1:] = []\n    SEEN.append(x[0].detach().clone())\n    "
        "self.first.copy_(SEEN[0])",
        learn=STEP,
    )
    outcome = finalists.evaluate(program, seed=0)
    assert outcome.is_valid, outcome
    assert outcome.params == 170 + 64


def test_a_row_differs_when_its_class_does_and_ties_have_one_class() -> None:
    logits = np.random.default_rng(0).normal(size=(400, 10)).astype(np.float32)
    noise = np.random.default_rng(1).normal(size=(400, 10)).astype(np.float32)
    assert differing(logits, logits + 4e-7 * noise, 1e-3, TIE) == 0.0, "rounding as of honest networks"
    top, second = logits.argsort(axis=1)[:, -1], logits.argsort(axis=1)[:, -2]
    rows = np.arange(len(logits))
    close = logits.copy()
    close[rows, second] = close[rows, top] + np.float32(2e-4)
    swapped = close.copy()
    swapped[rows, top] += np.float32(4e-4)
    assert differing(close, swapped, 1e-3) == 0.0
    assert differing(close, swapped, 1e-3, TIE) == 1.0
    saturated = logits.copy()
    saturated[:100, 3:7] = 10 - 1e-6 * np.abs(noise[:100, 3:7])
    assert differing(saturated, np.where(logits == saturated, logits, np.float32(10)), 1e-3, TIE) == 0.0
    for gap in (1e-6, 1e-7, 0.0):  # what rounding hides decides nothing
        one, other = logits.copy(), logits.copy()
        one[rows, second] = one[rows, top] + np.float32(gap)
        other[rows, second] = other[rows, top] - np.float32(gap)
        assert differing(one, other, 1e-3, TIE) == 0.0
        assert (without_ties(one, TIE).argmax(1) == without_ties(other, TIE).argmax(1)).all()
        assert (without_ties(one, TIE).argmax(1) == np.minimum(top, second)).all()
    masked = logits.copy()
    masked[:, :5] = -1e9
    assert (without_ties(masked, TIE).argmax(1) == masked.argmax(1)).all()
    assert without_ties(np.zeros((2, 1, 4, 4), np.float32), TIE).shape == (2, 1, 4, 4)


def test_only_what_is_beyond_rounding_counts_as_different() -> None:
    logits = np.random.default_rng(0).normal(size=(400, 10)).astype(np.float32)
    noise = np.random.default_rng(1).normal(size=(400, 10)).astype(np.float32)
    assert differing(logits, logits, 1e-3) == 0.0
    assert differing(logits, logits + 1e-5 * noise, 1e-3) == 0.0
    assert differing(logits, logits + 0.1 * noise, 1e-3) > 0.99
    assert differing(logits, logits[::-1], 0.05) > 0.99
    few = logits.copy()
    few[:4, 0] += 9.0
    assert differing(logits, few, 1e-3) == 0.0, "1 % of the images may differ"
    few[:8, 0] += 9.0
    assert differing(logits, few, 1e-3) == 0.02
    huge = np.where(np.argsort(np.argsort(logits, axis=1), axis=1) < 6, np.float32(-1e6), logits)
    assert differing(huge, np.where(huge < -1e5, huge, huge + 0.1 * noise), 1e-3) > 0.99
    images = np.random.default_rng(2).uniform(0, 1, (50, 1, 4, 4)).astype(np.float32)
    images[:, 0, 0, 0] = -1e6
    assert differing(images, images * np.float32(1 - 1e-6), 1e-3) == 0.0
    assert differing(images, images + np.where(images < 0, 0, np.float32(0.1)), 1e-3) == 1.0
    constant = np.zeros((5, 3), np.float32)
    assert differing(constant, constant, 1e-3) == 0.0
    assert differing(constant, constant + 1, 1e-3) == 1.0
    assert differing(constant[:0], constant[:0], 1e-3) == 0.0
    largest = np.array([[1.0, -1.0], [-1.0, 1.0]], np.float32) * np.finfo(np.float32).max
    assert differing(largest, largest, 1e-3) == 0.0
    assert differing(largest, -largest, 1e-3) == 1.0
