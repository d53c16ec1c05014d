import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.programs.formatting import LINE_LENGTH, format_tree, parse_program
from archwright.starters import load_seed_corpus

CORPUS = [network.program.source for network in load_seed_corpus()]


def format_source(source: str) -> str:
    return format_tree(parse_program(source))


def test_a_long_call_is_written_one_argument_a_line() -> None:
    layers = ", ".join(["nn.Conv2d(32, 32, 3, padding=1)"] * 4)
    formatted = format_source(f"class Net:\n  def f(self):\n    self.body = nn.Sequential({layers})")
    assert formatted.count("            nn.Conv2d(32, 32, 3, padding=1),\n") == 4
    assert max(map(len, formatted.splitlines())) <= LINE_LENGTH


def test_a_short_call_stays_on_its_line() -> None:
    assert format_source("x = f(a,\n  b)") == "x = f(a, b)\n"


def test_definitions_are_two_lines_apart_and_methods_one() -> None:
    text = "import a\ndef f():\n  return 1\nclass B:\n  def g(self):\n    return 1\n  def h(self):\n    return 2\nx = 1"
    assert format_source(text) == (
        "import a\n\n\ndef f():\n    return 1\n\n\nclass B:\n    def g(self):\n        return 1\n\n"
        "    def h(self):\n        return 2\n\n\nx = 1\n"
    )


def test_several_names_are_given_values_without_brackets() -> None:
    assert format_source("c1, c2 = (32, 64)") == "c1, c2 = 32, 64\n"
    assert format_source("shape = (32, 64)") == "shape = 32, 64\n"


@pytest.mark.parametrize(
    "line",
    [
        "x = [" + ", ".join(["a_rather_long_name(b) for a_rather_long_name in c"] * 1) + f" if {'d' * 90}]",
        f"x = f('{'(,' * 60}', [1, 2])",
        f"x = ({'a' * 110},)",
        f"x = {'a' * 110}[0]",
        f"f(lambda a, b: {'a' * 60} + {'b' * 60}, *c, **d)",
        f"def f({', '.join(f'argument_{n}=1' for n in range(12))}):\n    return 1",
    ],
)
def test_long_lines_of_any_kind_keep_their_meaning(line: str) -> None:
    assert ast.dump(ast.parse(format_source(line))) == ast.dump(ast.parse(line))


def test_text_in_a_string_is_never_taken_for_code() -> None:
    text = "def f():\n    return '''\nclass A:\n\n\n\n    def g(self): pass\nx = (1, 2)\n'''\n"
    assert ast.dump(ast.parse(format_source(text))) == ast.dump(ast.parse(text))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(60, 140))
def test_formatting_twice_changes_nothing(source: str, width: int) -> None:
    one_line = ast.unparse(ast.parse(source.replace("out_shape", "o" * (width - 50))))
    formatted = format_source(one_line)
    assert format_source(formatted) == formatted
    assert ast.dump(ast.parse(formatted)) == ast.dump(ast.parse(one_line))


@pytest.mark.parametrize("source", ["def f(:", "", "\0", "just prose, sorry"])
def test_what_is_no_program_is_a_value_error(source: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_program(source)
