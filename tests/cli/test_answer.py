"""Tables for people, on consoles of any width."""

import io

import pytest
from rich.console import Console

from archwright.cli.answer import print_table

HEADINGS = ("candidate", "accuracy", "above threshold", "where")
ROW = ("12.103", "97.2 %", "16.7 %", "put train.parquet into /work/shared/data/fashion-mnist")


def shown(width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_table(console, HEADINGS, [ROW], left=(3,), title="Best programs")
    return console.file.getvalue()


@pytest.mark.parametrize("width", [20, 40, 60, 66, 72, 80, 100, 200])
def test_nothing_is_cut_off_and_no_line_is_too_long(width: int) -> None:
    text = shown(width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    together = "".join(text.split())
    for cell in (*ROW[:3], *HEADINGS[:2], HEADINGS[3], "/work/shared/data/fashion-mnist"):
        assert "".join(cell.split()) in together


def test_numbers_stay_on_their_line_where_there_are_columns() -> None:
    assert all("97.2 %" in shown(width) for width in (66, 72, 80, 200))


def test_a_console_too_narrow_for_columns_has_sentences() -> None:
    assert "candidate 12.103, accuracy 97.2 %, above threshold 16.7 %, where put" in " ".join(shown(50).split())
