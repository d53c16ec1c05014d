"""From the text a model wrote to the program that is run: each step only where it is needed, and named."""

import pytest

from archwright.candidate import Repair
from archwright.contracts import check_source
from archwright.programs.repair import Repaired, repair
from archwright.starters import load_seed_corpus

BODY = """\
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.head = nn.Linear(in_shape[1], out_shape[0])

    def forward(self, x):
        return self.head(torch.relu(x).mean((2, 3)))
"""
NET = f"import torch\nimport torch.nn as nn\n\n\n{BODY}"
TRAINING = """
    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), prm["lr"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()
"""


@pytest.mark.parametrize("source", [NET, *(network.program.source for network in load_seed_corpus())])
def test_a_sound_program_is_left_as_it_is(source: str) -> None:
    assert repair(source) == Repaired(source, Repair.RAW)


def test_a_program_that_is_cut_off_behind_its_end_is_trimmed() -> None:
    repaired = repair(f"{NET}\n\nclass Other(nn.Module):\n    def __init__(")
    assert (repaired.source, repaired.repair) == (NET, Repair.TRIMMED)


@pytest.mark.parametrize(
    ("missing", "source"),
    [
        ("import torch.nn as nn\n", f"import torch\n\n\n{BODY}"),
        ("import torch\nimport torch.nn as nn\n", f"\n\n{BODY}"),
        ("import torch.nn.functional as F\n", NET.replace("torch.relu(x)", "F.relu(x)")),
        ("import math\n", NET.replace("out_shape[0])", "math.ceil(out_shape[0]))")),
        ("from torch import Tensor\n", NET.replace("x):", "x: Tensor) -> 'Tensor':")),
        ("from typing import Tuple\n", NET.replace("device):", "device, sizes: Tuple = ()):")),
        ("from torch.nn import init\n", NET.replace("torch.relu(x)", "init.normal_(x)")),
        ("import copy\n", NET.replace("nn.Linear(", "copy.deepcopy(nn.Linear)(")),
        ("from torch.utils.checkpoint import checkpoint\n", NET.replace("torch.relu(x)", "checkpoint(torch.relu, x)")),
        ("from collections.abc import Sequence\n", NET.replace("device):", "device, sizes: Sequence = ()):")),
    ],
)
def test_forgotten_imports_are_added(missing: str, source: str) -> None:
    repaired = repair(source)
    assert (repaired.source, repaired.repair) == (missing + source, Repair.COMPLETED)


def test_imports_of_the_future_are_brought_to_the_top() -> None:
    future = "from __future__ import annotations\n"
    repaired = repair(f'"""A net."""\nimport math\n{future}{NET}')
    assert (repaired.source, repaired.repair) == (f'"""A net."""\n{future}import math\n\n{NET}', Repair.COMPLETED)


@pytest.mark.parametrize(
    "head", ["from __future__ import annotations\n", '"""A net."""\nfrom __future__ import (\n    annotations,\n)\n']
)
def test_forgotten_imports_follow_those_of_the_future(head: str) -> None:
    repaired = repair(f"{head}{NET.replace('torch.relu(x)', 'F.relu(x)')}")
    assert repaired.source.startswith(f"{head}import torch.nn.functional as F\nimport torch\n")


@pytest.mark.parametrize(
    "source",
    [
        NET.replace("torch.relu(x)", "blocks(x)"),
        NET.replace("torch.relu(x)", "F.relu(x)").replace("import torch\n", "import torch\nF = torch\n"),
        NET.replace("torch.relu(x)", "F.relu(x)").replace("import torch\n", "from torch.nn import *\nimport torch\n"),
        NET.replace("torch.relu(x)", "[F for F in x][0]"),
        NET.replace("x):", "x, F=None):").replace("torch.relu(x)", "F(x)"),
        NET.replace("torch.relu(x)", "self.math(x)"),
    ],
)
def test_nothing_is_added_that_is_not_certain_to_be_missing(source: str) -> None:
    assert repair(source).repair is Repair.RAW


@pytest.mark.parametrize("name", ["_init_", "init"])
def test_a_constructor_gets_the_underscores_that_a_page_took(name: str) -> None:
    assert repair(NET.replace("__init__", name)) == Repaired(NET, Repair.COMPLETED)
    other = NET.replace("        super().__init__()", f"        super().__init__()\n        super().{name}()")
    assert repair(other).repair is Repair.RAW


def test_a_program_that_trains_itself_gets_the_hyperparameters_it_forgot() -> None:
    repaired = repair(NET + TRAINING)
    assert repaired.repair is Repair.COMPLETED
    assert repaired.source.startswith(NET + TRAINING)
    assert not check_source(repaired.source)


def test_the_beginning_is_completed_where_the_whole_cannot_be() -> None:
    repaired = repair(f"{BODY}\nThis network is fast.")
    assert (repaired.source, repaired.repair) == (f"import torch\nimport torch.nn as nn\n{BODY}", Repair.COMPLETED)


@pytest.mark.parametrize(
    "source", ["", "Sorry.", BODY[:150], "\ud800", "from __future__ import annotations\n" + BODY.replace("nn.L", "n(")]
)
def test_what_cannot_be_mended_stays_raw(source: str) -> None:
    repaired = repair(source)
    assert (repaired.source, repaired.repair) == (source, Repair.RAW)


def test_the_policy_counts_only_where_it_is_on() -> None:
    source = f"{NET}\n\nopen('weights', 'w')\n"
    assert (repair(source).source, repair(source).repair) == (NET, Repair.TRIMMED)
    assert repair(source, with_policy=False).repair is Repair.RAW


def test_a_range_of_python_2_is_a_range() -> None:
    source = NET.replace("        super().__init__()\n", "        super().__init__()\n        n = sum(xrange(3))\n")
    assert repair(source).source.startswith("xrange = range")
