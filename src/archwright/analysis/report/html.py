"""The report as one HTML file: style and charts inline, no scripts, nothing fetched.

Programs, messages and names were written by models and people we do not trust: whatever is not ours is escaped here.
"""

from collections.abc import Sequence
from html import escape
from importlib import resources

from archwright import __version__
from archwright.analysis.drawing import draw_graph
from archwright.analysis.report.facts import StudyFacts, details_of, protocol_sentence
from archwright.analysis.report.lineage import LineageStep, lineage
from archwright.analysis.report.sections import Section, sections_of
from archwright.analysis.report.source import source_html
from archwright.analysis.report.tables import Table
from archwright.analysis.text import count, duration, one_line, percent, printable
from archwright.analysis.wording import describe_graph
from archwright.candidate import Record
from archwright.errors import typed
from archwright.programs.graph import graph_of_json
from archwright.task import SplitProtocol


def render_html(facts: StudyFacts) -> str:
    """Return the whole report as an HTML document."""
    return page(
        f"{facts.subject} · {facts.name}",
        [
            _head(facts),
            *(section_html(section, _programs(facts, section.programs)) for section in sections_of(facts)),
            f"<footer>Written by Archwright {__version__} from the archive of this study.</footer>",
        ],
    )


def page(title: str, parts: Sequence[str]) -> str:
    """Return an HTML document with our style, of parts that are HTML already."""
    style = (resources.files("archwright.analysis.report") / "style.css").read_text("utf-8")
    # The policy keeps a report harmless even if something slipped through the escaping.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(facts: StudyFacts) -> str:
    warning = ' class="warning"' if facts.config.data.protocol is SplitProtocol.LEMUR else ""
    unfinished = (
        f"<p>{count(facts.candidates_left)} candidates are still to be evaluated: "
        f"<code>{_safe(typed('resume', facts.name))}</code> goes on.</p>"
        if facts.status == "unfinished"
        else ""
    )
    return (
        f'<h1>{_safe(facts.heading)}<span class="pill {facts.status}">{facts.status}</span></h1>'
        f'<p class="sub">{_safe(facts.subtitle)}</p>'
        f"{_figures(facts)}<p{warning}>{_safe(protocol_sentence(facts))}</p>{unfinished}"
    )


def _figures(facts: StudyFacts) -> str:
    totals, best = facts.totals, facts.best[0] if facts.best else None
    overall = totals.overall
    finished = sum(cycle.is_finished for cycle in facts.cycles)
    of_best = "no candidate was valid"
    if best is not None and best.outcome is not None:
        has = "" if best.outcome.params is None else f", {count(best.outcome.params)} parameters"
        of_best = f"candidate {best.candidate.key}{has}"
    interval = totals.valid_interval
    figures = [
        (f"Best {facts.metric.name}", facts.metric.format(facts.value(best) if best else None), of_best),
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


def section_html(section: Section, programs: str = "") -> str:
    """Return a section as HTML, with its `programs` below it."""
    notes = "".join(f'<p class="warning">{_safe(warning)}</p>' for warning in section.warnings)
    notes += "".join(f"<p>{_safe(line)}</p>" for line in section.lines)
    notes += "".join(f'<p class="note">{_safe(note)}</p>' for note in section.notes)
    notes += f"<pre><code>{_safe(section.command)}</code></pre>" if section.command else ""
    tables = "".join(_table(table) for table in section.tables)
    steps = "".join(_step(step) for step in section.steps)
    return f"<h2>{_safe(section.title)}</h2>{notes}{section.charts}{tables}{steps}{programs}"


def _step(step: LineageStep) -> str:
    title = _safe(one_line(step.title))
    lines = "\n".join(_diff_line(line) for line in step.diff)
    if not lines:
        return f'<p class="note">{title}</p>'
    return f"<details open><summary>{title}</summary><pre><code>{lines}</code></pre></details>"


def _diff_line(line: str) -> str:
    kind = {"+": "added", "-": "deleted", "@": "c"}.get(line[:1])
    return _safe(line) if kind is None else f'<span class="{kind}">{_safe(line)}</span>'


def _programs(facts: StudyFacts, records: Sequence[Record]) -> str:
    return "".join(_program(facts, record, is_open=place == 0) for place, record in enumerate(records))


def _program(facts: StudyFacts, record: Record, *, is_open: bool) -> str:
    candidate, outcome = record.candidate, record.outcome
    assert outcome is not None
    steps = "".join(f"<li>{_safe(one_line(step.words))}</li>" for step in lineage(facts, record))
    prompts = "".join(
        f"<details><summary>Prompt of the {_safe(call.role)}</summary><pre>{_safe(call.prompt)}</pre></details>"
        for call in candidate.calls
    )
    score = _safe(facts.metric.format(facts.value(record)))
    graph = graph_of_json(outcome.graph) if outcome.graph else None
    drawing = ""
    if graph is not None:
        drawn = draw_graph(graph, f"The graph of candidate {candidate.key}")
        drawing = f'<p class="note">{_safe(describe_graph(graph, outcome.params))}</p>' + (
            f"<details><summary>Its graph</summary>{drawn}</details>" if drawn else ""
        )
    return (
        f"<details{' open' if is_open else ''}><summary>{candidate.key}: {score}"
        f"<span>{_safe(one_line(details_of(record)))}</span></summary>"
        f"{drawing}<pre><code>{source_html(record.program.source)}</code></pre>"
        f'<div class="note">Lineage<ol>{steps}</ol>Digest {record.program.digest}, trained with seed {outcome.seed}'
        f"</div>{prompts}</details>"
    )


def _table(table: Table) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="l">{_safe(cell)}</{tag}>' if column in table.left else f"<{tag}>{_safe(cell)}</{tag}>"
            for column, cell in enumerate(row)
        )

    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    head = cells("th", table.headings)
    panel = f'<div class="panel"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"<details><summary>{_safe(table.folded)}</summary>{panel}</details>" if table.folded else panel


def _safe(text: str) -> str:
    return escape(printable(text))
