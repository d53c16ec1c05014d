"""`archwright corpus`: build a corpus of training pairs, and look into one."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from archwright.analysis.text import count, name_of, one_line, percent
from archwright.cli.answer import Answer, print_table
from archwright.cli.steps import LINE_S, bars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from archwright.corpus.funnel import Funnel
    from archwright.corpus.store import Corpus, Example

app = typer.Typer(help="Build a corpus of training pairs, and look into one.", rich_markup_mode=None)

PAPER = {"records": 109_913, "clusters": 1_065, "examples": 849, "pairs": 1_698}
"""Appendix B of the closed-loop paper; what it calls records are stored results, not programs."""


@app.command(short_help="import, deduplicate, convert and verify")
def build(
    sources: Annotated[
        list[str],
        typer.Option(
            "--from",
            help="lemur, seeds (our own networks), a folder of Python files, or a study; may be repeated.",
            metavar="SOURCE",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the corpus; one begun there goes on.", metavar="DIR")],
    wheel: Annotated[
        Path | None, typer.Option(help="LEMUR's wheel; without it pip downloads it once (103 MB).", metavar="FILE")
    ] = None,
    mutations: Annotated[
        int, typer.Option(min=0, help="Verified mutations of each training example to add.", metavar="N")
    ] = 0,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Also verify at this task's shape (CIFAR-10's and MNIST's always); may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Programs verified at once; 0: one per core.", metavar="N")] = 0,
) -> Answer:
    """Import programs, keep one of every cluster of near-duplicates, and verify that each builds and runs.

    Can be killed at any time; the same command goes on where it stopped. With more mutations or tasks it adds to the
    corpus that is there.
    """
    from archwright.config import SandboxConfig
    from archwright.corpus import funnel
    from archwright.corpus.shapes import TaskShape
    from archwright.evaluation.data import load_spec

    shapes = [TaskShape.of(load_spec(name)) for name in task or ()]
    with _progress() as on_progress:
        found = funnel.build(
            out,
            sources,
            wheel=wheel,
            sandbox=SandboxConfig(workers=workers),
            mutations=mutations,
            shapes=shapes,
            on_progress=on_progress,
        )
    return Answer({"corpus": str(out), "funnel": asdict(found)}, lambda console: _show_funnel(console, found))


@app.command(short_help="what is in a corpus")
def show(
    folder: Annotated[Path, typer.Argument(help="Folder of the corpus.", metavar="DIR")],
    program: Annotated[str | None, typer.Option(help="One program: its fate and its trials.", metavar="NAME")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="The best published trials on this data set, as LEMUR calls it.", metavar="NAME")
    ] = None,
    epoch: Annotated[int | None, typer.Option(help="Only trials of so many epochs.", metavar="N")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many examples or trials to list.", metavar="N")] = 20,
    llm: Annotated[
        str | None, typer.Option(help="Count the pairs' tokens by this model's tokenizer.", metavar="M")
    ] = None,
) -> Answer:
    """Show the funnel and the best examples of a corpus, its best published trials, or what is known of one program."""
    from archwright.corpus.funnel import measure
    from archwright.corpus.store import Corpus

    with Corpus.open(folder) as corpus:
        if program is not None:
            return _one_program(corpus, program, dataset, epoch, top)
        if dataset is not None or epoch is not None:
            return _best_trials(corpus, dataset, epoch, top)
        found = measure(corpus)
        accuracies = {each.name: each.accuracy for each in corpus.programs()}
        examples = [
            {
                "program": example.program,
                "accuracy": accuracies[example.program],
                "params": {str(shape): params for shape, params in example.params.items()},
                "split": example.split,
            }
            for example in [each for each in corpus.examples() if not each.is_mutation][:top]
        ]
        distributions = _lengths(corpus, llm) if llm is not None else []
    document = {"corpus": str(folder), "funnel": asdict(found), "examples": examples, "lengths": distributions}

    def show_all(console: Console) -> None:
        _show_funnel(console, found)
        _show_rows(console, distributions)
        _show_rows(console, examples)

    return Answer(document, show_all)


def _lengths(corpus: Corpus, model: str) -> list[dict[str, object]]:
    """Return how long the pairs of each side and form are in tokens, in any size and within the usual budget."""
    from archwright.corpus.pairs import FORMS, Side, lengths, pairs_from
    from archwright.task import Budget

    rows: list[dict[str, object]] = []
    for budget in (Budget(max_params=0), Budget()):
        for form in FORMS:
            for side in get_args(Side):
                pairs = [each.pair for each in pairs_from(corpus, budget=budget, forms=[form], side=side)]
                found = lengths(pairs, model)
                if found is not None:
                    rows.append({"max_params": budget.max_params, "form": form, "split": side, **asdict(found)})
    return rows


def _best_trials(corpus: Corpus, dataset: str | None, epoch: int | None, top: int) -> Answer:
    from heapq import nlargest
    from operator import attrgetter

    from archwright.errors import UsageError

    trials = nlargest(top, corpus.trials(dataset=dataset, epoch=epoch), key=attrgetter("accuracy"))
    if not trials:
        raise UsageError("no trial was published of that", f"choose among: {', '.join(corpus.datasets()) or 'none'}")
    rows = [asdict(trial) for trial in trials]
    return Answer({"trials": rows}, lambda console: _show_trials(console, rows))


def _one_program(corpus: Corpus, name: str, dataset: str | None, epoch: int | None, top: int) -> Answer:
    from archwright.errors import UnknownNameError

    programs = {each.name: each for each in corpus.programs()}
    if name not in programs:
        raise UnknownNameError.of("program", name, programs)
    found = programs[name]
    representative, step, reason = corpus.fates()[name]
    example = next((each for each in corpus.examples() if each.name == name), None)
    with closing(corpus.trials(program=name, dataset=dataset, epoch=epoch)) as found_trials:
        trials = [asdict(trial) for trial in islice(found_trials, top)]
    document = {
        **asdict(found),
        "representative": representative,
        "step": step,
        "reason": reason,
        "example": None if example is None else _example(example),
        "trials": trials,
    }

    def show_one(console: Console) -> None:
        console.print(
            f"{name_of(name)} ({found.origin}; licence {found.licence or 'unknown'}): "
            f"accuracy {percent(found.accuracy)}"
        )
        if step is not None:
            console.print(f"left at {step}: {one_line(reason or '')}", soft_wrap=True)
        elif example is None and representative != name:
            console.print(f"represented by {name_of(representative)}")
        if example is not None:
            console.print(example.compact or example.full)
        _show_trials(console, trials)

    return Answer(document, show_one)


def _example(example: Example) -> dict[str, object]:
    document = {name: getattr(example, name) for name in ("name", "compact", "full", "split")}
    return document | {"params": {str(shape): params for shape, params in example.params.items()}}


def _show_funnel(console: Console, found: Funnel) -> None:
    from archwright.corpus.conversion import BUDGET
    from archwright.task import Budget

    rows = (
        ("published results", found.trials, count(PAPER["records"])),
        ("programs", found.programs, ""),
        ("different as text", found.distinct, ""),
        ("one of every cluster (lexical, as published)", found.clusters, count(PAPER["clusters"])),
        ("with the contract", found.converted, count(PAPER["examples"])),
        ("that run forward at 3x32x32", found.any_size, ""),
        (f"with at most {BUDGET.max_params:,} parameters", found.running, ""),
        ("canonically distinct: examples", found.examples, ""),
        ("of those held out", found.held_out, ""),
        (f"examples with at most {Budget().max_params:,} parameters", found.small, ""),
        ("verified mutations", found.mutations, ""),
        ("pairs: both forms, both wordings", found.pairs, count(PAPER["pairs"])),
    )
    shown = [(label, count(ours), paper) for label, ours, paper in rows]
    print_table(console, ("step", "ours", "paper (appendix B)"), shown)
    for step, reasons in found.dropped.items():
        listed = ", ".join(f"{reason} {number:,}" for reason, number in list(reasons.items())[:8])
        console.print(f"left at {step}: {listed}", soft_wrap=True)


def _show_trials(console: Console, trials: Sequence[Mapping[str, Any]]) -> None:
    columns = ("architecture", "dataset", "epoch", "metric", "accuracy", "batch", "transform")
    rows = [{name: trial[name] for name in columns} for trial in trials]
    _show_rows(console, rows)


def _show_rows(console: Console, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        print_table(console, rows[0], [map(_cell, row.values()) for row in rows], left=range(len(rows[0])))


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(each)}" for key, each in value.items())
    return f"{value:.3f}" if isinstance(value, float) else one_line(str(value))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give what shows the progress of a build on standard error: bars on a terminal, a line now and then elsewhere."""
    if not sys.stderr.isatty():
        written = time.monotonic()

        def on_line(step: str, done: int, total: int) -> None:
            nonlocal written
            if done == total or time.monotonic() - written >= LINE_S:
                written = time.monotonic()
                print(f"{step}: {done}/{total}", file=sys.stderr, flush=True)

        yield on_line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with bars(sys.stderr, *columns) as on_progress:
        yield on_progress
