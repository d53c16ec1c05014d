"""The grammar of width vectors: which widths it offers."""

import json

import pytest

from archwright.candidate import Json
from archwright.programs.channels.grammar import widths_grammar
from archwright.programs.channels.widths import NARROWEST, WIDEST, Widths

WIDTHS = Widths(
    "a, b = 64, 48\n",
    {"w0": 64, "w1": 48},
    {0: "w0", 1: "w1"},
    (["Equality", ["Mod", "w1", 12], 0],),
    (["Mul", "w0", "w1"],),
)


def offered(widths: Widths, limit: int = 0) -> list[set[int]]:
    """The widths that each group may have."""
    head, *rules = widths_grammar(widths, limit).splitlines()
    assert head == 'start: "{" "\\"w0\\": " width0 ", " "\\"w1\\": " width1 "}"'
    schemas = [json.loads(rule.partition("%json ")[2])["anyOf"] for rule in rules]
    return [{width for schema in each for width in widths_of(schema)} for each in schemas]


def widths_of(schema: dict[str, Json]) -> list[int]:
    if "const" in schema:
        return [int(str(schema["const"]))]
    low, high, step = (int(str(schema[name])) for name in ("minimum", "maximum", "multipleOf"))
    return [width for width in range(low, high + 1) if width % step == 0]


@pytest.mark.parametrize("limit", [0, 6000, 64 * 48, 100])
def test_a_group_may_have_every_width_that_fits_while_the_others_stay(limit: int) -> None:
    for (name, own), found in zip(WIDTHS.groups.items(), offered(WIDTHS, limit), strict=True):
        fitting = {width for width in range(NARROWEST, WIDEST + 1) if WIDTHS.fits({name: width})}
        assert found == {own} | {width for width in fitting if not limit or WIDTHS.count({name: width}) <= limit}


def test_a_group_that_cannot_change_keeps_its_width() -> None:
    fixed = Widths(WIDTHS.source, WIDTHS.groups, WIDTHS.literals, (["Equality", "w0", 64],), WIDTHS.params)
    assert offered(fixed)[0] == {64}
    assert len(offered(fixed)[1]) > 100
