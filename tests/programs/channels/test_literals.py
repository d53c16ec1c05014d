import ast

import pytest

from archwright.programs.channels.literals import instrumented, literals_of, rewritten

SOURCE = """\
# 64 channels, as in the paper
WIDTH = 64  # é: a byte more than characters


def block(c_in, c_out=32):
    return c_in, f"{c_out} of 128", 3
"""


def test_only_numbers_that_can_be_widths_are_literals() -> None:
    assert [each.value for each in literals_of(SOURCE).values()] == [64, 32]


def test_rewriting_changes_digits_and_nothing_else() -> None:
    expected = SOURCE.replace("WIDTH = 64", "WIDTH = 100").replace("c_out=32", "c_out=7")
    assert rewritten(SOURCE, {0: 100, 1: 7}) == expected


def test_several_literals_of_a_line_are_rewritten_beside_characters_of_several_bytes() -> None:
    assert rewritten("a = 'é', 64, 32\n", {0: 9, 1: 1000}) == "a = 'é', 9, 1000\n"


def test_no_new_values_leave_the_text_as_it_is() -> None:
    assert rewritten(SOURCE, {}) == SOURCE


def test_an_instrumented_program_asks_for_its_literals() -> None:
    text = ast.unparse(instrumented("x = int(64)\ny = isinstance(x, int)\n"))
    assert text.splitlines() == [
        "x = __archwright_int__(__archwright_width__(0, 64))",
        "y = __archwright_isinstance__(x, int)",
    ]


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(SyntaxError):
        literals_of("def f(:")
