"""The canonical form sees the network and not how it is written."""

import ast
import io
import keyword
import random
import tokenize
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.novelty.tokens import lexer_tokens
from archwright.programs.canonical import canonical_digest, canonical_form
from archwright.starters import load_seed_corpus
from archwright.testing.programs import GOOD

CORPUS = [network.program.source for network in load_seed_corpus()]
CONTRACT_NAMES = {"Net", "forward", "train_setup", "learn", "supported_hyperparameters", "self"}

NET = """\
import torch
import torch.nn as nn


def conv(a, b, k=3):
    return nn.Sequential(nn.Conv2d(a, b, k, padding=k // 2), nn.ReLU())


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c = 32
        self.body = conv(in_shape[1], c)
        self.fc = nn.Linear(c, out_shape[0])

    def forward(self, x):
        x = self.body(x)
        return self.fc(x.mean((2, 3)))
"""


def renamed(source: str, rng: random.Random) -> str:
    """Rename, token by token, what the program itself names; keywords of torch calls and torch's attributes stay."""
    tree = ast.parse(source)
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    foreign = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    foreign |= {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }
    names = sorted(name for name in own - foreign - CONTRACT_NAMES if not name.startswith("__"))
    fresh = rng.sample([f"{letter}_{number}" for letter in "abcxyz" for number in range(30)], len(names))
    mapping = dict(zip(names, fresh, strict=True))
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    return tokenize.untokenize(
        (token.type, mapping.get(token.string, token.string) if token.type == tokenize.NAME else token.string)
        for token in tokens
    )


def reformatted(source: str, rng: random.Random) -> str:
    """Add comments, blank lines and docstrings, and break lines inside brackets."""
    lines: list[str] = []
    for line in source.splitlines():
        if rng.random() < 0.3 and not line.startswith(" "):
            lines += ["", "# a comment"]
        if line.rstrip().endswith(",") and rng.random() < 0.5:
            line += "  # after a layer\n"
        lines.append(line)
        if line.startswith("class ") and line.rstrip().endswith(":"):
            lines.append('    """A docstring."""')
    return "\n".join(lines) + "\n"


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CORPUS), st.randoms(use_true_random=False))
def test_renaming_everything_the_program_names_does_not_change_the_digest(source: str, rng: random.Random) -> None:
    assert canonical_digest(renamed(source, rng)) == canonical_digest(source)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CORPUS), st.randoms(use_true_random=False))
def test_comments_docstrings_and_layout_do_not_change_the_digest(source: str, rng: random.Random) -> None:
    assert canonical_digest(reformatted(source, rng)) == canonical_digest(source)
    assert canonical_digest(ast.unparse(ast.parse(source))) == canonical_digest(source)


def test_no_two_seed_networks_have_the_same_digest() -> None:
    assert len({canonical_digest(source) for source in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("source", CORPUS)
def test_the_canonical_form_of_a_seed_network_is_its_own_canonical_form(source: str) -> None:
    form = canonical_form(source)
    assert canonical_form(form) == form


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import torch.nn as nn", "from torch import nn"),
        ("import torch\n", "import torch\nimport math\nimport numpy as np\n"),
        ("(self, x):", "(self, x: torch.Tensor) -> torch.Tensor:"),
        ("c = 32", "c: int = 32"),
        ("super().__init__()", "super(Net, self).__init__()"),
        ("nn.ReLU()", "nn.ReLU(inplace=True)"),
        ("nn.ReLU()", "nn.ReLU(True)"),
        (
            "nn.Conv2d(a, b, k, padding=k // 2)",
            "nn.Conv2d(padding=k // 2, kernel_size=k, in_channels=a, out_channels=b)",
        ),
        ("nn.Conv2d(a, b, k, padding=k // 2)", "nn.Conv2d(a, b, k, 1, k // 2, bias=True)"),
        ("        x = self.body(x)", "        pass\n        print(x.shape)\n        x = self.body(x)"),
        ("class Net", "class Unused(nn.Module):\n    pass\n\n\ndef unused(x):\n    return Unused()\n\n\nclass Net"),
        ("    def forward", "    def unused(self):\n        return self.fc\n\n    def forward"),
    ],
)
def test_ways_of_writing_the_same_network_do_not_change_the_digest(old: str, new: str) -> None:
    assert old in NET
    assert canonical_digest(NET.replace(old, new)) == canonical_digest(NET)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c = 32", "c = 33"),
        ("k=3", "k=5"),
        ("nn.ReLU()", "nn.GELU()"),
        ("k // 2", "k // 3"),
        ("padding=k // 2", "padding=k // 2, bias=False"),
        ("x.mean((2, 3))", "x.amax((2, 3))"),
        ("x = self.body(x)", "x = self.body(x) + x"),
        ("conv(in_shape[1], c)", "conv(in_shape[1], c, 1)"),
        ("in_shape[1], c)", "in_shape[0], c)"),
    ],
)
def test_a_change_of_the_network_changes_the_digest(old: str, new: str) -> None:
    assert old in NET
    assert canonical_digest(NET.replace(old, new)) != canonical_digest(NET)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CORPUS), st.data())
