"""`archwright evaluate`: check, train and score program files."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.documents import picked
from archwright.analysis.text import count, duration, name_of, one_line, printable, score_within
from archwright.candidate import Program
from archwright.cli.answer import Answer, SettingsOption, print_table, quoted
from archwright.errors import UsageError
from archwright.reading import read_source, readable

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.candidate import Failure, Outcome
    from archwright.config import StudyConfig
    from archwright.contracts.contract import Contract
    from archwright.task import Metric


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Python files that define a class Net.", metavar="FILE...")],
    task: Annotated[
        str, typer.Option(help="Data set: a name from `archwright tasks`, or a path.", metavar="NAME|PATH")
    ],
    seeds: Annotated[
        int,
        typer.Option(
            min=1, max=1_000, metavar="N", help="Train each program this many times, with seed, seed + 1, ..."
        ),
    ] = 1,
    protocol: Annotated[str | None, typer.Option(help="holdout or lemur.", metavar="NAME")] = None,
    settings: SettingsOption = None,
) -> Answer:
    """Check, train and score programs; one outcome per file and seed.

    What is wrong with a program is an outcome, not an error, and the others are scored all the same; the exit code is 1
    when one was not valid.
    """
    from archwright.configuring import load_config
    from archwright.registry import CONTRACTS

    config = load_config(settings=[*quoted({"task": task, "data.protocol": protocol}), *(settings or [])])
    contract = CONTRACTS.load(config.loop.contract)
    results = _evaluate_all(files, config, contract, seeds)
    return Answer(
        {"outcomes": [describe_outcome(path, outcome) for path, outcome in results]},
        lambda console: _show(console, results, contract.metric),
        exit_code=0 if all(outcome.is_valid for _, outcome in results) else 1,
    )


def _evaluate_all(
    files: Sequence[Path], config: StudyConfig, contract: Contract, seeds: int
) -> list[tuple[Path, Outcome]]:
    """Return the outcomes by file, then seed; says on standard error what is done as it is done."""
    programs = [Program(_read(path)) for path in files]
    from archwright.cli.steps import load_data
    from archwright.evaluation.evaluator import Job
    from archwright.evaluation.executors import run_jobs

    jobs = [
        Job(number * seeds + repeat, program, config.seed + repeat)
        for number, program in enumerate(programs)
        for repeat in range(seeds)
    ]
    load_data(config.as_task(), sys.stderr)  # Before any process starts: a wrong task ends here.
    outcomes: dict[int, Outcome] = {}
    with closing(contract.start(config, contract.load(config))) as executor:
        for job, outcome in run_jobs(executor, jobs):
            outcomes[job.number] = outcome
            line = _line(files[job.number // seeds], outcome, contract.metric)
            print(printable(f"{len(outcomes)}/{len(jobs)}  {line}"), file=sys.stderr, flush=True)
    return [(files[job.number // seeds], outcomes[job.number]) for job in jobs]


def describe_outcome(path: Path, outcome: Outcome) -> dict[str, object]:
    """Return one entry of `evaluate --json`."""
    scores = outcome.scores
    return {
        "file": str(path),
        "valid": outcome.is_valid,
        "stage": outcome.stage.value,
        "failure": describe_failure(outcome.failure),
        "scores": None if scores is None else {**scores.values, "n": scores.n},
        **picked(outcome, "params", "flops", "seconds", "seed", "protocol", "cached"),
        **picked(outcome, "cpu_s", "gpu_s", "memory_mb", "isolation", "log"),
    }


def describe_failure(failure: Failure | None) -> dict[str, object] | None:
    """Return a failure as it is in every JSON document."""
    return None if failure is None else picked(failure, "stage", "kind", "line", "message")


def _read(path: Path) -> str:
    """Return the text of a file as Python reads it; bytes that it would refuse become surrogates, which the contract
    reports."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", f"give its files: {shlex.quote(str(path))}/*.py")
    with readable(path, "check its permissions"):
        if not path.exists():
            raise UsageError(f"there is no file {path}", "check the path")
        return read_source(path)


def _line(path: Path, outcome: Outcome, metric: Metric) -> str:
    if outcome.failure is not None:
        line = "" if outcome.failure.line is None else f":{outcome.failure.line}"
        message = one_line(outcome.failure.message, limit=500)
        return f"{name_of(path)}{line}: {outcome.failure.stage.value}: {outcome.failure.kind.value}: {message}"
    return f"{name_of(path)}: {metric.name} {metric.format(outcome.value(metric.name))}"


def _time(outcome: Outcome) -> str:
    return "known" if outcome.cached else duration(outcome.seconds.get("total", 0.0))


def _show(console: Console, results: Sequence[tuple[Path, Outcome]], metric: Metric) -> None:
    from archwright.analysis.intervals import t_interval

    headings = ("file", "seed", "reached", metric.name, "parameters", "MFLOPs", "time")
    rows = [
        (
            *(name_of(path), str(outcome.seed), outcome.stage.value, metric.format(outcome.value(metric.name))),
            *(count(outcome.params), count(outcome.flops, per=10**6), _time(outcome)),
        )
        for path, outcome in results
    ]
    print_table(console, headings, rows, left=(0, 2))
    for path in dict.fromkeys(path for path, _ in results):
        values = [outcome.value(metric.name) for of, outcome in results if of == path]
        scores = [value for value in values if value is not None]
        if len(scores) > 1:
            mean = t_interval(scores)
            interval = mean.within(metric.bounds)
            within = score_within(metric, mean.mean, interval)
            console.print(f"{name_of(path)}: mean {metric.name} {within} over {mean.n} seeds", soft_wrap=True)
    for path, outcome in results:
        if outcome.failure is not None:
            console.print(_line(path, outcome, metric), soft_wrap=True)
    for path, note in dict.fromkeys((path, note) for path, outcome in results for note in outcome.notes):
        console.print(f"{name_of(path)}: note: {one_line(note, limit=500)}", soft_wrap=True)
