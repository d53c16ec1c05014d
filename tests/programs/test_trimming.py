"""Trimming: the longest beginning of a text that is a whole program."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.contracts import check_source
from archwright.programs.trimming import trim
from archwright.starters import load_seed_corpus

NET = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Linear(in_shape[1], out_shape[0])

    def forward(self, x):
        return self.head(x.mean((2, 3)))
"""
TRAINING = """
    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), prm["lr"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            loss = self.criterion(
"""
SEED_NETWORKS = [network.program.source for network in load_seed_corpus()]


def is_sound(text: str) -> bool:
    return not check_source(text)


@pytest.mark.parametrize(
    "rest",
    [
        "\nThis network is small and fast.\n",
        "\n\nclass Other(nn.Module):\n    def __init__(self, c):\n        self.conv = nn.Conv2d(c,",
        "\n\nclass Other(nn.Module):\n    def __init__(self, c):\n        self.c = c\n\n    def forward(self",
        "\n\nclass Other(nn.Module):\n    def __init__(self, c):\n        self.c = c\n        self.conv = nn.Conv2d(c,",
        "\n\nclass Net(nn.Module):\n    def __init__(self, in_shape, out_shape, prm, device):\n        self.a = (",
        "\n\nclass Net(nn.Module):\n    def __init__(self, in_shape, out_shape, prm, device):\n        self.a = 1\n",
        "\n\ndef build():\n    return Net(",
        "\n\nif __name__ == '__main__':\n    net = Net(\n",
        "\n\nprint(open('/etc/passwd').read())\n",
        TRAINING,
        "\n    def extra(self):\n        # to be",
        "\n    @torch.no_grad()\n    def extra(self",
    ],
)
def test_what_follows_a_whole_program_is_cut(rest: str) -> None:
    assert trim(NET + rest, is_sound) == NET


def test_a_whole_definition_behind_the_program_stays() -> None:
    helper = "\n\ndef count(net):\n    return sum(p.numel() for p in net.parameters())\n"
    assert trim(f"{NET}{helper}\n\ndef other(", is_sound) == NET + helper


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        "import torch.nn as nn\n",
        NET[: NET.index("def forward")],
        NET[: NET.index(".mean")],
        NET.replace("return ", "x = self.head(x)) # "),
        NET.replace("super()", "super("),
        NET.replace("forward", "backward") + "\nThat is all.",
    ],
)
def test_nothing_is_made_of_what_has_no_beginning_that_is_a_program(text: str) -> None:
    assert trim(text, is_sound) is None


@settings(max_examples=40)
@given(st.sampled_from(SEED_NETWORKS), st.sampled_from(SEED_NETWORKS), st.floats(0, 1))
def test_a_text_cut_anywhere_gives_a_whole_program_or_none(first: str, second: str, share: float) -> None:
    text = f"{first}\n\n{second}"
    cut = text[: round(share * len(text))]
    trimmed = trim(cut, is_sound)
    if len(cut) >= len(first):
        assert trimmed is not None
    if trimmed is not None:
        assert text.startswith(trimmed.rstrip())
        assert is_sound(trimmed)


def test_a_text_that_breaks_off_at_every_line_is_given_up() -> None:
    assert trim(f"{NET}\n" + "@once\n" * 10, is_sound) == NET
    assert trim(f"{NET}\n" + "@once\n" * 500, is_sound) is None
