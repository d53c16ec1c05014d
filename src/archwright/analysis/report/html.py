"""The report as one HTML file: style and charts inline, no scripts, nothing fetched.

Programs, messages and names were written by models and people we do not trust: whatever is not ours is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources

from archwright import __version__
from archwright.analysis.report.curves import curves_html, novelty_html
from archwright.analysis.report.facts import (
    StudyFacts,
    isolation_levels,
    lineage,
    protocol_sentence,
    stages_reached,
    written_by,
)
from archwright.analysis.report.source import source_html
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
from archwright.analysis.text import count, duration, one_line, percent, printable
from archwright.candidate import Record
from archwright.task import Protocol


def render_html(facts: StudyFacts) -> str:
    """Return the whole report as an HTML document."""
    style = (resources.files("archwright.analysis.report") / "style.css").read_text("utf-8")
    title = f"{_task(facts)} · {facts.name}"
    # The policy keeps a report harmless even if something slipped through the escaping.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    sections = [
        _head(facts),
        curves_html(facts),
        _table_section("Cycles", cycle_table(facts), _interval_note()),
        _best(facts),
        _table_section("Decoding", repair_table(facts), REPAIR_NOTE) if facts.totals.repairs else "",
        _failures(facts),
        novelty_html(facts),
        _table_section(
            "Costs",
            cost_table(facts),
            "Seconds of candidates trained side by side add up. Per candidate counts every stage, so the cost of "
            "failed candidates is in the cost of the valid ones.",
        ),
        _table_section("Fine-tuning", adapter_table(facts)) if facts.adapters else "",
        _table_section("Finalists on the test split", final_table(facts), FINALISTS_NOTE) if facts.openings else "",
        _configuration(facts),
        f"<footer>Written by Archwright {__version__} from the archive of this study.</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(facts: StudyFacts) -> str:
    loop = facts.config.loop
    model = f", {facts.config.llm.model}" if any(record.candidate.model for record in facts.records) else ""
    warning = ' class="warning"' if facts.config.data.protocol is Protocol.LEMUR else ""
    unfinished = (
        f"<p>{count(facts.candidates_left)} candidates are still to be evaluated: "
        f"<code>archwright resume {_safe(facts.name)}</code> goes on.</p>"
        if facts.status == "unfinished"
        else ""
    )
    return (
        f"<h1>{_safe(_task(facts))}, {_safe(loop.strategy)} with {_safe(loop.generator)}"
        f'<span class="pill {facts.status}">{facts.status}</span></h1>'
        f'<p class="sub">Study {_safe(facts.name)}{_safe(model)}, seed {facts.config.seed}</p>'
        f"{_figures(facts)}<p{warning}>{_safe(protocol_sentence(facts))}</p>{unfinished}"
    )


def _figures(facts: StudyFacts) -> str:
    totals, best = facts.totals, facts.best[0] if facts.best else None
    overall = totals.overall
    finished = sum(cycle.is_finished for cycle in facts.cycles)
    of_best = "no candidate was valid"
    if best is not None and best.outcome is not None:
        of_best = f"candidate {best.candidate.key}, {count(best.outcome.params)} parameters"
    interval = totals.valid_interval
    figures = [
        ("Best accuracy", percent(best.outcome.accuracy if best and best.outcome else None), of_best),
        (
            "Valid",
            percent(totals.valid_rate),
            f"{count(totals.valid)} of {count(totals.evaluated)} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]",
        ),
        ("Admitted", count(totals.admitted), f"in {finished} of {facts.config.loop.cycles} cycles"),
        ("Compute", duration(overall.cpu_s + overall.gpu_s), f"CPU and GPU; {count(overall.tokens)} tokens"),
    ]
    cards = "".join(
        f"<div><dt>{label}</dt><dd>{_safe(value)}<small>{_safe(detail)}</small></dd></div>"
        for label, value, detail in figures
    )
    return f'<dl class="figures">{cards}</dl>'


def _best(facts: StudyFacts) -> str:
    if not facts.best:
        return "<h2>Best programs</h2><p>No candidate was valid; the failures below say why.</p>"
    entries = "".join(_program(facts, record, is_open=place == 0) for place, record in enumerate(facts.best))
    return f"<h2>Best programs</h2>{entries}"


def _program(facts: StudyFacts, record: Record, *, is_open: bool) -> str:
    candidate, outcome = record.candidate, record.outcome
    assert outcome is not None
    verdict = record.admission.reason.value.replace("_", " ") if record.admission else "not judged yet"
    details = ", ".join(
        (
            f"{count(outcome.params)} parameters",
            f"{count(None if outcome.flops is None else outcome.flops / 1e6)} MFLOPs",
            f"{duration(outcome.seconds.get('total', 0.0))}",
            written_by(candidate),
            verdict,
        )
    )
    steps = "".join(f"<li>{_safe(one_line(step))}</li>" for step in lineage(facts, record))
    prompt = ""
    if candidate.prompt:
        prompt = f"<details><summary>Prompt</summary><pre>{_safe(candidate.prompt)}</pre></details>"
    return (
        f"<details{' open' if is_open else ''}><summary>{candidate.key}: {percent(outcome.accuracy)}"
        f"<span>{_safe(one_line(details))}</span></summary>"
        f"<pre><code>{source_html(candidate.program.source)}</code></pre>"
        f'<div class="note">Lineage<ol>{steps}</ol>Digest {candidate.program.digest}, trained with seed {outcome.seed}'
        f"</div>{prompt}</details>"
    )


def _failures(facts: StudyFacts) -> str:
    if not facts.failures:
        return "<h2>Failures</h2><p>No candidate failed.</p>"
    reached = stages_reached(facts.records)
    most = reached[0][1]
    bars = "".join(
        f'<b>{stage.value}</b><span style="width:{100 * entered / most:.1f}%;'
        f'--passed:{100 * (entered - failed) / entered if entered else 0:.1f}%"></span>'
        f"<em>{count(failed)} of {count(entered)} failed</em>"
        for stage, entered, failed in reached
        if entered
    )
    return (
        '<h2>Failures</h2><p class="note">How far candidates got: each bar is what entered a stage, '
        f'its red end what failed there.</p><div class="panel bars">{bars}</div><p></p>{_table(failure_table(facts))}'
    )


def _configuration(facts: StudyFacts) -> str:
    levels = ", ".join(map(str, isolation_levels(facts.records))) or "none yet"
    return (
        f"<h2>Conditions</h2><p>Candidates ran in the sandbox at level {levels} "
        "(<code>archwright doctor</code> explains the levels).</p>"
        f"<details><summary>Machine and versions</summary>{_table(session_table(facts))}</details>"
        f"<details><summary>Configuration</summary>{_table(configuration_table(facts))}</details>"
    )


def _table_section(title: str, table: Table, note: str = "") -> str:
    remark = f'<p class="note">{_safe(note)}</p>' if note else ""
    return f"<h2>{title}</h2>{remark}{_table(table)}"


def _table(table: Table) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="l">{_safe(cell)}</{tag}>' if column in table.left else f"<{tag}>{_safe(cell)}</{tag}>"
            for column, cell in enumerate(row)
        )

    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    head = cells("th", table.headings)
    return f'<div class="panel"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _interval_note() -> str:
    return (
        "In brackets 95 % intervals: Wilson for shares, Student's t for the mean. "
        "Accuracies are of valid candidates; refused are near-duplicates."
    )


def _task(facts: StudyFacts) -> str:
    return facts.config.task


def _safe(text: str) -> str:
    return escape(printable(text))
