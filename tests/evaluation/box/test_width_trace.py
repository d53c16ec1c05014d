"""Programs in this process; `tests/evaluation/test_width_tracing.py` has a box."""

import json
import random
from collections.abc import Mapping
from functools import cache

import pytest
import torch

from archwright.contracts.network import NETWORK
from archwright.evaluation.box.width_trace import run, trace
from archwright.programs.channels.literals import literals_of
from archwright.programs.channels.widths import Widths, random_widths, read_widths
from archwright.starters import load_seed_corpus

HEAD = """\
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
"""
IN_SHAPE, OUT_SHAPE = (2, 3, 8, 8), (10,)


def network(init: str, forward: str) -> str:
    lines = [f"        {line}" for line in init.splitlines()]
    body = [f"        {line}" for line in forward.splitlines()]
    return HEAD + "\n".join([*lines, "", "    def forward(self, x):", *body, ""])


@cache
def found_in(source: str, *, trains: bool = False) -> Widths:
    places = {number: number for number in literals_of(source)}
    stages: list[str] = []
    messages: list[Mapping[str, object]] = list(
        trace(source, IN_SHAPE, OUT_SHAPE, {}, places, stages.append, trains=trains)
    )
    widths = read_widths(source, messages)
    assert isinstance(widths, Widths)
    return widths


def parameters_of(source: str) -> int:
    """Build, run and differentiate for real."""
    module: dict[str, object] = {}
    exec(source, module)
    net = module["Net"](IN_SHAPE, OUT_SHAPE, {}, torch.device("cpu"))  # type: ignore[operator]
    net(torch.zeros(IN_SHAPE)).sum().backward()
    return sum(parameter.numel() for parameter in net.parameters())


