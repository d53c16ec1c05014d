import json
import math
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from archwright.archive.columns import ESCAPE, JsonColumn, Real, Whole, escape, unescape

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from(["\0", ESCAPE, "\ud800", "0", "a"]))
DIALECT = sqlite.dialect()  # type: ignore[no-untyped-call]


@given(ANY_TEXT)
def test_any_text_survives_escaping(text: str) -> None:
    assert unescape(escape(text)) == text


@given(ANY_TEXT)
def test_escaped_text_can_be_stored_in_any_database(text: str) -> None:
    assert "\0" not in escape(text)
    escape(text).encode("utf-8")


@given(st.text(st.characters(exclude_characters=["\0", ESCAPE], exclude_categories=["Cs"])))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert escape(text) == text


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@given(st.floats())
def test_a_real_number_keeps_its_bits(value: float) -> None:
    column = Real()
    stored = column.result_processor(DIALECT, None)(column.process_bind_param(value, DIALECT))
    if math.isnan(value):
        assert stored is None
    else:
        assert stored is not None
        assert stored.hex() == (value + 0.0).hex()  # but for the sign of zero


@given(st.integers())
def test_a_whole_number_has_no_limit(value: int) -> None:
    column = Whole()
    assert column.result_processor(DIALECT, None)(column.process_bind_param(value, DIALECT)) == value


@settings(max_examples=50)
@given(
    st.recursive(
        st.floats(allow_nan=False) | ANY_TEXT | st.none(), lambda inner: st.dictionaries(ANY_TEXT, inner), max_leaves=5
    )
)
def test_json_survives_as_ascii(value: object) -> None:
    column = JsonColumn()
    stored = column.process_bind_param(value, DIALECT)
    assert column.result_processor(DIALECT, None)(stored) == value
    assert stored is None or (stored.isascii() and re.search("[\0-\x1f]", stored) is None)
    assert stored is None or json.loads(stored) == value
