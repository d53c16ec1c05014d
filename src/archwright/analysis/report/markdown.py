"""The report as Markdown: the same facts as the HTML in tables, to be read in a terminal, compared or pasted."""

import re

from archwright import __version__
from archwright.analysis.report.facts import StudyFacts, details_of, protocol_sentence
from archwright.analysis.report.lineage import lineage
from archwright.analysis.report.sections import Section, sections_of
from archwright.analysis.report.tables import Table
from archwright.analysis.text import count, one_line, percent_within, printable
from archwright.analysis.wording import describe_graph
from archwright.candidate import Record
from archwright.errors import typed
from archwright.programs.graph import graph_of_json
from archwright.untrusted import quotation


def render_markdown(facts: StudyFacts) -> str:
    """Return the whole report as Markdown (GitHub flavour)."""
    totals = facts.totals
    lines = [
        f"# {_inline(facts.heading)}",
        "",
        f"{_inline(facts.subtitle)}: **{facts.status}**.",
        f"{count(totals.generated)} candidates, {count(totals.valid)} valid "
        f"({percent_within(totals.valid_rate, totals.valid_interval)}), {count(totals.admitted)} admitted.",
        _inline(protocol_sentence(facts)),
    ]
    if facts.status == "unfinished":
        goes_on = _inline(typed("resume", facts.name))
        lines.append(f"{count(facts.candidates_left)} candidates are still to be evaluated: {goes_on} goes on.")
    for section in sections_of(facts):
        lines += section_lines(section)
        for record in section.programs:
            lines += _program(facts, record)
    lines += ["", f"Written by Archwright {__version__}."]
    return "\n".join(lines) + "\n"


def section_lines(section: Section) -> list[str]:
    """Return the lines of a section without its programs; one that has nothing but charts is left to the HTML."""
    said = (section.lines, section.warnings, section.notes, section.tables, section.programs, section.steps)
    if not any(said):
        return []
    lines = ["", f"## {_inline(section.title)}"]
    for warning in section.warnings:
        lines += ["", f"**Warning.** {_inline(warning)}"]
    for line in section.lines:
        lines += ["", _inline(line)]
    for note in section.notes:
        lines += ["", _inline(note)]
    if section.command:
        lines += ["", quotation(printable(section.command), "sh")]
    for table in section.tables:
        title = ["", f"### {_inline(table.folded)}"] if table.folded else []
        lines += [*title, "", *_table(table)]
    for step in section.steps:
        lines += ["", f"### {_inline(one_line(step.title))}"]
        lines += ["", quotation("\n".join(step.diff), "diff")] if step.diff else []
    return lines


def _program(facts: StudyFacts, record: Record) -> list[str]:
    source = quotation(printable(record.program.source), "python")
    steps = [
        f"{number}. {_inline(one_line(step.words))}" for number, step in enumerate(lineage(facts, record), start=1)
    ]
    outcome = record.outcome
    graph = graph_of_json(outcome.graph) if outcome is not None and outcome.graph else None
    words = [] if graph is None or outcome is None else ["", _inline(describe_graph(graph, outcome.params))]
    trained = "" if outcome is None else f"Digest {record.program.digest}, trained with seed {outcome.seed}"
    score = _inline(facts.metric.format(facts.value(record)))
    title = ["", f"### {record.candidate.key}: {score}", "", _inline(one_line(details_of(record)))]
    return [*title, *words, "", *steps, "", trained, "", source]


def _table(table: Table) -> list[str]:
    rule = "|".join(":--" if column in table.left else "--:" for column in range(len(table.headings)))
    rows = [f"| {' | '.join(_inline(cell) for cell in row)} |" for row in table.rows]
    return [f"| {' | '.join(map(_inline, table.headings))} |", f"|{rule}|", *rows]


def _inline(text: str) -> str:
    """Return untrusted text as text: nothing in it is markup, a link or the end of a table cell."""
    line = " ".join(printable(text).split())
    escaped = re.sub(r"([\\`*_|<>~&])", r"\\\1", line)
    return re.sub(r"\](?=[(\[:])", r"\]", escaped)
