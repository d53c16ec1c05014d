import random

import pytest

from archwright.programs.channels.widths import (
    Ungrouped,
    WidthError,
    WidthReason,
    Widths,
    matched,
    random_widths,
    read_widths,
    scaled,
)

SOURCE = """\
a, b = 64, 32  # two widths
flat = 512
"""
TOLD: list[dict[str, object]] = [
    {"isolation": 2},
    {"roots": [["w0", 64], ["w1", 32]], "literals": [[0, "w0"], [1, "w1"], [2, ["Mul", 8, "w0"]]]},
    {"conditions": [["Equality", ["Mod", "w1", 4], 0]], "params": [["Mul", "w0", "w1"], "w1"]},
    {"done": True},
]


@pytest.fixture
def widths() -> Widths:
    found = read_widths(SOURCE, TOLD)
    assert isinstance(found, Widths)
    return found


def test_parameters_follow_from_the_widths(widths: Widths) -> None:
    assert (widths.count({}), widths.count({"w1": 20})) == (64 * 32 + 32, 64 * 20 + 20)


def test_literals_that_depend_on_a_width_change_with_it(widths: Widths) -> None:
    assert widths.applied({"w0": 50}) == "a, b = 50, 32  # two widths\nflat = 400\n"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"w7": 9}, "there is no group w7; the groups are w0, w1"),
        ({"w0": 3}, "w0 = 3 is not between 8 and 1025"),
        ({"w1": 30}, r"w1 = 30 does not fit the others \(divisibility\); w1 = 32 does"),
    ],
)
def test_widths_that_cannot_be_are_refused_with_what_could(widths: Widths, values: dict[str, int], words: str) -> None:
    with pytest.raises(WidthError, match=words):
        widths.applied(values)


def test_the_line_of_every_group_is_shown(widths: Widths) -> None:
    assert widths.shown()["w1"] == "32, in `a, b = 64, 32  # two widths`"


def test_random_widths_fulfil_the_conditions_and_are_not_powers_of_two(widths: Widths) -> None:
    rng = random.Random(0)
    drawn = [random_widths(widths, rng, 2) for _ in range(50)]
    assert all(widths.fits(values) for values in drawn)
    assert any(values["w0"] & (values["w0"] - 1) for values in drawn)
    assert all(32 <= values["w0"] <= 128 for values in drawn)


def test_scaling_multiplies_every_group(widths: Widths) -> None:
    assert scaled(widths, 1.5) == {"w0": 96, "w1": 48}


def test_matched_widths_have_the_parameters_of_the_parent_within_the_tolerance(widths: Widths) -> None:
    found = matched(widths, {"w0": 128, "w1": 16}, widths.count({}), 0.05)
    assert found is not None
    assert abs(widths.count(found) / widths.count({}) - 1) <= 0.05
    assert found["w0"] > found["w1"] * 6


@pytest.mark.parametrize(
    "messages",
    [
        [{"roots": "w0"}],
        [{"roots": [["w0"]]}],
        [{"roots": [["w0", 65]], "literals": [[0, "w0"]], "params": ["w0"]}],
        [{"roots": [["w0", 64]], "literals": [[99, "w0"]], "params": ["w0"]}],
        [{"roots": [["w0", 64]], "literals": [[0, "w0"]], "conditions": [0], "params": ["w0"]}],
        [{"roots": [["w0", "sixty"]], "literals": [], "params": []}],
    ],
)
def test_what_a_box_tells_is_not_believed(messages: list[dict[str, object]]) -> None:
    found = read_widths(SOURCE, messages)
    assert isinstance(found, Ungrouped)
    assert found.reason is WidthReason.BAD_RESULT


def test_a_program_without_widths_says_so() -> None:
    found = read_widths(SOURCE, [{"params": [100]}, {"done": True}])
    assert isinstance(found, Ungrouped)
    assert found.reason is WidthReason.NO_WIDTHS
    assert found.message == "no literal of the text is the width of a layer"


def told(*conditions: object) -> Widths | Ungrouped:
    return read_widths(SOURCE, [TOLD[1], {"conditions": list(conditions), "params": [["Mul", "w0", "w1"], "w1"]}])


def test_a_group_that_has_no_other_width_is_not_offered() -> None:
    found = told(["Equality", ["Mul", 2, ["FloorDiv", "w0", 2]], 64], ["Equality", ["Mod", "w0", 64], 0])
    assert isinstance(found, Widths)
    assert dict(found.groups) == {"w1": 32}
    assert found.count({"w1": 20}) == 64 * 20 + 20
    assert found.applied({"w1": 20}) == "a, b = 64, 20  # two widths\nflat = 512\n"


def test_groups_that_change_only_together_are_offered() -> None:
    found = told(["Equality", ["Mul", "w0", "w1"], 64 * 32])
    assert isinstance(found, Widths)
    assert list(found.groups) == ["w0", "w1"]
    together = told(["Equality", "w0", ["Mul", 2, "w1"]])
    assert isinstance(together, Widths)
    assert list(together.groups) == ["w0", "w1"]


def test_a_program_whose_widths_are_all_held_says_by_what() -> None:
    found = told(["Equality", "w0", 64], ["Equality", "w1", 32])
    assert isinstance(found, Ungrouped)
    assert found.reason is WidthReason.NO_WIDTHS
    assert found.message.startswith("64 (line 1), 32 (line 1), 512 (line 2): no other width goes with the numbers")


def test_a_draw_changes_a_group_that_can_be_changed() -> None:
    found = told(["Equality", ["Mul", "w0", "w1"], 64 * 32])
    assert isinstance(found, Widths)
    wide = Widths(SOURCE, {**found.groups, "w2": 16}, found.literals, found.conditions, found.params)
    assert all(random_widths(wide, random.Random(seed))["w2"] != 16 for seed in range(20))