def test_changing_any_number_of_a_seed_network_changes_its_digest(source: str, data: st.DataObject) -> None:
    """A structural hash that does not change with every width (FACTS 14) would call different networks the same."""
    tree = ast.parse(source)
    numbers = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int]
    node = data.draw(st.sampled_from(numbers))
    assert isinstance(node.value, int)
    node.value += data.draw(st.integers(101, 999))
    assert canonical_digest(ast.unparse(tree)) != canonical_digest(source)


def test_a_shape_of_two_equal_sides_is_not_one_side() -> None:
    square, line = (NET.replace("nn.ReLU()", f"nn.LayerNorm({shape})") for shape in ("(32, 32)", "32"))
    assert canonical_digest(square) != canonical_digest(line)


def test_which_variable_is_used_is_part_of_the_network() -> None:
    first = "def forward(x, y):\n    z = x + y\n    return z"
    assert canonical_digest(first) == canonical_digest(first.replace("z", "total"))
    assert canonical_digest(first) != canonical_digest(first.replace("x + y", "x + x"))


def test_a_local_name_may_be_renamed_in_one_function_alone() -> None:
    first = "def f(x):\n    y = x\n    return y\n\ndef g(x):\n    y = f(x)\n    return lambda y: [y for y in x]"
    second = "def f(a):\n    b = a\n    return b\n\ndef g(x):\n    y = f(x)\n    return lambda u: [w for w in x]"
    assert canonical_digest(first) == canonical_digest(second)


def test_a_closure_sees_the_variable_of_the_function_around_it() -> None:
    first = "def f(n):\n    m = 1\n    def g(x):\n        nonlocal m\n        m = x + n\n    return g"
    assert canonical_digest(first) == canonical_digest(first.replace("m", "count"))
    assert canonical_digest(first) != canonical_digest(first.replace("x + n", "x + x"))


def test_keywords_of_the_programs_own_functions_follow_their_parameters() -> None:
    first = "class Block:\n    def __init__(self, width, k=3):\n        self.w = width * k\n\nx = Block(k=5, width=2)"
    second = "class Unit:\n    def __init__(self, c, size=3):\n        self.v = c * size\n\ny = Unit(c=2, size=5)"
    assert canonical_digest(first) == canonical_digest(second)


def test_inherited_attributes_are_renamed_with_the_class_that_defines_them() -> None:
    first = dedent("""\
        class Base:
            def __init__(self):
                self.scale = 2
        class Net(Base):
            def forward(self, x):
                return x * self.scale
        """)
    assert canonical_digest(first) == canonical_digest(first.replace("scale", "factor").replace("Base", "Root"))


def test_a_method_named_only_in_a_string_is_kept() -> None:
    source = NET.replace("self.body(x)", 'getattr(self, "run")(x)').replace(
        "    def forward", "    def run(self, x):\n        return self.body(x)\n\n    def forward"
    )
    assert "self.Linear_0" in canonical_form(source)
    assert "run" in canonical_form(source)


def test_helpers_may_stand_in_any_order() -> None:
    a, b = "def a(x):\n    return x + 1\n", "def b(x):\n    return x * 2\n"
    net = "class Net:\n    def forward(self, x):\n        return a(b(x))\n"
    assert canonical_digest(a + b + net) == canonical_digest(net + b + a)


@pytest.mark.parametrize("source", ["def f(:", "Here is a network.", "\0", "x = " + "(" * 5000 + ")" * 5000])
def test_what_does_not_parse_has_no_canonical_form(source: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical_form(source)


@settings(deadline=None)
@given(st.text(alphabet="abcdef ()=:,.\n    +*[]'\"1234", max_size=60))
def test_any_text_has_a_canonical_form_or_a_value_error(text: str) -> None:
    try:
        form = canonical_form(text)
    except ValueError:
        return
    assert lexer_tokens(form) is not None


def test_names_of_the_contract_and_of_torch_are_kept() -> None:
    form = canonical_form(NET)
    for name in ("class Net", "def forward", "torch.nn.Conv2d", "torch.nn.Linear", "super().__init__()"):
        assert name in form
    assert not any(keyword.iskeyword(name) for name in ("conv", "body"))


def test_a_constant_that_a_class_only_copies_is_part_of_the_program() -> None:
    copied = "WIDTH = {}\n\n\nclass Net(nn.Module):\n    WIDTH = WIDTH\n"
    forms = {canonical_form(GOOD.source.replace("class Net(nn.Module):\n", copied.format(width))) for width in (5, 7)}
    assert len(forms) == 2
