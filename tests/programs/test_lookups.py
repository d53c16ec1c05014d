"""Programs that reach parts of themselves by no name in their text: what is left of them does what they did."""

import sys
from types import ModuleType

import pytest
import torch

from archwright.programs.canonical import canonical_digest
from archwright.programs.quoting import quotable
from archwright.programs.tidying import tidy

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = """
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.stem = {stem}
        self.head = nn.Linear(8, out_shape[0])

    def forward(self, x):
        return self.head({forward}.mean((2, 3)))
"""


def net(
    before: str = "", stem: str = "nn.Conv2d(in_shape[1], 8, 3)", forward: str = "self.stem(x)", after: str = ""
) -> str:
    return HEAD + before + NET.format(stem=stem, forward=forward) + after


PROGRAMS = {
    "registered by its own name": net(
        "REG = {}\ndef register(f):\n    REG[f.__name__] = f\n    return f\n"
        "@register\ndef block(c):\n    return nn.Conv2d(c, 8, 3)\n",
        "REG['block'](in_shape[1])",
    ),
    "registered by a given name": net(
        "REG = {}\ndef register(name):\n    def keep(found):\n        REG[name] = found\n        return found\n"
        "    return keep\n"
        "@register('conv')\nclass Block(nn.Conv2d):\n    def __init__(self, c):\n        super().__init__(c, 8, 3)\n",
        "REG['conv'](in_shape[1])",
    ),
    "registered twice under one name": net(
        "from functools import singledispatch\n@singledispatch\ndef go(x):\n    return x\n"
        "@go.register\ndef _(x: torch.Tensor):\n    return x * 2\n@go.register\ndef _(x: int):\n    return x\n",
        forward="go(self.stem(x))",
    ),
    "registered by deriving": net(
        "REG = {}\nclass Base(nn.Module):\n    def __init_subclass__(cls):\n        REG[cls.__name__] = cls\n"
        "class Block(Base):\n    def __init__(self, c):\n        super().__init__()\n"
        "        self.c = nn.Conv2d(c, 8, 3)\n    def forward(self, x):\n        return self.c(x)\n",
        "REG['Block'](in_shape[1])",
    ),
    "found among the derived": net(
        "class Base(nn.Module):\n    pass\nclass Block(Base):\n    def __init__(self, c):\n        super().__init__()\n"
        "        self.c = nn.Conv2d(c, 8, 3)\n    def forward(self, x):\n        return self.c(x)\n",
        "Base.__subclasses__()[0](in_shape[1])",
    ),
    "a method by a computed name": net(
        forward="getattr(self, 'run_' + 'go')(x)", after="\n    def run_go(self, x):\n        return self.stem(x)\n"
    ),
    "the other branch of a main block": net(
        "if __name__ == '__main__':\n    C = 1\nelse:\n    C = 8\n", "nn.Conv2d(in_shape[1], C, 3)"
    ),
    "fields of a data class": net(
        "from dataclasses import dataclass\n@dataclass\nclass Config:\n    width: int\n    size: int = 3\n",
        "nn.Conv2d(in_shape[1], Config(width=8).width, Config(8, 5).size)",
    ),
    "fields of a named tuple": net(
        "from typing import NamedTuple\nclass Config(NamedTuple):\n    width: int\n    size: int = 3\n",
        "nn.Conv2d(in_shape[1], *Config(8))",
    ),
    "keys that are alike for long": net(
        stem=f"nn.ModuleDict({{'{'k' * 90}': nn.Conv2d(in_shape[1], 8, 3), '{'k' * 90}2': nn.Conv2d(3, 8, 5)}})",
        forward=f"self.stem['{'k' * 90}'](x)",
    ),
}


def result(source: str) -> tuple[int, torch.Tensor]:
    """Return the parameters of the network and what it makes of an image."""
    module = sys.modules["program"] = ModuleType("program")
    try:
        exec(compile(source, "program", "exec"), module.__dict__)
        torch.manual_seed(0)
        network = module.Net((2, 3, 16, 16), (10,), {}, "cpu").eval()
        return sum(each.numel() for each in network.parameters()), network(torch.ones(2, 3, 16, 16)).detach()
    finally:
        del sys.modules["program"]


@pytest.mark.parametrize("kind", PROGRAMS)
def test_what_is_quoted_and_taught_does_what_the_program_did(kind: str) -> None:
    params, output = result(PROGRAMS[kind])
    for made in (quotable(PROGRAMS[kind] + "# a remark\n"), tidy(PROGRAMS[kind])):
        assert "remark" not in made
        found, again = result(made)
        assert found == params
        assert torch.equal(again, output)


@pytest.mark.parametrize("kind", [kind for kind in PROGRAMS if "registered" in kind or "derived" in kind])
def test_what_is_only_registered_is_part_of_the_network(kind: str) -> None:
    changed = PROGRAMS[kind].replace("nn.Conv2d(c, 8, 3)", "nn.Conv2d(c, 8, 5)").replace("(c, 8, 3)", "(c, 8, 5)")
    changed = changed.replace("x * 2", "x * 3")
    assert changed != PROGRAMS[kind]
    assert canonical_digest(changed) != canonical_digest(PROGRAMS[kind])


def test_a_name_computed_in_a_module_of_torch_keeps_nothing() -> None:
    spare = "def spare(c):\n    return c\n"
    by_name = net("kind = 'Re' + 'LU'\n", "nn.Sequential(nn.Conv2d(in_shape[1], 8, 3), getattr(nn, kind)())")
    assert "spare" not in tidy(HEAD + spare + by_name.removeprefix(HEAD))
