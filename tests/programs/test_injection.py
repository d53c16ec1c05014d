import itertools
from typing import Any

import pytest
import torch

from archwright.contracts import check_source
from archwright.programs.injection import LOSSES, OPTIMIZERS, inject
from archwright.starters import load_seed_corpus
from archwright.testing.programs import GOOD, network_with

FULL = network_with(
    learn="""\
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)  # theirs
for inputs, labels in train_data:
    self.optimizer.zero_grad()
    criterion(self(inputs), labels).backward()
    self.optimizer.step()"""
)


def loss_named(name: str) -> torch.nn.Module:
    namespace: dict[str, type[torch.nn.Module]] = {}
    exec(inject(GOOD.source, name, "SGD").source, namespace)  # our own text
    return namespace["PairedLoss"]()


def test_every_pair_is_a_program_of_its_own_and_sound_with_every_seed_network() -> None:
    pairs = list(itertools.product(LOSSES, OPTIMIZERS))
    assert len({inject(GOOD.source, *pair).source for pair in pairs}) == 18
    for network, pair in zip(load_seed_corpus(), pairs * 2, strict=True):
        assert not check_source(inject(network.program.source, *pair).source, with_policy=True)


def test_a_compact_program_is_given_methods_that_name_loss_and_optimizer() -> None:
    injected = inject(GOOD.source, "NGL", "Adagrad")
    assert injected.how == "methods"
    assert 'torch.optim.Adagrad(self.parameters(), lr=prm["lr"])' in injected.source
    assert injected.source.startswith(GOOD.source)


def test_the_loss_is_no_layer_of_a_network_that_calls_all_it_has() -> None:
    source = "from torch import nn\n\n\nclass Net(nn.Sequential):\n"
    source += "    def __init__(self, in_shape, out_shape, prm, device):\n"
    source += "        super().__init__(nn.Flatten(), nn.LazyLinear(out_shape[0]))\n"
    namespace: dict[str, Any] = {}
    exec(inject(source, "NLL", "Adam").source, namespace)
    net = namespace["Net"]((2, 1, 8, 8), (3,), {}, None)
    x = torch.rand(2, 1, 8, 8)
    net(x)
    net.train_setup({"lr": 0.01, "momentum": 0.9})
    net.learn([(x, torch.tensor([0, 1]))])
    assert net(x).shape == (2, 3)


def test_a_full_program_keeps_its_own_loop_and_comments() -> None:
    injected = inject(FULL.source, "NLL", "AdamW")
    assert injected.how == "in place"
    assert "criterion = PairedLoss()  # theirs" in injected.source
    assert "torch.optim.AdamW(self.parameters(), lr=prm['lr'])" in injected.source
    assert not check_source(injected.source, with_policy=True)


def test_a_full_program_whose_calls_are_not_understood_gets_our_methods() -> None:
    other = FULL.source.replace("nn.CrossEntropyLoss(label_smoothing=0.1)", "lambda x, y: (x - y).sum()")
    assert inject(other, "CE", "SGD").how == "methods"


def test_a_momentum_by_position_is_kept() -> None:
    (made,) = (line for line in FULL.source.splitlines() if "torch.optim" in line)
    by_place = FULL.source.replace(made, made[: made.index("=")] + "= torch.optim.SGD(self.parameters(), 0.1, 0.5)")
    assert "torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.5)" in inject(by_place, "CE", "SGD").source


MADE = 'torch.optim.SGD(self.parameters(), lr=prm["lr"])'
SCHEDULE = "optim.lr_scheduler.OneCycleLR(self.optimizer, 0.1, 9{more})"


def trained_by(computed: str, made: str = MADE, module: str = "pass", setup: str = "prm") -> str:
    """Return a program with one loss that is understood, and with another call or optimizer."""
    learn = "criterion = nn.CrossEntropyLoss()\nfor x, y in train_data:\n    (criterion(self(x), y) + {}).backward()"
    source = network_with(learn=learn.format(computed), module=module).source
    assert MADE in source
    return source.replace(MADE, made).replace("train_setup(self, prm)", f"train_setup(self, {setup})")


@pytest.mark.parametrize("given", ["self(x), y", "self(x), target=y", "target=y, input=self(x), reduction='sum'"])
def test_a_loss_is_replaced_however_its_arguments_are_given(given: str) -> None:
    injected = inject(trained_by(f"nn.functional.cross_entropy({given})"), "NGL", "SGD")
    assert injected.how == "in place"
    assert "+ PairedLoss()(self(x), y))" in injected.source
    assert "cross_entropy" not in injected.source


