"""`archwright final`: score a study's best programs on the test split, once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.documents import bounds
from archwright.analysis.text import count, one_line, score_within
from archwright.cli.answer import Answer, print_table
from archwright.cli.evaluate import describe_failure
from archwright.errors import ArchwrightError, typed

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.analysis.finalists import Finalist
    from archwright.candidate import Outcome
    from archwright.finals import FinalResult, Scored
    from archwright.task import Metric


def final(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished study.", metavar="DIR")],
    top: Annotated[int | None, typer.Option(min=1, metavar="K", help="So many programs, best first (3).")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=1_000, metavar="N", help="Train each with so many new seeds (3).")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train so long (as in the search); budget.wall_s grows too.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Open the test split once more, for other programs, seeds or epochs.")
    ] = False,
) -> Answer:
    """Train the finalists on train + validation with new seeds and score them on the test split, once.

    Asked again, it shows the recorded figures, or goes on where it was stopped.
    """
    from archwright.cli.running import write_report_of
    from archwright.finals import evaluate_finalists

    try:
        result = evaluate_finalists(folder, top=top, seeds=seeds, epochs=epochs, again=again, on_scored=_tell)
    except KeyboardInterrupt:
        raise ArchwrightError(
            "interrupted", f"what was scored is archived; `{typed('final', folder)}` goes on"
        ) from None
    report, remark = write_report_of(folder)
    return Answer(_describe(result, report), lambda console: _show(console, result, remark))


def _tell(scored: Scored) -> None:
    """Say on standard error what is done as it is done."""
    outcome, key = scored.outcome, scored.record.candidate.key
    failure = outcome.failure
    score = scored.metric.format(outcome.value(scored.metric.name))
    what = f"{failure.kind.value}: {one_line(failure.message, 500)}" if failure else score
    print(f"{scored.done}/{scored.total}  {key}  seed {outcome.seed}  {what}", file=sys.stderr, flush=True)


def _describe(result: FinalResult, report: str | None) -> dict[str, object]:
    """Return the document of `final --json`."""
    opening = result.opening
    return {
        "run": str(result.run),
        "opening": {
            "number": opening.number,
            "of": result.openings,
            "opened_at": opening.opened_at.isoformat(),
            "epochs": opening.epochs,
            "seeds": list(opening.seeds),
        },
        "scored_now": result.scored_now,
        "finalists": [_describe_finalist(finalist, result.metric) for finalist in result.finalists],
        "report": report,
    }


def _describe_finalist(finalist: Finalist, metric: Metric) -> dict[str, object]:
    from archwright.cli.running import describe_record

    mean = finalist.mean
    program = describe_record(finalist.record, metric)
    return {
        **{key: program[key] for key in ("cycle", "index", "digest", "source")},
        f"validation_{metric.name}": program[metric.name],
        "mean": mean.mean,
        "mean_interval": bounds(mean.within(metric.bounds)),
        "same_as": None if finalist.same_as is None else finalist.same_as.program.digest,
        "scores": [_describe_final(outcome, metric) for outcome in finalist.outcomes],
    }


def _describe_final(outcome: Outcome, metric: Metric) -> dict[str, object]:
    from archwright.analysis.finalists import interval_of

    scores = outcome.scores
    return {
        "seed": outcome.seed,
        metric.name: None,
        "interval": bounds(interval_of(outcome, metric)),
        "loss": None,
        **(scores.values if scores else {}),
        "n": scores.n if scores else 0,
        "params": outcome.params,
        "isolation": outcome.isolation,
        "failure": describe_failure(outcome.failure),
    }


def _show(console: Console, result: FinalResult, remark: str) -> None:
    from archwright.analysis.finalists import describe_same, interval_of

    opening, metric = result.opening, result.metric
    rows = []
    for finalist in result.finalists:
        name, mean = str(finalist.record.candidate.key), finalist.mean
        params = count(next((outcome.params for outcome in finalist.outcomes if outcome.is_valid), None))
        selected = metric.format(finalist.record.value(metric.name))
        for outcome in finalist.outcomes:
            value = outcome.value(metric.name)
            score = "failed" if value is None else score_within(metric, value, interval_of(outcome, metric))
            images = count(outcome.scores.n if outcome.scores else 0)
            rows.append((name, params, selected, str(outcome.seed), score, images))
        if mean.interval is not None:
            within = score_within(metric, mean.mean, mean.within(metric.bounds))
            rows.append((name, params, selected, f"mean of {mean.n}", within, ""))
    headings = ("program", "parameters", "validation", "seed", f"test {metric.name}", "images")
    print_table(console, headings, rows, left=(), title="Finalists on the test split")
    for finalist in result.finalists:
        for outcome in finalist.outcomes:
            if outcome.failure is not None:
                key, message = finalist.record.candidate.key, one_line(outcome.failure.message, 500)
                console.print(f"{key}, seed {outcome.seed}: {outcome.failure.kind.value}: {message}", soft_wrap=True)
    for sentence in describe_same(result.finalists):
        console.print(sentence, soft_wrap=True)
    console.print(
        f"Opening {opening.number} of {result.openings} of the test split, {opening.opened_at:%Y-%m-%d %H:%M} UTC, "
        f"{opening.epochs} {'epoch' if opening.epochs == 1 else 'epochs'}. In brackets 95 % intervals: Wilson over the "
        f"images, Student's t over the seeds. The {metric.name} on validation selected the programs and is too good."
    )
    if not result.scored_now:
        console.print("These are the recorded figures; nothing was trained.")
    console.print(remark, soft_wrap=True)
