"""`archwright final`: score a study's best programs on the test split, once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count, one_line, percent, percent_within
from archwright.cli.answer import Answer, DebugFlag, JsonFlag
from archwright.cli.evaluate import describe_failure
from archwright.errors import ArchwrightError

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.analysis.finalists import Finalist
    from archwright.analysis.intervals import Interval
    from archwright.archive import FinalRow
    from archwright.finals import FinalResult, Scored


def final(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished study.", metavar="DIR")],
    top: Annotated[int | None, typer.Option(min=1, metavar="K", help="So many programs, best first (3).")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train each with so many new seeds (3).")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train so long (as in the search); budget.wall_s grows too.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Open the test split once more, for other programs, seeds or epochs.")
    ] = False,
    json: JsonFlag = False,
    debug: DebugFlag = False,
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
            "interrupted", f"what was scored is archived; `archwright final {folder}` goes on"
        ) from None
    report, remark = write_report_of(folder)
    return Answer(_describe(result, report), lambda console: _show(console, result, remark))


def _tell(scored: Scored) -> None:
    """Say on standard error what is done as it is done."""
    outcome, key = scored.outcome, scored.record.candidate.key
    failure = outcome.failure
    what = f"{failure.kind.value}: {one_line(failure.message, 500)}" if failure else percent(outcome.accuracy)
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
        "finalists": [_describe_finalist(finalist) for finalist in result.finalists],
        "report": report,
    }


def _describe_finalist(finalist: Finalist) -> dict[str, object]:
    from archwright.cli.running import describe_record

    mean = finalist.mean
    program = describe_record(finalist.record)
    return {
        **{key: program[key] for key in ("cycle", "index", "digest", "source")},
        "validation_accuracy": program["accuracy"],
        "mean": mean.mean,
        "mean_interval": _pair(mean.interval.within(0.0, 1.0) if mean.interval else None),
        "scores": [_describe_final(final) for final in finalist.finals],
    }


def _describe_final(final: FinalRow) -> dict[str, object]:
    from archwright.analysis.finalists import accuracy_interval

    failure = final.failure
    return {
        "seed": final.seed,
        "accuracy": final.accuracy,
        "interval": _pair(accuracy_interval(final)),
        "loss": final.loss,
        "n": final.n,
        "params": final.params,
        "isolation": final.isolation,
        "failure": None if failure is None else describe_failure(failure),
    }


def _show(console: Console, result: FinalResult, remark: str) -> None:
    from rich.table import Table

    from archwright.analysis.finalists import accuracy_interval

    opening = result.opening
    table = Table(title="Finalists on the test split", title_justify="left")
    for heading in ("program", "parameters", "validation", "seed", "test accuracy", "images"):
        table.add_column(heading, justify="right")
    for finalist in result.finalists:
        outcome = finalist.record.outcome
        name = str(finalist.record.candidate.key)
        params = count(next((final.params for final in finalist.finals if final.n), None))
        selected, mean = percent(outcome.accuracy if outcome else None), finalist.mean
        for final in finalist.finals:
            accuracy = percent_within(final.accuracy, accuracy_interval(final)) if final.n else "failed"
            table.add_row(name, params, selected, str(final.seed), accuracy, count(final.n))
        if mean.interval is not None:
            within = percent_within(mean.mean, mean.interval.within(0.0, 1.0))
            table.add_row(name, params, selected, f"mean of {mean.n}", within, "", style="bold")
        table.add_section()
    console.print(table)
    for finalist in result.finalists:
        for final in finalist.finals:
            if final.failure is not None:
                key, message = finalist.record.candidate.key, one_line(final.failure.message, 500)
                console.print(f"{key}, seed {final.seed}: {final.failure.kind.value}: {message}", soft_wrap=True)
    console.print(
        f"Opening {opening.number} of {result.openings} of the test split, {opening.opened_at:%Y-%m-%d %H:%M} UTC, "
        f"{opening.epochs} {'epoch' if opening.epochs == 1 else 'epochs'}. In brackets 95 % intervals: Wilson over the "
        "images, Student's t over the seeds. The accuracy on validation selected the programs and is too good."
    )
    if not result.scored_now:
        console.print("These are the recorded figures; nothing was trained.")
    console.print(remark, soft_wrap=True)


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]
