from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.analysis.report.source import source_html
from archwright.analysis.text import printable


def visible(html: str) -> str:
    import re

    return unescape(re.sub(r"</?span[^>]*>", "", html))


@pytest.mark.parametrize(
    "source",
    ["x = 1\n", "def f():\n    return 'a' # <b>\n", '"""two\nlines"""\nx = f"{y!r:>{w}}"\n', "if x:\n\tpass"],
)
def test_colouring_changes_no_character(source):
    assert visible(source_html(source)).strip("\n") == source.strip("\n")


def test_keywords_and_numbers_are_marked():
    assert source_html("return 1") == '<span class="k">return</span> <span class="n">1</span>\n'


def test_what_is_no_python_is_only_escaped():
    assert source_html("<b> ( is not closed") == "&lt;b&gt; ( is not closed\n"


@given(st.text())
def test_any_text_comes_out_as_text(text):
    html = source_html(text)
    assert "<script" not in html
    assert visible(html).strip("\n") == printable(text).strip("\n")
