"""Writes the comparison report of an experiment: Markdown, one self-contained HTML file, and its rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archwright import __version__
from archwright.analysis.experiments.comparison import Comparison
from archwright.analysis.experiments.rows import Row
from archwright.analysis.experiments.sections import sections_of
from archwright.analysis.report.html import page, section_html
from archwright.analysis.report.markdown import section_lines
from archwright.analysis.text import count
from archwright.resumable import replace_text

TITLE = "Comparison"
REMEDY = "free space, or give another place"


@dataclass(frozen=True, slots=True)
class ComparisonPaths:
    """Where the report of an experiment is."""

    markdown: Path
    html: Path


def write_comparison(comparison: Comparison, folder: Path) -> ComparisonPaths:
    """Write `comparison.md` and `comparison.html` into `folder`; raises StorageError."""
    sections = sections_of(comparison)
    intro = _intro(comparison)
    lines = [f"# {TITLE}", "", intro]
    for section in sections:
        lines += section_lines(section)
    parts = [f"<h1>{TITLE}</h1>", f"<p>{intro}</p>", *(section_html(section) for section in sections)]
    paths = ComparisonPaths(folder / "comparison.md", folder / "comparison.html")
    text = "\n".join([*lines, "", f"Written by Archwright {__version__}."]) + "\n"
    for path, content in ((paths.markdown, text), (paths.html, page(TITLE, parts))):
        replace_text(path, content, REMEDY)
    return paths


def write_rows(rows: Sequence[Row], metric: str, path: Path) -> None:
    """Write rows as a JSON list, one row a line; raises StorageError."""
    lines = ",\n".join(json.dumps(row.as_json(metric)) for row in rows)
    replace_text(path, f"[\n{lines}\n]\n", REMEDY)


def _intro(comparison: Comparison) -> str:
    studies = [study for of in comparison.arms.values() for study in of]
    evaluated = sum(study.candidates for study in studies)
    sizes = ((len(comparison.arms), "arm", "arms"), (len(studies), "study", "studies"))
    counted = (*sizes, (evaluated, "candidate", "candidates"))
    return ", ".join(f"{count(number)} {one if number == 1 else many}" for number, one, many in counted) + "."
