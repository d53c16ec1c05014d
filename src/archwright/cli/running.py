"""Runs a study under a progress display and says at the end what was found, for `search` and `resume`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.analysis.documents import picked
from archwright.analysis.repairs import describe_answers
from archwright.analysis.summary import describe_money
from archwright.analysis.text import NOTHING, duration, name_of, percent, printable
from archwright.cli.answer import Answer, going_on_with, print_table
from archwright.cli.live import LiveProgress
from archwright.cli.plain import PlainProgress
from archwright.cli.progress import Progress
from archwright.errors import ArchwrightError, typed

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.candidate import Record
    from archwright.events import Observer
    from archwright.journal import StudyResult
    from archwright.study import Study
    from archwright.task import Metric

UNFINISHED = ("interrupted", "limit")
"""Reasons why a study ends that call for `resume`."""
SOURCE_LINES = 80
"""Lines of the best program shown on the terminal; the report has all of it."""


def run_study(folder: Path, start: Callable[[Sequence[Observer]], Study]) -> Answer:
    """Return the answer for the study that `start` creates or opens with the given observers.

    Exit code 1 when it was interrupted or stopped at a limit.
    """
    from archwright.archive.database import holds_study

    progress = Progress()
    # The loop handles Ctrl-C itself; before and after it a model is loaded, for example.
    with (
        going_on_with(typed("resume", folder), lambda: holds_study(folder)),
        display_of(progress) as observer,
        start([observer]) as study,
    ):
        progress.recall(study.result())
        result = study.run()
    report, remark = write_report_of(folder)
    document = {
        "run": str(folder),
        "reason": result.reason,
        "cycles": [cycle.as_json() for cycle in result.cycles],
        "best": [describe_record(record, result.metric) for record in result.best],
        "totals": result.totals.as_json(),
        "report": report,
    }
    if result.limit is not None:
        document["limit"] = str(result.limit.in_folder(folder))
    exit_code = 1 if result.reason in UNFINISHED else 0
    return Answer(document, lambda console: _show(console, result, remark), exit_code)


def display_of(progress: Progress) -> LiveProgress | PlainProgress:
    """Return what shows `progress` on standard error."""
    return LiveProgress(progress, sys.stderr) if sys.stderr.isatty() else PlainProgress(progress, sys.stderr)


def describe_record(record: Record, metric: Metric) -> dict[str, object]:
    """Return one entry of `best` in `search --json`."""
    candidate, outcome = record.candidate, record.outcome
    return {
        **picked(candidate.key, "cycle", "index"),
        "digest": record.program.digest,
        metric.name: record.value(metric.name),
        "params": None if outcome is None else outcome.params,
        "flops": None if outcome is None else outcome.flops,
        "admitted": record.is_admitted,
        **picked(candidate, "generator", "operation"),
        "model": candidate.writer.model if candidate.writer else None,
        "adapter": candidate.writer.adapter if candidate.writer else None,
        "facts": dict(candidate.facts),
        "parents": list(candidate.parents),
        "source": record.program.source,
    }


def write_report_of(folder: Path) -> tuple[str | None, str]:
    """Return the HTML report's path, or None, and the sentence about it; results are safe in the archive either way."""
    from archwright.analysis.report import write_report

    try:
        path = str(write_report(folder).html)
    except (OSError, ArchwrightError) as error:
        return None, f"The report could not be written: {error}"
    return path, f"Report: {name_of(path)}"


def _show(console: Console, result: StudyResult, remark: str) -> None:
    from archwright.analysis.report.tables import best_table

    metric = result.metric
    rows = []
    for cycle in result.cycles:
        counts = (cycle.cycle, cycle.generated, cycle.valid, cycle.admitted, cycle.rejections)
        scores = (cycle.best, cycle.mean, cycle.median)
        repeated = NOTHING if cycle.repetition is None else f"{cycle.repetition:.2f}"
        rows.append((*map(str, counts), *map(metric.format, scores), percent(cycle.above_threshold), repeated))
    counted = ("cycle", "candidates", "valid", "admitted", "rejected")
    headings = (*counted, "best", "mean", "median", "above threshold", "J_gen")
    print_table(console, headings, rows, left=(), title="Cycles")
    if result.best:
        best = best_table(result.best, metric)
        print_table(console, best.headings, best.rows, left=(3,), title="Best programs")
        lines = printable(result.best[0].program.source).strip().split("\n")
        console.print("\n".join(lines[:SOURCE_LINES]), soft_wrap=True, style="dim")
    else:
        console.print("No program was valid.")
    overall = result.totals.overall
    console.print(
        f"{result.totals.generated} candidates, {result.totals.valid} valid, {result.totals.admitted} admitted; "
        f"{duration(overall.wall_s)} of work, {overall.tokens:,} tokens."
    )
    for sentence in describe_answers(
        result.totals.repairs, result.totals.asked_again, result.totals.without_suggestion
    ):
        console.print(sentence, soft_wrap=True)
    if words := describe_money(result.totals):
        console.print(f"{words.capitalize()}.", soft_wrap=True)
    console.print(remark, soft_wrap=True)
    if result.reason not in UNFINISHED and result.best:
        final = typed("final", result.run)
        console.print(f"To score the best on the test split, once: {final}", soft_wrap=True)
    if result.reason == "converged":
        more = typed("resume", result.run, "--set", f"loop.cycles={2 * len(result.cycles)}")
        console.print(f"Converged: the last cycles were no better. For more of them: {more}", soft_wrap=True)
    if result.reason == "interrupted":
        console.print(f"Interrupted. Go on with: {typed('resume', result.run)}", soft_wrap=True)
    if result.limit is not None:
        console.print(f"Stopped: {result.limit.in_folder(result.run)}", soft_wrap=True)