def test_parameters_by_name_and_an_optimizer_by_another_name_are_replaced() -> None:
    made = "Descent(lr=0.3, momentum=0.5, params=self.parameters())"
    injected = inject(trained_by("0", made, module="from torch.optim import SGD as Descent"), "CE", "SGD")
    assert injected.how == "in place"
    assert "torch.optim.SGD(self.parameters(), lr=0.3, momentum=0.5)" in injected.source


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize(
    "source",
    [
        trained_by("nn.functional.cross_entropy(*[self(x), y])"),
        trained_by("nn.functional.mse_loss(self(x), self(x))"),
        trained_by("nn.functional.cross_entropy(self(x), y, reduction='none').topk(4)[0].sum()"),
        trained_by("nn.CrossEntropyLoss(reduction='none')(self(x), y).max()"),
        trained_by("other(self(x), y)", module="other = nn.functional.cross_entropy"),
        trained_by("0", "torch.optim.SGD(self.parameters(), **{'lr': 0.05})"),
        trained_by("0", "torch.optim.SGD(*[self.parameters()], lr=0.05, momentum=0.9)"),
        trained_by("0", f"{MADE}; self.o = getattr(torch.optim, 'Adam')(self.parameters())"),
        trained_by("0", "torch.optim.Adam(self.parameters(), lr=hp['lr'])", setup="hp"),
        trained_by("0", "torch.optim.SGD(self.parameters(), momentum=0.9)", setup="hp"),
        trained_by("0", f"{MADE}; self.s = {SCHEDULE.format(more='')}"),
    ],
)
def test_a_program_with_a_call_that_is_not_understood_gets_our_methods_whatever_is_chosen(
    source: str, optimizer: str
) -> None:
    assert inject(source, "NGL", optimizer).how == "methods"


def test_a_cyclic_schedule_without_momentum_stays() -> None:
    source = trained_by("0", f"{MADE}; self.s = {SCHEDULE.format(more=', cycle_momentum=False')}")
    assert inject(source, "CE", "Adagrad").how == "in place"


@pytest.mark.parametrize("name", LOSSES)
def test_labels_as_vectors_count_as_their_likeliest_class(name: str) -> None:
    logits, labels = torch.randn(16, 10), torch.randint(10, (16,))
    smoothed = 0.9 * torch.nn.functional.one_hot(labels, 10) + 0.01
    assert torch.equal(loss_named(name)(logits, target=smoothed), loss_named(name)(logits, labels))


@pytest.mark.parametrize("place", ["module", "class"])
def test_a_loss_that_is_made_before_training_is_not_replaced_in_place(place: str) -> None:
    made = "nn.CrossEntropyLoss(label_smoothing=0.1)"
    source = FULL.source.replace(f"criterion = {made}  # theirs", "pass")
    before = (
        f"class Net(nn.Module):\n    criterion = {made}\n"
        if place == "class"
        else f"criterion = {made}\n\n\nclass Net(nn.Module):\n"
    )
    source = source.replace("class Net(nn.Module):\n", before, 1).replace(
        " criterion(", " self.criterion(" if place == "class" else " criterion("
    )
    injected = inject(source, "NGL", "Adam")
    assert injected.how == "methods"
    exec(injected.source, {})  # our own text


@pytest.mark.parametrize("source", ["x = 1\n", "def f(:"])
def test_what_is_no_network_is_refused_in_words(source: str) -> None:
    with pytest.raises(ValueError, match="Net|invalid"):
        inject(source, "CE", "SGD")


def test_the_name_of_the_loss_is_one_the_program_does_not_have() -> None:
    assert "PairedLoss2()" in inject(GOOD.source + "\nPairedLoss = 1\n", "CE", "SGD").source


def test_nll_is_cross_entropy_to_the_bit() -> None:
    logits, labels = torch.randn(64, 10, requires_grad=True), torch.randint(10, (64,))
    (first,) = torch.autograd.grad(loss_named("CE")(logits, labels), logits)
    (second,) = torch.autograd.grad(loss_named("NLL")(logits, labels), logits)
    assert torch.equal(loss_named("CE")(logits, labels), loss_named("NLL")(logits, labels))
    assert torch.equal(first, second)


def test_ngl_is_its_formula() -> None:
    # Two classes, equal logits: p = 1/2; the right class has exp(a - 1), the other exp(a - 1/2).
    cosine = torch.cos(torch.cos(torch.sin(torch.tensor(0.5))))
    expected = (torch.tensor([2.4092 - 1.0, 2.4092 - 0.5]).exp() - cosine).mean()
    assert torch.isclose(loss_named("NGL")(torch.zeros(1, 2), torch.tensor([0])), expected)


def test_ngl_has_no_gradient_towards_other_classes_beyond_softmax() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss_named("NGL")(logits, torch.tensor([1])), logits)
    assert gradient[0, 1] < 0 < gradient[0, 0]


def test_networks_trained_with_nll_and_ce_are_the_same_to_the_bit() -> None:
    weights = []
    for loss in ("CE", "NLL"):
        namespace: dict[str, type] = {}
        exec(inject(GOOD.source, loss, "Adam").source, namespace)  # our own text
        torch.manual_seed(0)
        net = namespace["Net"]((8, 1, 4, 4), (3,), {}, torch.device("cpu"))
        net.train_setup({"lr": 0.1, "momentum": 0.9})
        net.learn([(torch.randn(8, 1, 4, 4), torch.randint(3, (8,))) for _ in range(5)])
        weights.append(torch.nn.utils.parameters_to_vector(net.parameters()))
    assert torch.equal(*weights)
