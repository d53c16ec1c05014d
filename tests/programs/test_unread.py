"""What is dropped must not be missed, what could be missed must stay: both by running the network before and after."""

import textwrap

import pytest
import torch

from archwright.programs.tidying import tidy

HEAD = "import torch\nimport torch.nn as nn\n"
NET = """
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        {init}
        self.head = nn.Linear(in_shape[1], out_shape[0])

    def forward(self, x):
        {forward}
        return self.head(x.mean((2, 3)))
"""


def program(init: str = "", forward: str = "", before: str = "") -> str:
    """Return a small network with lines of its own in both methods and definitions before it."""
    lines = {name: textwrap.indent(text, " " * 8).strip() for name, text in (("init", init), ("forward", forward))}
    return HEAD + textwrap.dedent(before) + NET.format(**lines)


def behaviour(source: str) -> tuple[list[str], torch.Tensor]:
    """Return the names of the weights and the output for a fixed input in training mode."""
    names: dict[str, object] = {"__name__": "candidate"}
    exec(source, names)
    torch.manual_seed(0)
    net = names["Net"]((2, 3, 8, 8), (10,), {"lr": 0.1, "momentum": 0.9}, torch.device("cpu"))  # type: ignore[operator]
    return list(net.state_dict()), net(torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1)))


def tidied_equal(source: str) -> str:
    """Return the tidied program after a check that it behaves as before."""
    tidied = tidy(source)
    (names_before, output_before), (names_after, output_after) = behaviour(source), behaviour(tidied)
    assert names_before == names_after
    assert torch.equal(output_before, output_after)
    return tidied


UNREAD = [
    "self.device = device",
    "self.momentum = prm['momentum']",
    "self.learning_rate = prm['lr'] if 'lr' in prm else 0.01",
    "self.prm = prm\nself.rate = self.prm['lr']",
    "self.criteria = nn.CrossEntropyLoss().to(device)",
    "self.activation = nn.ReLU(inplace=True)",
    "self.side = (in_shape[2], max(in_shape[3], 1))",
    "channels = in_shape[1]",
    "if in_shape[1] == 3:\n    self.is_rgb = True",
]


@pytest.mark.parametrize("lines", UNREAD)
def test_what_is_stored_and_never_read_is_gone(lines: str) -> None:
    assert tidied_equal(program(lines)) == tidy(program())


READ = [
    ("self.scale = 2.0", "x = x * self.scale", ""),
    ("self.scale = 2.0", "x = x * getattr(self, 'scale')", ""),
    ("self.scale = 2.0", "x = x * getattr(self, 'sc' + 'ale')", ""),
    ("self.scale = 2.0", "x = x * self.__dict__['scale']", ""),
    ("self.calls = 0", "self.calls += 1", ""),
    ("self.extra = nn.Linear(2, 3)", "", ""),
    ("self.extra = nn.Linear(2, 3)\nself.extra = None", "", ""),
    ("self.extra = nn.Parameter(torch.rand(3))", "", ""),
    ("self.loss = nn.CrossEntropyLoss(weight=torch.ones(10))", "", ""),
    ("self.act = nn.ReLU()", "for layer in list(self.children())[:-1]:\n    x = layer(x - 0.5)", ""),
    ("layer = nn.Linear(2, 3)\nself.layer = layer", "", ""),
    (
        "self.block = make()(3)",
        "x = self.block(x)",
        """
        def make():
            class Block(nn.Conv2d):
                width = 3
                def __init__(self, channels):
                    super().__init__(channels, self.width, 1)
            return Block
        """,
    ),
    (
        "self.block = Block(nn.Linear(2, 3))",
        "",
        """
        class Block(nn.Module):
            def __init__(self, layer):
                super().__init__()
                self.layer = layer
        """,
    ),
    (
        "self.conv = Shifted(3, 3, 1)",
        "x = self.conv(x)",
        """
        class Shifted(nn.Conv2d):
            def __init__(self, *sizes):
                super().__init__(*sizes)
                self.stride = (2, 2)
        """,
    ),
    (
        "self.doubled = 3",
        "x = x * self._times",
        """
        class Base(nn.Module):
            @property
            def doubled(self):
                return self._times
            @doubled.setter
            def doubled(self, value):
                self._times = 2 * value
        """,
    ),
]


@pytest.mark.parametrize(("init", "forward", "before"), READ)
def test_what_something_could_read_or_train_stays(init: str, forward: str, before: str) -> None:
    source = program(init, forward, before)
    if "Base" in before:
        source = source.replace("Net(nn.Module)", "Net(Base)")
    tidied = tidied_equal(source)
    assert all(line in tidied for line in init.splitlines())


def test_a_number_that_a_block_stores_is_told_from_a_layer_by_its_use() -> None:
    block = """
        class Block(nn.Module):
            expansion = 4
            __constants__ = ["planes"]
            def __init__(self, planes, heads):
                super().__init__()
                self.planes = planes
                self.heads = heads
                self.width = planes // heads
                self.conv = nn.Conv2d(planes, planes, 1)
            def forward(self, x):
                return self.conv(x)
            def extra_repr(self):
                return f"planes={self.planes}"
        """
    tidied = tidied_equal(program("self.block = Block(3, 1)", "x = self.block(x)", block))
    assert not any(word in tidied for word in ("self.planes", "self.heads", "width", "expansion", "__constants__"))


def test_a_definition_that_a_later_one_replaces_is_gone() -> None:
    twice = """
        class Block(nn.Module):
            def forward(self, x):
                return x + 1

        def double(x):
            return 2 * x

        class Block(nn.Module):
            def forward(self, x):
                return double(x)
        """
    tidied = tidied_equal(program("self.block = Block()", "x = self.block(x)", twice))
    assert tidied.count("class Block") == 1


def test_a_definition_that_its_replacement_needs_stays() -> None:
    derived = """
        class Block(nn.Module):
            def forward(self, x):
                return x + 1

        class Block(Block):
            def forward(self, x):
                return 2 * super().forward(x)
        """
    tidied = tidied_equal(program("self.block = Block()", "x = self.block(x)", derived))
    assert tidied.count("class Block") == 2


def test_one_name_for_a_module_is_enough() -> None:
    assert tidy(program()) == tidied_equal("from torch import nn\n" + program()).replace(
        "from torch import nn", HEAD.split("\n")[1]
    )
