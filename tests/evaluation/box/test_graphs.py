"""The standard step is the standard methods' step; recording needs a GPU and is left out where there is none."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch

from archwright.contracts import complete
from archwright.contracts.form import is_compact
from archwright.evaluation.box.batches import Batches, Normalise
from archwright.evaluation.box.graphs import NotRecordedError, StandardTraining
from archwright.evaluation.box.loading import load_module
from archwright.evaluation.box.originals import Originals
from archwright.testing.programs import GOOD
from archwright.testing.programs import network_with as net

CPU = torch.device("cpu")
PRM = {"lr": 0.01, "momentum": 0.9, "epoch": 2}
DROPOUT = net(init="self.drop = nn.Dropout(0.3)", forward="y = self.drop(y)")

Train = Callable[[Any, Batches], None]


def trained(source: str, start: Callable[[Any], Callable[[Batches], None]], epochs: int = 2) -> dict[str, torch.Tensor]:
    """Return the weights after training with what `start` makes of the network."""
    torch.manual_seed(1)
    images = torch.randint(0, 256, (50, 1, 8, 8), dtype=torch.uint8)
    labels = torch.randint(0, 10, (50,))
    network: Any = load_module(complete(source)).Net((8, 1, 8, 8), (10,), dict(PRM), CPU)
    batches = Batches(images, labels, 8, Normalise((0.5,), (0.25,), CPU), "flip-crop", seed=3)
    learn = start(network)
    for _ in range(epochs):
        network.train()
        learn(batches)
    return {name: value.clone() for name, value in network.state_dict().items()}


def by_its_own_methods(network: Any) -> Callable[[Batches], None]:
    network.train_setup(dict(PRM))
    learn: Callable[[Batches], None] = network.learn
    return learn


def by_ours(network: Any) -> Callable[[Batches], None]:
    return StandardTraining(network, dict(PRM), Originals(), has_classes=True, has_heads=False, is_graphed=False).learn


@pytest.mark.parametrize("program", [GOOD, DROPOUT], ids=["plain", "dropout"])
def test_the_step_is_that_of_the_standard_methods_bit_for_bit(program: Any) -> None:
    assert is_compact(program.source)
    theirs, ours = trained(program.source, by_its_own_methods), trained(program.source, by_ours)
    assert theirs.keys() == ours.keys()
    for name, value in theirs.items():
        assert torch.equal(ours[name], value), name


def test_what_torchs_functions_do_and_take_by_default_is_put_back() -> None:
    clip, begin, loss = torch.nn.utils.clip_grad_norm_, torch.optim.AdamW.__init__, torch.nn.functional.cross_entropy
    functions = (clip, begin, loss)
    before = [(each.__code__, each.__defaults__, dict(each.__kwdefaults__ or {})) for each in functions]
    kept = Originals()
    clip.__defaults__ = (1.0, False, None)
    begin.__kwdefaults__["maximize"] = True
    loss.__code__ = (lambda *_, **__: torch.zeros(())).__code__
    kept.restore()
    assert [(each.__code__, each.__defaults__, each.__kwdefaults__ or {}) for each in functions] == before


def test_what_a_loss_asks_is_put_back() -> None:
    from torch.nn import _reduction

    kept, before = Originals(), _reduction.get_enum
    _reduction.get_enum = lambda _: 2
    kept.restore()
    assert _reduction.get_enum is before


class FakeStream:
    """Stands for a stream of a GPU."""

    def wait_stream(self, other: object) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


class FakeRecording:
    """Stands for `torch.cuda.graph`: what runs in it is not undone, so replays do nothing here."""

    def __init__(self, graph: object, stream: object) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


class FakeGraph:
    """Stands for a recorded graph and counts its replays."""

    replays = 0

    def replay(self) -> None:
        FakeGraph.replays += 1


@pytest.fixture
def on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Callable[[Batches], None]]:
    """Start the training as on a GPU, with the recording faked."""
    monkeypatch.setattr(torch.cuda, "Stream", FakeStream)
    monkeypatch.setattr(torch.cuda, "current_stream", FakeStream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: stream)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", FakeGraph)
    monkeypatch.setattr(torch.cuda, "graph", FakeRecording)
    monkeypatch.setattr(FakeGraph, "replays", 0)

    def start(network: Any) -> Callable[[Batches], None]:
        training = StandardTraining(network, dict(PRM), Originals(), has_classes=True, has_heads=False, is_graphed=True)
        for group in network.optimizer.param_groups:
            group.update(capturable=False)  # only a GPU is
        return training.learn

    return start


def test_full_batches_are_replayed_after_the_warm_up_and_the_small_last_one_is_not(on_a_gpu: Any) -> None:
    trained(GOOD.source, on_a_gpu, epochs=1)
    assert FakeGraph.replays == 6 - 3
    trained(GOOD.source, on_a_gpu, epochs=2)
    assert FakeGraph.replays == 3 + 3 + 6


def test_a_network_that_draws_numbers_on_the_host_is_never_recorded(on_a_gpu: Any) -> None:
    drawing = net(forward="y = y * random.random()")
    random.seed(0)
    trained(drawing.source, on_a_gpu)
    assert FakeGraph.replays == 0
    trained(net(forward="y = y * torch.rand(1)").source, on_a_gpu)
    assert FakeGraph.replays == 0


def test_a_step_that_cannot_be_recorded_says_so(on_a_gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(FakeRecording):
        def __enter__(self) -> None:
            raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(torch.cuda, "graph", Refusing)
    with pytest.raises(NotRecordedError, match="not permitted when stream is capturing"):
        trained(GOOD.source, on_a_gpu)


def test_a_step_that_makes_new_state_while_it_is_recorded_is_refused(on_a_gpu: Any) -> None:
    growing = net(init="self.late = nn.Linear(8, 8)\nself.steps = 0", forward="y = y")
    source = growing.source.replace(
        "        return self.fc(y.mean((2, 3)))",
        "        self.steps += 1\n        z = y.mean((2, 3))\n"
        "        return self.fc(self.late(z) if self.steps > 3 else z)",
    )
    with pytest.raises(NotRecordedError, match="first gradient"):
        trained(source, on_a_gpu)
