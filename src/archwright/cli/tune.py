"""`archwright tune`: train an adapter on a corpus."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archwright.analysis.text import count, duration, name_of, share_of
from archwright.cli.answer import Answer, SettingsOption, going_on_with, quoted
from archwright.errors import UsageError, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from archwright.learning.tuning_run import TuningRequest


def tune(
    out: Annotated[Path, typer.Option(help="Folder of the adapter.", metavar="DIR")],
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Folder written by `archwright corpus build`, or a JSON lines file of pairs.", metavar="PATH"
        ),
    ] = None,
    llm: Annotated[
        str | None, typer.Option(help="smollm2-135m (the default), hf:ORG/NAME or a folder.", metavar="MODEL")
    ] = None,
    adapter: Annotated[
        str, typer.Option(help="Continue this adapter: a folder, or default for the one that ships.", metavar="DIR")
    ] = "none",
    held_out: Annotated[
        Path | None, typer.Option(help="Pairs for the held-out loss; a corpus has its own.", metavar="FILE")
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Also teach a corpus's examples as answers for this data set; may be repeated."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="small for a model of about 100M parameters; without it the published ones.", metavar="NAME"),
    ] = None,
    settings: SettingsOption = None,
    samples: Annotated[
        int, typer.Option(min=0, help="Programs sampled after each epoch to see how many are valid.", metavar="N")
    ] = 32,
    seed: Annotated[int, typer.Option(help="Seed of everything random.", metavar="N", min=0)] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in --out as it was begun; other options are ignored.")
    ] = False,
) -> Answer:
    """Train a LoRA adapter on the pairs of a corpus, and see after each epoch what the model then writes.

    With --set loop.generator=delta it is taught the edits of a corpus that was built from studies; another corpus
    teaches how an edit is written, by a random change of every program. Uses a GPU where there is one. Can be killed
    at any time; --resume goes on from the last checkpoint, five minutes old at most.
    """
    from archwright.cli.steps import StepProgress
    from archwright.learning.tuning_run import TuningRun

    if resume:
        run = TuningRun.open(out)
    else:
        request = request_of(out, corpus, llm, adapter, held_out, task or (), preset, settings or (), samples, seed)
        run = TuningRun.begin(request, out)
    with going_on_with(typed("tune", "--out", out, "--resume")), StepProgress(sys.stderr) as progress:
        card = run.run(progress.on_step, lambda epoch: progress.on_pause(describe_epoch(asdict(epoch))))
    return Answer({"adapter": str(out), "card": card}, lambda console: _show(console, out, card))


def request_of(
    out: Path,
    corpus: Path | None,
    llm: str | None,
    adapter: str,
    held_out: Path | None,
    tasks: Sequence[str],
    preset: str | None,
    settings: Sequence[str],
    samples: int,
    seed: int,
) -> TuningRequest:
    """Return what the options ask to train; raises UsageError without a corpus."""
    from archwright.configuring import load_config
    from archwright.learning.tuning_run import TuningRequest

    if corpus is None:
        raise UsageError("there is nothing to train on", "give --corpus, or --resume to go on in --out")
    named = {"llm.model": llm, "llm.adapter": adapter, "seed": seed}
    # Studies of small models sample at this temperature (presets `laptop` and `demo`); section J samples at 0.2.
    config = load_config(preset, [*quoted(named), *settings], base={"llm": {"temperature": 0.8}})
    options = {"corpus": corpus, "llm": llm, "adapter": adapter, "held-out": held_out, "preset": preset}
    words = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    words += [word for task in tasks for word in ("--task", task)]
    words += [word for setting in settings for word in ("--set", setting)]
    command = typed("tune", *words, "--samples", samples, "--seed", seed, "--out", out)
    return TuningRequest(
        corpus=corpus, held_out=held_out, samples=samples, config=config, command=command, tasks=tuple(tasks)
    )


def describe_epoch(epoch: Mapping[str, Any]) -> str:
    """Return what an epoch came to in one line."""
    held_out = "" if epoch["held_out_loss"] is None else f", held out {epoch['held_out_loss']:.3f}"
    line = f"epoch {epoch['epoch']}: loss {epoch['loss']:.3f}{held_out}"
    if not epoch["samples"]:
        return line
    shares = [share_of(epoch["samples"], epoch[name]) for name in ("valid", "within_budget")]
    return f"{line}, valid {shares[0]} of {epoch['samples']}, within the budget {shares[1]}"


def _show(console: Console, out: Path, card: Mapping[str, Any]) -> None:
    for epoch in card["examined"]:
        console.print(describe_epoch(epoch), soft_wrap=True)
    console.print(
        f"{count(card['pairs'])} pairs, {count(card['left_out'])} longer than "
        f"{count(card['config']['max_length'])} tokens left out; {count(card['steps'])} steps, "
        f"{count(card['tokens'])} tokens in {duration(card['train_s'])}.",
        soft_wrap=True,
    )
    console.print(
        f"The adapter is in {name_of(out)}; use it with: --set llm.adapter={shlex.quote(str(out))}", soft_wrap=True
    )
