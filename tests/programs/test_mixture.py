import ast

import pytest
import torch

from archwright.contracts import check_source
from archwright.programs.mixture import assemble
from archwright.starters import load_seed_corpus
from archwright.testing.programs import GOOD, network_with

CORPUS = load_seed_corpus()
PRM = {"lr": 0.01, "momentum": 0.9, "dropout": 0.2, "epoch": 1}


def built(source: str, channels: int = 1, side: int = 8, classes: int = 3) -> torch.nn.Module:
    namespace: dict[str, type] = {}
    exec(source, namespace)  # of our own networks
    torch.manual_seed(0)
    return namespace["Net"]((4, channels, side, side), (classes,), PRM, torch.device("cpu"))


def batches(number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(torch.rand(8, 1, 8, 8), torch.randint(3, (8,))) for _ in range(number)]


def test_many_networks_together_are_one_sound_program() -> None:
    source = assemble([network.program.source for network in CORPUS[::3]])
    assert not check_source(source, with_policy=True)
    assert built(source, 3, 32, 10)(torch.rand(2, 3, 32, 32)).shape == (2, 10)


def test_an_expert_computes_what_it_computes_alone() -> None:
    resnet = next(network for network in CORPUS if network.name == "resnet").program.source
    mixed, alone = built(assemble([resnet, resnet])).eval(), built(resnet).eval()
    alone.load_state_dict(mixed.experts[1].state_dict())
    x = torch.rand(4, 1, 8, 8)
    assert torch.equal(mixed.experts[1](x), alone(x))


def test_the_output_is_the_weighted_sum_of_the_experts() -> None:
    net, x = built(assemble([GOOD.source] * 4)).eval(), torch.rand(4, 1, 8, 8)
    logits, weights = net.mix(x)
    assert torch.allclose(weights.sum(1), torch.ones(4))
    by_hand = sum(weights[:, [number]] * expert(x) for number, expert in enumerate(net.experts))
    assert torch.allclose(logits, by_hand, atol=1e-6)
    assert torch.equal(net(x), logits)


def test_the_same_names_in_two_programs_do_not_meet() -> None:
    first = "import torch.nn as nn\nWIDTH = 4\ndef f(WIDTH):\n    return WIDTH\n"
    second = "from torch import nn\nimport math as WIDTH\nf = WIDTH.pi\n"
    net = GOOD.source.replace("import torch\nfrom torch import nn\n", "import torch\n").replace(
        "Net(nn", "Net(torch.nn"
    )
    source = assemble([first + net.replace("nn.Linear", "torch.nn.Linear"), second + net.replace("(nn", "(torch.nn")])
    names = [node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    assert {"WIDTH_1", "f_2"} <= set(names)
    assert "return WIDTH\n" in source  # a parameter hides the constant, and stays
    assert "math.pi" in source  # the same module goes by one name
    assert not check_source(source, with_policy=True)


def test_annotations_and_globals_follow_the_names() -> None:
    other = "STATE = 1\nclass Out:\n    pass\ndef g(x: Out) -> Out:\n    global STATE\n    STATE = 2\n    return x\n"
    source = assemble([GOOD.source + other, GOOD.source])
    assert "def g_1(x: Out_1) -> Out_1:" in source
    assert "global STATE_1" in source


def test_models_are_found_in_a_registry_by_the_names_they_had() -> None:
    registry = "MODELS = {}\ndef register(make):\n    MODELS[make.__name__] = make\n    return make\n"
    registry += "@register\ndef tiny(classes):\n    return nn.LazyLinear(classes)\n"
    net = network_with("self.net = MODELS['tiny'](out_shape[0])", "return self.net(x.flatten(1))")
    head = "import torch\nfrom torch import nn\n"
    net = head + registry + net.source.replace(head, "")
    assert built(assemble([net, net]))(torch.rand(2, 1, 8, 8)).shape == (2, 3)


def test_a_name_that_is_taken_is_avoided() -> None:
    source = assemble([GOOD.source + "\ndef f(f_1):\n    return f(f_1)\n", GOOD.source])
    assert "def f_1_2(f_1):" in source


def test_full_programs_leave_their_training_and_bring_their_hyperparameters() -> None:
    full = network_with(learn="pass").source.replace('{"lr"}', '{"lr", "patch"}')
    source = assemble([full, GOOD.source])
    assert source.count("def learn") == 1
    assert "{'lr', 'patch'}" in source


@pytest.mark.parametrize(
    ("source", "words"), [("x = 1\n", "no class Net"), ("from os import *\n" + GOOD.source, "imports *")]
)
def test_what_cannot_be_put_together_is_refused_in_words(source: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("*", r"\*")):
        assemble([GOOD.source, source])


def test_one_epoch_trains_at_the_full_rate() -> None:
    net = built(assemble([GOOD.source] * 2))
    net.train_setup(PRM)
    rates = []
    step = net.optimizer.step
    net.optimizer.step = lambda: (rates.append([group["lr"] for group in net.optimizer.param_groups]), step())
    net.learn(batches(20))
    experts, gate = zip(*rates, strict=True)
    assert max(experts) == pytest.approx(PRM["lr"], rel=0.05)
    assert gate == pytest.approx([2 * rate for rate in experts])
    assert experts[0] < 0.5 * max(experts)
    assert experts[-1] < 0.02 * max(experts)


def test_the_gate_is_computed_once_for_each_batch_and_its_balance_has_a_gradient() -> None:
    net = built(assemble([GOOD.source] * 2))
    net.train_setup(PRM)
    calls = []
    net.gate.register_forward_hook(lambda *_: calls.append(1))
    net.criterion.forward = lambda logits, labels: 0.0 * logits.sum()  # what is left is the balance
    before = net.gate.layers[0].weight.clone()
    for group in net.optimizer.param_groups:
        group["weight_decay"] = 0.0
    net.learn(batches(3))
    assert len(calls) == 3
    assert not torch.equal(net.gate.layers[0].weight, before)
    assert net.gate.layers[1].num_batches_tracked == 3


def test_without_a_gate_every_expert_counts_the_same() -> None:
    source = assemble([GOOD.source] * 2, is_gated=False)
    net, x = built(source).eval(), torch.rand(4, 1, 8, 8)
    assert "Gate" not in source
    assert torch.allclose(net(x), (net.experts[0](x) + net.experts[1](x)) / 2, atol=1e-6)
    net.train_setup(PRM)
    net.train().learn(batches(2))


def test_the_temperature_is_learned_and_kept_within_its_bounds() -> None:
    net, x = built(assemble([GOOD.source] * 2)).eval(), torch.rand(4, 1, 8, 8)
    assert net.gate.temperature.item() == 2.0
    with torch.no_grad():
        net.gate.temperature.fill_(5.0)
        at_most = net.gate(x)
        net.gate.temperature.fill_(1e9)
    assert torch.equal(net.gate(x), at_most)


def test_what_a_class_body_reads_before_it_has_its_own_is_the_constant_of_its_expert() -> None:
    constants = "WIDTH, SIZES = {0}, [{0}]\n\n\nclass Net(nn.Module):\n"
    own = "    WIDTH = WIDTH\n    MORE = WIDTH + 1\n    SIZES = [size for size in SIZES]\n"
    sources = [GOOD.source.replace("class Net(nn.Module):\n", constants.format(width) + own) for width in (5, 7)]
    net = built(assemble(sources))
    assert [(each.WIDTH, each.MORE, each.SIZES) for each in net.experts] == [(5, 6, [5]), (7, 8, [7])]
