"""Dataclasses go to columns and come back equal, for the nouns of the archive and for any others."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine
from sqlalchemy.pool import StaticPool

from archwright.archive.codec import columns_of, from_row, to_row
from archwright.archive.columns import ExactText, Instant, JsonColumn, Real, Whole

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
REAL = st.floats(allow_nan=False)
WHOLE = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | REAL | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    """A dataclass within another; its first field says whether it is there."""

    name: str
    weight: float
    note: str | None = None


@dataclass(frozen=True)
class Deep:
    number: int
    inner: Inner


@dataclass(frozen=True)
class Everything:
    """A field of every kind that the codec knows."""

    flag: bool
    number: int
    huge: int | None
    real: float
    maybe_real: float | None
    text: str
    maybe_text: str | None
    colour: Colour
    maybe_colour: Colour | None
    moment: datetime
    mapping: Mapping[str, Any]
    maybe_mapping: Mapping[str, Any] | None
    words: tuple[str, ...]
    inner: Inner
    maybe_inner: Inner | None
    maybe_deep: Deep | None


INNER = st.builds(Inner, TEXT, REAL, st.none() | TEXT)
MAPPING = st.dictionaries(TEXT, JSON, max_size=3)
EVERYTHING = st.builds(
    Everything,
    flag=st.booleans(),
    number=WHOLE,
    huge=st.none() | st.integers(-(2**200), 2**200),
    real=REAL,
    maybe_real=st.none() | REAL,
    text=TEXT,
    maybe_text=st.none() | TEXT,
    colour=st.sampled_from(Colour),
    maybe_colour=st.none() | st.sampled_from(Colour),
    moment=st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    mapping=MAPPING,
    maybe_mapping=st.none() | MAPPING,
    words=st.lists(TEXT, max_size=3).map(tuple),
    inner=INNER,
    maybe_inner=st.none() | INNER,
    maybe_deep=st.none() | st.builds(Deep, WHOLE, INNER),
)
TABLE = Table("everything", MetaData(), *columns_of(Everything, types={"huge": Whole}))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        TABLE.create(connection)
        yield connection
    engine.dispose()


@given(value=EVERYTHING)
def test_any_dataclass_comes_back_equal_from_its_columns(connection: Connection, value: Everything) -> None:
    connection.execute(TABLE.delete())
    connection.execute(TABLE.insert(), to_row(value))
    assert from_row(Everything, connection.execute(TABLE.select()).mappings().one()) == value


@given(value=EVERYTHING)
def test_a_row_names_exactly_the_columns(value: Everything) -> None:
    assert list(to_row(value)) == [column.name for column in columns_of(Everything)]


@given(value=INNER)
def test_a_prefix_stands_before_every_column(value: Inner) -> None:
    row = to_row(value, prefix="its_")
    assert list(row) == ["its_name", "its_weight", "its_note"]
    assert list(row) == [column.name for column in columns_of(Inner, prefix="its_")]


@given(value=INNER, name=TEXT)
def test_what_is_left_out_is_given_when_read(value: Inner, name: str) -> None:
    row = to_row(value, leave_out=("name",))
    assert list(row) == ["weight", "note"] == [column.name for column in columns_of(Inner, leave_out=("name",))]
    assert from_row(Inner, row, name=name) == Inner(name, value.weight, value.note)


def test_columns_have_the_type_of_their_field() -> None:
    kinds = {column.name: type(column.type) for column in TABLE.columns}
    assert (kinds["real"], kinds["text"], kinds["moment"], kinds["huge"]) == (Real, ExactText, Instant, Whole)
    assert (kinds["mapping"], kinds["words"], kinds["colour"]) == (JsonColumn, JsonColumn, ExactText)
    assert kinds["maybe_deep_inner_weight"] is Real


def test_what_may_be_missing_may_be_null_and_so_may_every_float() -> None:
    nullable = {column.name for column in TABLE.columns if column.nullable}
    assert nullable == {
        "huge",
        "real",
        "maybe_real",
        "maybe_text",
        "maybe_colour",
        "maybe_mapping",
        "inner_weight",
        "inner_note",
        "maybe_inner_name",
        "maybe_inner_weight",
        "maybe_inner_note",
        "maybe_deep_number",
        "maybe_deep_inner_name",
        "maybe_deep_inner_weight",
        "maybe_deep_inner_note",
    }


def test_a_required_number_that_is_missing_is_not_a_number() -> None:
    assert math.isnan(from_row(Inner, {"name": "a", "weight": None, "note": None}).weight)


@dataclass(frozen=True)
class Share:
    value: float


@dataclass(frozen=True)
class Holder:
    share: Share | None


@dataclass(frozen=True)
class Nameless:
    name: str | None


@dataclass(frozen=True)
class HolderOfNameless:
    inner: Nameless | None


@pytest.mark.parametrize("value", [Holder(Share(math.nan)), HolderOfNameless(Nameless(None))])
def test_what_would_read_as_missing_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="missing or NaN"):
        to_row(value)


def test_a_column_that_is_not_there_and_a_member_that_never_was_are_errors() -> None:
    with pytest.raises(KeyError):
        from_row(Inner, {"name": "a"})
    row = to_row(Inner("a", 1.0)) | {"colour": "mauve"}

    @dataclass(frozen=True)
    class Painted:
        colour: Colour

    with pytest.raises(ValueError, match="mauve"):
        from_row(Painted, row)


def test_a_required_value_that_is_null_is_an_error() -> None:
    row = to_row(Deep(1, Inner("name", 1.0)))
    for column in ("number", "inner_name"):
        with pytest.raises(ValueError, match=f"{column} is missing"):
            from_row(Deep, row | {column: None})
