from fractions import Fraction

import pytest

from archwright.programs.channels.arithmetic import value_of, whole


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (["Add", ["Mul", 4, "w"], 1], 41),
        (["Mod", "w", 4], 2),
        (["FloorDiv", "w", 4], 2),
        (["Mul", ["Rational", 1, 4], "w"], Fraction(5, 2)),
        (["Pow", "w", 2], 100),
        (["TruncToInt", ["Mul", 0.25, ["ToFloat", "w"]]], 2),
        (["Equality", ["Max", 8, "w"], 10], True),
        (["Not", ["StrictLessThan", "w", 10]], True),
    ],
)
def test_an_expression_is_computed(expression: list[object], value: object) -> None:
    assert value_of(expression, {"w": 10}) == value


@pytest.mark.parametrize(
    "expression",
    [
        "v",
        None,
        [],
        ["Add"],
        ["eval", "w"],
        ["Mod", "w", 0],
        ["Pow", "w", 99],
        ["Pow", 1e300, 8],
        ["Mul", 2**40, 2**40],
        {"w": 1},
        [["Add"], 1, 2],
        ["Not", 1, 2],
    ],
)
def test_what_makes_no_sense_is_refused(expression: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        value_of(expression, {"w": 10})


def test_an_expression_nested_beyond_all_reason_is_refused() -> None:
    expression: object = "w"
    for _ in range(100):
        expression = ["Not", expression]
    with pytest.raises(ValueError, match="no expression"):
        value_of(expression, {"w": 1})


def test_a_fraction_is_no_width() -> None:
    assert whole(["Mul", ["Rational", 1, 4], "w"], {"w": 10}) is None
    assert whole(["Mul", ["Rational", 1, 4], "w"], {"w": 12}) == 3