PROGRAMS = {
    "convolution, norm, next": (
        network(
            "self.a, self.n, self.b = nn.Conv2d(in_shape[1], 16, 3), nn.BatchNorm2d(16), nn.Conv2d(16, 24, 3)\n"
            "self.fc = nn.Linear(24, out_shape[0])\nself.to(device)",
            "return self.fc(self.b(self.n(self.a(x))).mean((2, 3)))",
        ),
        {"w0": 16, "w3": 24},
    ),
    "residual sum": (
        network(
            "self.a, self.b = nn.Conv2d(in_shape[1], 16, 3, padding=1), nn.Conv2d(in_shape[1], 16, 1)\n"
            "self.fc = nn.Linear(16, out_shape[0])",
            "return self.fc((self.a(x) + self.b(x)).mean((2, 3)))",
        ),
        {"w0": 16},
    ),
    "lazy layers": (
        network(
            "self.a, self.n = nn.LazyConv2d(16, 3, groups=1), nn.LazyBatchNorm2d()\n"
            "self.b = nn.LazyConvTranspose2d(24, kernel_size=3)\n"
            "self.hidden, self.fc = nn.LazyLinear(32, bias=False), nn.LazyLinear(out_shape[0])",
            "x = self.b(self.n(self.a(x)))\nreturn self.fc(self.hidden(x.flatten(1)))",
        ),
        {"w0": 16, "w1": 24, "w2": 32},
    ),
    "concatenation": (
        network(
            "self.a, self.b = nn.Conv2d(in_shape[1], 16, 1), nn.Conv2d(in_shape[1], 24, 1)\n"
            "self.fc = nn.Linear(40, out_shape[0])",
            "return self.fc(torch.cat([self.a(x), self.b(x)], 1).mean((2, 3)))",
        ),
        {"w0": 16, "w1": 24},
    ),
    "flatten, decided by a shape": (
        network(
            "self.a, self.fc = nn.Conv2d(in_shape[1], 16, 3, padding=1), nn.Linear(16 * 16, 32)\n"
            "self.out = nn.Linear(32, out_shape[0])",
            "x = self.a(x)\nif x.shape[-1] > 4:\n    x = F.max_pool2d(x, 2)\n"
            "return self.out(self.fc(x.view(x.size(0), -1)))",
        ),
        None,
    ),
    "depthwise": (
        network(
            "self.a, self.b = nn.Conv2d(in_shape[1], 16, 1), nn.Conv2d(16, 16, 3, groups=16)\n"
            "self.fc = nn.Linear(16, out_shape[0])",
            "return self.fc(self.b(self.a(x)).mean((2, 3)))",
        ),
        {"w0": 16},
    ),
    "groups": (
        network(
            "self.a, self.b = nn.Conv2d(in_shape[1], 16, 1), nn.Conv2d(16, 24, 3, groups=4)\n"
            "self.fc = nn.Linear(24, out_shape[0])",
            "return self.fc(self.b(self.a(x)).mean((2, 3)))",
        ),
        {"w0": 16, "w2": 24},
    ),
    "a lazy layer with defaults of its own, and numbers that are printed": (
        network(
            "self.a, self.n = nn.Conv2d(in_shape[1], 16, 1), nn.LazyInstanceNorm2d()\n"
            "self.fc = nn.LazyLinear(out_shape[0])\n"
            "print(f'{sum(p.numel() for p in self.a.parameters()):,} parameters')",
            "return self.fc(self.n(self.a(x)).mean((2, 3)))",
        ),
        {"w0": 16},
    ),
    "a distribution": (
        network(
            "self.a, self.fc = nn.Linear(8, 16), nn.Linear(16, out_shape[0])",
            "y = self.a(x[:, 0, 0])\nreturn self.fc(torch.distributions.Normal(y, F.softplus(y) + 1).rsample())",
        ),
        {"w1": 16},
    ),
    "rates by depth, read from a tensor": (
        network(
            "rates = [x.item() for x in torch.linspace(0, 0.1, 3)]\n"
            "self.a, self.drop = nn.Conv2d(in_shape[1], 16, 1), nn.Dropout(rates[1])\n"
            "self.fc = nn.Linear(16, out_shape[0])",
            "return self.fc(self.drop(self.a(x)).mean((2, 3)))",
        ),
        {"w0": 16},
    ),
    "a recurrent layer keeps its sizes": (
        network(
            "self.rnn, self.mlp = nn.GRU(24, 32, batch_first=True), nn.Linear(32, 16)\n"
            "self.fc = nn.Linear(16, out_shape[0])",
            "rows = x.transpose(1, 2).flatten(2)\nreturn self.fc(self.mlp(self.rnn(rows)[0][:, -1]))",
        ),
        {"w3": 16},
    ),
    "a list of modules from a loop over a list, and a ratio": (
        network(
            "layers, c = [], in_shape[1]\nfor n in [16, 24]:\n    layers.append(nn.Conv2d(c, n, 1))\n    c = n\n"
            "self.layers, hidden = nn.ModuleList(layers), int(c * 0.25)\n"
            "self.squeeze, self.fc = nn.Linear(c, hidden), nn.Linear(hidden, out_shape[0])",
            "for layer in self.layers:\n    x = layer(x)\nreturn self.fc(self.squeeze(x.mean((2, 3))))",
        ),
        {"w0": 16, "w1": 24},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_has_to_change_together_is_one_group(name: str) -> None:
    source, groups = PROGRAMS[name]
    widths = found_in(source)
    assert groups is None or widths.groups == groups
    assert widths.count({}) == parameters_of(source)


@pytest.mark.parametrize("name", PROGRAMS)
def test_changed_programs_run_and_have_the_predicted_parameters(name: str) -> None:
    widths = found_in(PROGRAMS[name][0])
    rng = random.Random(1)
    for _ in range(3):
        values = random_widths(widths, rng, 2)
        assert parameters_of(widths.applied(values)) == widths.count(values)


def test_what_only_training_calls_keeps_its_widths() -> None:
    source = network(
        "self.a, self.b = nn.Conv2d(in_shape[1], 16, 1), nn.Conv2d(16, 24, 1)\n"
        "self.fc, self.turn = nn.Linear(24, out_shape[0]), nn.Linear(16, 4)",
        "return self.fc(self.b(self.a(x)).mean((2, 3)))",
    )
    assert list(found_in(source).groups.values()) == [16, 24, 16]
    assert list(found_in(source, trains=True).groups.values()) == [24]
    training = "    def train_setup(self, prm):\n        self.head = nn.Linear(24, 3)\n"
    source = source.replace("self.turn", "turn") + training
    assert list(found_in(source, trains=True).groups.values()) == [16]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_compiles_nothing_here_either() -> None:
    source = network(
        "self.a, self.fc = nn.Conv2d(in_shape[1], 16, 1), nn.Linear(16, out_shape[0])",
        "return self.fc(swish(self.a(x)).mean((2, 3)))",
    ).replace("class Net", "@torch.jit.script\ndef swish(x):\n    return x * torch.sigmoid(x)\n\n\nclass Net")
    assert found_in(source).groups == {"w0": 16}


def test_groups_of_channels_divide() -> None:
    widths = found_in(PROGRAMS["groups"][0])
    assert not widths.fits({"w0": 18})
    assert widths.nearest({"w0": 18, "w2": 24}, "w0") == 20


def test_a_decision_by_content_is_not_followed() -> None:
    source = network(
        "self.fc = nn.Linear(192, out_shape[0])", "if x.sum() > 0:\n    x = -x\nreturn self.fc(x.flatten(1))"
    )
    stages: list[str] = []
    with pytest.raises(Exception, match=r"(?i)data-dependent|content|guard|item"):
        trace(source, IN_SHAPE, OUT_SHAPE, {}, {}, stages.append)
    assert stages == ["forward"]


@pytest.mark.slow
@pytest.mark.parametrize("seed_network", load_seed_corpus(), ids=lambda network: network.name)
def test_random_widths_of_every_seed_network_are_right(seed_network) -> None:
    widths = found_in(seed_network.program.source)
    rng = random.Random(0)
    for _ in range(3):
        values = random_widths(widths, rng, 3)
        changed = widths.applied(values)
        assert not NETWORK.check(changed, with_policy=True)
        assert parameters_of(changed) == widths.count(values)


OTHER_LAYERS = {
    "embedding": ("self.a, self.b = nn.Embedding(9, 16), nn.Linear(16, 2)", "self.b(self.a(x[:, 0].long()))"),
    "PReLU": ("self.a, self.b = nn.Conv2d(3, 16, 3), nn.PReLU(16)", "self.b(self.a(x))"),
    "Bilinear": ("self.a, self.b = nn.Linear(8, 16), nn.Bilinear(16, 16, 24)", "self.b(self.a(x), self.a(x))"),
    "encoder": (
        "self.a = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)\n"
        "self.b, self.c = nn.TransformerEncoder(self.a, 2), nn.Linear(8, 16)",
        "self.b(self.c(x[:, 0]))",
    ),
}


@pytest.mark.parametrize("layer", OTHER_LAYERS)
def test_widths_of_other_layers_are_found(layer: str) -> None:
    init, forward = OTHER_LAYERS[layer]
    widths = found_in(network(init, f"return {forward}"))
    assert widths.groups
    for name, own in widths.groups.items():
        changed = widths.nearest({**widths.groups, name: own + 8}, name, but=own)
        assert changed is not None
        assert parameters_of(widths.applied({name: changed})) == widths.count({name: changed})


def test_troubles_of_torch_are_not_told_as_the_programs() -> None:
    told: list[Mapping[str, object]] = []
    source = network("pass", "raise RuntimeError('0 INTERNAL ASSERT FAILED at x.cpp, please report a bug to PyTorch')")
    plan = {"source": source, "places": {}, "batch": 2, "image_shape": [3, 8, 8], "output_shape": [10], "prm": {}}
    plan["trains"] = False
    run(json.dumps(plan).encode(), {}, told.append)
    assert told == [
        {"untraced": "forward", "why": "one of torch's operations cannot be followed with symbols for its sizes"}
    ]
