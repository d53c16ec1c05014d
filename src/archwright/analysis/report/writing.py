"""Writes the two files of a report, beside the archive they were read from unless another folder is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archwright.contracts.contract import Contract
from archwright.errors import typed
from archwright.resumable import replace_text


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the report is, and what it says for machines."""

    markdown: Path
    html: Path
    findings: Mapping[str, object]
    """`diagnostics`, `structure`, `changes`, `lineage` and `coverage` of `archwright report --json`."""


def write_report(folder: Path, out: Path | None = None, *, contract: Contract | None = None) -> ReportPaths:
    """Write `report.md` and `report.html` into `out`, else the study's `folder`, from its archive, which is only read.

    Works while the study runs and whatever it holds. Raises StudyError for a folder that is no study, or one that was
    begun with a `contract` of its own which is not given, and StorageError when the files cannot be written; either
    file is then complete or as it was.
    """
    from archwright.analysis.report.facts import read_facts
    from archwright.analysis.report.html import render_html
    from archwright.analysis.report.lineage import lineage
    from archwright.analysis.report.markdown import render_markdown
    from archwright.analysis.theory.document import diagnostics_document

    facts = read_facts(folder, contract)
    findings = {
        "diagnostics": diagnostics_document(facts.diagnostics),
        "changes": facts.changes.as_json(),
        "lineage": [step.as_json() for step in lineage(facts, facts.best[0])] if facts.best else [],
        "structure": [cycle.as_json() for cycle in facts.structure],
        "coverage": None if facts.coverage is None else facts.coverage.as_json(),
    }
    place = out or folder
    remedy = f"free space, make {place} writable or write elsewhere: {typed('report', folder, '--out', 'DIR')}"
    paths = ReportPaths(place / "report.md", place / "report.html", findings)
    for path, text in ((paths.markdown, render_markdown(facts)), (paths.html, render_html(facts))):
        replace_text(path, text, remedy)
    return paths
