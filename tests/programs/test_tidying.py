import pytest
import torch

from archwright.contracts import compact
from archwright.programs.canonical import canonical_digest
from archwright.programs.tidying import tidy
from archwright.starters import load_seed_corpus

LONG = '''"""A network."""
import math
import torch, os
import torch.nn as nn

WIDTH: int = 8  # channels
UNUSED = 3


def supported_hyperparameters():
    return {"lr", "momentum"}


class Helper(nn.Module):
    def forward(self, x):
        return x


class Block(nn.Module):
    """A block."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super(Block, self).__init__()
        self.conv = nn.Conv2d(in_channels=c_in, out_channels=c_out, kernel_size=3, stride=1, padding=1, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        print(x.shape)
        return torch.relu(self.conv(x))  # never negative

    def never_called(self):
        return UNUSED


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.block = Block(in_shape[1], WIDTH)
        self.head = nn.Linear(WIDTH, out_shape[0])

    def forward(self, x):
        return self.head(self.block(x).mean((2, 3)))


if __name__ == "__main__":
    print(Net((1, 3, 8, 8), (10,), {}, "cpu"))
'''

SHORT = """import torch
import torch.nn as nn
WIDTH = 8


def supported_hyperparameters():
    return {'lr', 'momentum'}


class Block(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.block = Block(in_shape[1], WIDTH)
        self.head = nn.Linear(WIDTH, out_shape[0])

    def forward(self, x):
        return self.head(self.block(x).mean((2, 3)))
"""


def test_what_does_not_train_is_gone_and_the_rest_stays_in_order() -> None:
    assert tidy(LONG) == SHORT


def test_tidying_twice_changes_nothing_more() -> None:
    assert tidy(SHORT) == SHORT


@pytest.mark.parametrize("network", load_seed_corpus(), ids=lambda network: network.name)
def test_a_tidied_network_computes_the_same(network) -> None:  # type: ignore[no-untyped-def]
    source = network.program.source
    tidied = tidy(source)
    assert canonical_digest(tidied) == canonical_digest(source)
    outputs = []
    for text in (source, tidied):
        names: dict[str, object] = {"__name__": "candidate"}
        exec(text, names)
        torch.manual_seed(0)
        net = names["Net"]((2, 3, 16, 16), (10,), {"lr": 0.1, "momentum": 0.9, "dropout": 0.1}, torch.device("cpu"))  # type: ignore[operator]
        outputs.append(net.eval()(torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))))
    assert torch.equal(*outputs)


def test_a_layer_that_works_in_place_goes_on_doing_so() -> None:
    """Dropping `inplace` would change what a residual branch adds."""
    assert "nn.ReLU(inplace=True)" in tidy(SHORT.replace("torch.relu(self.conv(x))", "nn.ReLU(inplace=True)(x)"))


def test_layers_are_written_in_the_fewest_words() -> None:
    calls = {
        "nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3, stride=2, padding=1)": "nn.Conv2d(3, 8, 3, 2, 1)",
        "nn.Conv2d(3, 8, 3, 1, 1, bias=False)": "nn.Conv2d(3, 8, 3, padding=1, bias=False)",
        "nn.MaxPool2d(kernel_size=2, stride=2)": "nn.MaxPool2d(2, 2)",
        "nn.BatchNorm2d(8, eps=1e-05, momentum=0.1)": "nn.BatchNorm2d(8)",
        "nn.Dropout(p=0.5)": "nn.Dropout()",
        "nn.Conv2d(*sizes)": "nn.Conv2d(*sizes)",
    }
    for call, expected in calls.items():
        assert expected in tidy(f"import torch.nn as nn\nlayer = {call}\n")


def test_compacting_what_was_tidied_leaves_imports_for_a_second_round() -> None:
    full = SHORT.replace("import torch\n", "import copy\nimport torch\n") + (
        "\n    def train_setup(self, prm):\n        self.best = copy.deepcopy(prm)\n"
        "\n    def learn(self, train_data):\n        pass\n"
    )
    shorter = compact(tidy(full))
    assert shorter is not None
    assert "copy" not in tidy(shorter)


def test_methods_that_torch_calls_by_their_names_stay() -> None:
    source = """\
import torch
from torch import nn
from torch.autograd import Function


class Sign(Function):
    @staticmethod
    def forward(ctx, x):
        return x.sign()

    @staticmethod
    def backward(ctx, slope):
        return slope


class Conv(nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, Sign.apply(weight), bias)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = Conv(in_shape[1], out_shape[0], 3)

    def forward(self, x):
        return self.conv(x).mean((2, 3))
"""
    assert "def backward(ctx, slope):" in tidy(source)
    assert "def _conv_forward(self, x, weight, bias):" in tidy(source)
    other = source.replace("return slope", "return 2 * slope")
    assert canonical_digest(source) != canonical_digest(other)


def test_what_does_not_parse_is_refused() -> None:
    for source in ("def f(:", "x = " + "(" * 5000 + ")" * 5000):
        with pytest.raises(ValueError, match="."):
            tidy(source)
