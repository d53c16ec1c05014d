"""The generated reference pages are what the code says today."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def test_the_reference_pages_are_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize(
    "page", sorted([*DOCS.glob("how-to/*.md"), DOCS / "security.md", ROOT / "README.md"]), ids=lambda page: page.stem
)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"(?:recipes|benchmarks|examples|tests)/[\w/.-]*\w", text)
    table = text.partition("### The same by finding")[2].partition("\n### ")[0]
    named += [f"tests/{name}" for name in re.findall(r"`([a-z]\w*/[\w/]+(?:\.py|/)?|test_\w+\.py)`", table)]
    linked = [page.parent / name for name in re.findall(r"\]\((?!https?:)([^)#\s]+)", text)]
    assert [str(path) for path in [*map(ROOT.joinpath, named), *linked] if not path.exists()] == []
