"""The report as Markdown: the same facts as the HTML in tables, to be read in a terminal, compared or pasted."""

from __future__ import annotations

import re

from archwright import __version__
from archwright.analysis.report.facts import (
    StudyFacts,
    count_novelty,
    isolation_levels,
    lineage,
    protocol_sentence,
    written_by,
)
from archwright.analysis.report.tables import (
    FINALISTS_NOTE,
    REPAIR_NOTE,
    Table,
    adapter_table,
    configuration_table,
    cost_table,
    cycle_table,
    failure_table,
    final_table,
    repair_table,
    session_table,
)
from archwright.analysis.text import count, one_line, percent, percent_within, printable
from archwright.candidate import Record


def render_markdown(facts: StudyFacts) -> str:
    """Return the whole report as Markdown (GitHub flavour)."""
    loop, totals = facts.config.loop, facts.totals
    lines = [
        f"# {_inline(facts.config.task)}, {_inline(loop.strategy)} with {_inline(loop.generator)}",
        "",
        f"Study {_inline(facts.name)}, seed {facts.config.seed}: **{facts.status}**.",
        f"{count(totals.generated)} candidates, {count(totals.valid)} valid "
        f"({percent_within(totals.valid_rate, totals.valid_interval)}), {count(totals.admitted)} admitted.",
        protocol_sentence(facts),
    ]
    if facts.status == "unfinished":
        lines.append(f"{count(facts.candidates_left)} candidates are still to be evaluated.")
    lines += _section("Cycles", cycle_table(facts))
    lines += [
        "",
        "In brackets 95 % intervals: Wilson for shares, Student's t for the mean. Refused are near-duplicates.",
    ]
    lines += ["", "## Best programs", ""]
    lines += _best(facts) if facts.best else ["No candidate was valid."]
    if facts.totals.repairs:
        lines += [*_section("Decoding", repair_table(facts)), "", REPAIR_NOTE]
    if facts.failures:
        lines += _section("Failures", failure_table(facts))
    novelty = count_novelty(facts)
    if novelty.judged:
        limit = facts.config.novelty.threshold
        lines += [
            "",
            "## Novelty",
            "",
            f"Of {count(novelty.judged)} judged programs {count(novelty.lexical)} are beyond {limit:g} by the lexical "
            f"criterion, {count(novelty.canonical)} by the canonical one, {count(novelty.both)} by both; "
            f"{facts.config.novelty.criterion} decides.",
        ]
    lines += _section("Costs", cost_table(facts))
    if facts.adapters:
        lines += _section("Fine-tuning", adapter_table(facts))
    if facts.openings:
        lines += [*_section("Finalists on the test split", final_table(facts)), "", FINALISTS_NOTE]
    lines += _section("Machine and versions", session_table(facts))
    levels = ", ".join(map(str, isolation_levels(facts.records))) or "none yet"
    lines += ["", f"Sandbox level: {levels}."]
    lines += _section("Configuration", configuration_table(facts))
    lines += ["", f"Written by Archwright {__version__}."]
    return "\n".join(lines) + "\n"


def _best(facts: StudyFacts) -> list[str]:
    rows = [
        (str(r.candidate.key), percent(r.outcome.accuracy), count(r.outcome.params), one_line(written_by(r.candidate)))
        for r in facts.best
        if r.outcome is not None
    ]
    lines = _table(Table(("candidate", "accuracy", "parameters", "written by"), rows, frozenset({0, 3})))
    for record in facts.best:
        lines += _program(facts, record)
    return lines


def _program(facts: StudyFacts, record: Record) -> list[str]:
    source = printable(record.candidate.program.source).strip("\n")
    # The fence is longer than any run of backticks inside, so the source cannot end it.
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    steps = [f"{number}. {_inline(one_line(step))}" for number, step in enumerate(lineage(facts, record), start=1)]
    return ["", f"### {record.candidate.key}", "", *steps, "", f"{fence}python", source, fence]


def _section(title: str, table: Table) -> list[str]:
    return ["", f"## {title}", "", *_table(table)]


def _table(table: Table) -> list[str]:
    rule = "|".join(":--" if column in table.left else "--:" for column in range(len(table.headings)))
    rows = [f"| {' | '.join(_inline(cell) for cell in row)} |" for row in table.rows]
    return [f"| {' | '.join(table.headings)} |", f"|{rule}|", *rows]


def _inline(text: str) -> str:
    """Return untrusted text as text: nothing in it is markup, a link or the end of a table cell."""
    line = " ".join(printable(text).split())
    escaped = re.sub(r"([\\`*_|<>~&])", r"\\\1", line)
    return re.sub(r"\](?=[(\[:])", r"\]", escaped)
