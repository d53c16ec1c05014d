"""The sections of a report, in order: HTML and Markdown render the same list.

Another package adds a section by appending a function to SECTIONS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archwright.analysis.dataset import data_lines
from archwright.analysis.finalists import describe_same, summarize_finalists
from archwright.analysis.repairs import describe_answers
from archwright.analysis.report.curves import curves_html, failure_bars, front_html
from archwright.analysis.report.designs import DESIGN_NOTE, EFFECTS_NOTE, coverage_table, effects_table, ranking_table
from archwright.analysis.report.diagnosis import DIAGNOSIS_NOTE, diagnosis_table, statement_table
from archwright.analysis.report.facts import StudyFacts, isolation_levels, judged_admissions
from archwright.analysis.report.lineage import LineageStep, lineage
from archwright.analysis.report.reproduction import REPRODUCTION_NOTE, reproduction
from archwright.analysis.report.short import short_lines
from archwright.analysis.report.tables import (
    CHANGES_NOTE,
    FINALISTS_NOTE,
    FRONT_NOTE,
    REPAIR_NOTE,
    STRUCTURE_NOTE,
    Table,
    adapter_table,
    best_table,
    change_table,
    configuration_table,
    cost_table,
    cycle_table,
    edit_table,
    failure_table,
    final_table,
    front_table,
    repair_table,
    session_table,
    setting_changes,
    structure_table,
)
from archwright.analysis.summary import describe_money
from archwright.analysis.text import count
from archwright.candidate import Record
from archwright.stopping import first_converged


@dataclass(frozen=True, slots=True)
class Section:
    """One section; every text may hold what strangers wrote, so each rendering must escape it."""

    title: str
    notes: Sequence[str] = ()
    tables: Sequence[Table] = ()
    programs: Sequence[Record] = ()
    """Candidates shown with their source, the first one open."""
    steps: Sequence[LineageStep] = ()
    """A lineage, each step shown with the edit that led to it."""
    charts: str = ""
    """HTML of our own, which only the HTML report shows."""
    warnings: Sequence[str] = ()
    """Shown first."""
    lines: Sequence[str] = ()
    """What the section says by itself; notes explain its tables."""
    command: str = ""
    """What somebody types, shown as code behind the notes."""


def _short(facts: StudyFacts) -> Section:
    return Section("In short", warnings=facts.diagnostics.warnings, lines=short_lines(facts))


def _curves(facts: StudyFacts) -> Section | None:
    if not facts.cycles:
        return Section("Curves", ["No candidate has been proposed yet."])
    return Section("Curves", charts=curves_html(facts))


def _cycles(facts: StudyFacts) -> Section:
    note = (
        "In brackets 95 % intervals: Wilson for shares, Student's t for the mean. "
        f"Best, mean and median are of the {facts.metric.name} of valid candidates; rejected are near-duplicates. "
        "J_gen: mean similarity (0 to 1) of a valid candidate to the nearest one accepted before it in its cycle."
    )
    converged = first_converged(facts.cycles, facts.config.loop, facts.metric)
    stopping = "" if converged is None else f"By the stopping rule it had converged after cycle {converged}."
    return Section("Cycles", [note, *filter(None, [stopping])], [cycle_table(facts)])


def _design(facts: StudyFacts) -> Section | None:
    design, coverage = facts.design, facts.coverage
    if design is None or coverage is None:
        return None
    done = (
        f"{count(coverage.done)} of {count(coverage.cells)} cells have an outcome, {count(coverage.valid)} are valid."
    )
    notes, tables, diagram = [f"{done} {DESIGN_NOTE}"], [coverage_table(coverage)], ""
    if design.blocks:
        more, ranks, diagram = ranking_table(facts, design)
        notes, tables = [*notes, *more], [*tables, *ranks]
    if (effects := effects_table(facts, design)) is not None:
        notes, tables = [*notes, EFFECTS_NOTE], [*tables, effects]
    return Section("Design", notes, tables, charts=diagram)


def _best(facts: StudyFacts) -> Section:
    if not facts.best:
        return Section("Best programs", ["No candidate was valid; the failures below say why."])
    return Section("Best programs", tables=[best_table(facts.best, facts.metric)], programs=facts.best)


def _front(facts: StudyFacts) -> Section | None:
    if not facts.fronts:
        return None
    title = f"{facts.metric.name.capitalize()} against cost"
    return Section(title, [FRONT_NOTE], [front_table(facts)], charts=front_html(facts))


def _lineage(facts: StudyFacts) -> Section | None:
    steps = lineage(facts, facts.best[0]) if facts.best else []
    return Section("Lineage of the best", steps=steps) if len(steps) > 1 or any(step.diff for step in steps) else None


def _changes(facts: StudyFacts) -> Section | None:
    if not any(kind.candidates for kind in facts.changes.kinds):
        return None
    noise, spread = facts.changes.noise, facts.metric.format_difference(facts.changes.noise.deviation, "")
    words = (
        "not known: fewer than ten programs were trained with more than one seed"
        if noise.deviation is None
        else f"a standard deviation of {spread} by {count(noise.trainings)} trainings of "
        f"{count(noise.programs)} programs"
    )
    tables = [table for table in (change_table(facts), edit_table(facts)) if table.rows]
    return Section("Change against the parent", [f"{CHANGES_NOTE} Here it is {words}."], tables)


def _decoding(facts: StudyFacts) -> Section | None:
    totals = facts.totals
    said = describe_answers((), totals.asked_again, totals.without_suggestion)
    notes, tables = ([REPAIR_NOTE], [repair_table(facts)]) if totals.repairs else ([], [])
    return Section("Decoding", [*notes, *said], tables) if notes or said else None


def _failures(facts: StudyFacts) -> Section:
    if not facts.failures:
        return Section("Failures", ["No candidate failed."])
    return Section("Failures", tables=[failure_table(facts)], charts=failure_bars(facts))


def _novelty(facts: StudyFacts) -> Section | None:
    judged, config = judged_admissions(facts.records), facts.config.novelty
    if not judged:
        return None

    def beyond(*criteria: str) -> str:
        """Return how many programs all of the criteria would refuse."""
        found = [[getattr(each, name) for name in criteria] for each in judged]
        return count(sum(all(one is not None and one.value > config.threshold for one in each) for each in found))

    rejections = [each.rejections for each in judged if each.rejections is not None]
    mean = f"; {sum(rejections) / len(rejections):.2f} were rejected before each accepted one" if rejections else ""
    traced = sum(each.graph is not None for each in judged)
    graphs = f"; of {count(traced)} that were traced {beyond('graph')} by their graphs" if traced else ""
    note = (
        f"Of {count(len(judged))} judged programs {beyond('lexical')} are beyond {config.threshold:g} by the "
        f"published lexical criterion, {beyond('canonical')} by the canonical one, which renaming, formatting and "
        f"comments do not change, {beyond('lexical', 'canonical')} by both{graphs}. Here {config.criterion} "
        f"decides{mean}."
    )
    return Section("Novelty", [note])


def _structure(facts: StudyFacts) -> Section | None:
    return Section("Structure", [STRUCTURE_NOTE], [structure_table(facts)]) if facts.structure else None


def _diagnostics(facts: StudyFacts) -> Section | None:
    found = facts.diagnostics
    if not found.cycles:
        return None
    tables = [statement_table(found, facts.metric), diagnosis_table(found)]
    return Section("Diagnostics", [DIAGNOSIS_NOTE], tables)


def _costs(facts: StudyFacts) -> Section:
    note = (
        "Seconds of candidates trained side by side add up. Per candidate counts every stage, so the cost of failed "
        "candidates is in the cost of the valid ones."
    )
    notes = [note, words.capitalize() + "."] if (words := describe_money(facts.totals)) else [note]
    return Section("Costs", notes, [cost_table(facts)])


def _tuning(facts: StudyFacts) -> Section | None:
    note = "One row a lesson: pairs of prompt and answer, steps of the optimizer, mean training loss."
    return Section("Fine-tuning", [note], [adapter_table(facts)]) if facts.adapters else None


def _finalists(facts: StudyFacts) -> Section | None:
    if not facts.openings:
        return None
    finalists = summarize_finalists(facts.records, facts.openings[-1], facts.metric)
    notes = [FINALISTS_NOTE, *describe_same(finalists)]
    programs = [each.record for each in finalists]
    return Section("Finalists on the test split", notes, [final_table(facts)], programs)


def _data(facts: StudyFacts) -> Section | None:
    described = (session.environment.get("data") for session in reversed(facts.sessions))
    lines = next((lines for data in described if (lines := data_lines(data))), [])
    return Section("Data", [lines[0].removeprefix("data: "), *lines[1:]]) if lines else None


def _conditions(facts: StudyFacts) -> Section:
    notes = [_isolation(facts), *setting_changes(facts), REPRODUCTION_NOTE]
    tables = [session_table(facts), configuration_table(facts)]
    return Section("Conditions", notes, tables, command=reproduction(facts.config))


def _isolation(facts: StudyFacts) -> str:
    if levels := isolation_levels(facts.records):
        reached = ", ".join(map(str, levels))
        return f"Candidates ran in the sandbox at level {reached} (archwright doctor explains the levels)."
    if not facts.totals.evaluated:
        return "No candidate has been evaluated yet."
    return "No candidate ran in the sandbox: every outcome was known from before, looked up or settled without a run."


SECTIONS: list[Callable[[StudyFacts], Section | None]] = [
    _short,
    _curves,
    _cycles,
    _design,
    _best,
    _front,
    _lineage,
    _changes,
    _decoding,
    _failures,
    _novelty,
    _structure,
    _diagnostics,
    _costs,
    _tuning,
    _finalists,
    _data,
    _conditions,
]
"""Each returns its section of a study, or None where the study has nothing of the kind."""


def sections_of(facts: StudyFacts) -> list[Section]:
    """Return the sections of a study."""
    return [section for make in SECTIONS if (section := make(facts)) is not None]
