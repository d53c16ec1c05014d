"""`archwright cells`: the search spaces of NAS-Bench-101 and NAS-Bench-201."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count, name_of
from archwright.cli.answer import Answer, SettingsOption, going_on_with, print_table
from archwright.cli.cells_network import network
from archwright.cli.cells_search import search
from archwright.errors import UnknownNameError, UsageError, typed

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.cells.autoencoder.training import EpochReport
    from archwright.cells.run import CellRun

ArraysOption = Annotated[Path | None, typer.Option(help="Write the cells' arrays to this file (npz).", metavar="FILE")]

app = typer.Typer(help="The search spaces of NAS-Bench-101 and NAS-Bench-201.", rich_markup_mode=None)
app.command(short_help="find a benchmark's best cell by few queries")(search)
app.command(short_help="write the found cell as a program")(network)


@app.command(short_help="find every cell of a space from its rules")
def enumerate(  # noqa: A001  # the command's name
    space: Annotated[str, typer.Argument(help="nasbench101 or nasbench201.", metavar="SPACE")],
    out: ArraysOption = None,
) -> Answer:
    """Find every cell of a space from its rules alone; of isomorphic cells of NAS-Bench-101 only one is kept."""
    import numpy as np

    from archwright.cells import SPACES

    if space not in SPACES:
        raise UnknownNameError.of("space", space, SPACES)
    started = time.perf_counter()
    cells = SPACES[space].enumerate_cells()
    seconds = time.perf_counter() - started
    if out is not None:
        cells.save(out)
    vertices, counts = np.unique((cells.operations_nv >= 0).sum(1), return_counts=True)
    by_vertices = dict(zip(vertices.tolist(), counts.tolist(), strict=True))
    document = {
        "space": space,
        "cells": len(cells),
        "by_vertices": {str(number): found for number, found in by_vertices.items()},
        "seconds": round(seconds, 3),
        "file": None if out is None else str(out),
    }

    def show(console: Console) -> None:
        rows = [(str(number), count(found)) for number, found in [*by_vertices.items(), ("all", len(cells))]]
        print_table(console, ("vertices", "cells"), rows, left=())
        console.print(
            f"{space}: {count(len(cells))} cells in {seconds:.1f} s" + (f", written to {name_of(out)}" if out else "")
        )

    return Answer(document, show)


@app.command(short_help="train the models that generate a space's cells")
def train(
    space: Annotated[str, typer.Argument(help="nasbench101 or nasbench201.", metavar="SPACE")],
    out: Annotated[Path, typer.Option(help="Folder of the models.", metavar="DIR")],
    preset: Annotated[
        str, typer.Option(help="default: what measures best | published: as in the paper.", metavar="NAME")
    ] = "default",
    settings: SettingsOption = None,
    autoencoder: Annotated[
        Path | None,
        typer.Option(help="Train a prior only, over the autoencoder of this folder written by train.", metavar="DIR"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random, the split included.", metavar="N", min=0)] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in --out as it was begun; other options are ignored.")
    ] = False,
) -> Answer:
    """Train the models that generate a space's cells: the autoencoder writes a cell as a sequence of codes, the prior
    generates such sequences.

    A tenth of the cells is held out. Uses a GPU where there is one. Can be killed at any time; --resume goes on from
    the last checkpoint, a minute old at most (five with the language model). Keys for --set: autoencoder.decoder
    (joint or product), autoencoder.positions, autoencoder.readout (all or last), autoencoder.codebook (average or
    gradient), autoencoder.schedule (cosine or constant), autoencoder.epochs, autoencoder.batch; prior.kind (decoder,
    t5 or llm), prior.epochs, prior.batch, prior.lr, prior.sequences (training cells it learns from), prior.checkpoint
    (of a pretrained t5), prior.model (for llm).
    """
    from archwright.cells.run import PRESETS, CellConfig, CellRun
    from archwright.cli.steps import StepProgress
    from archwright.configuring import configure

    if resume:
        run = CellRun.open(out)
        if run.space != space:
            raise UsageError(f"the models in {out} are of {run.space}", f"write {run.space} in place of {space}")
    else:
        if preset not in PRESETS:
            raise UnknownNameError.of("preset", preset, PRESETS)
        source = None if autoencoder is None else CellRun.open(autoencoder)
        if source is not None and any(setting.startswith("autoencoder.") for setting in settings or ()):
            raise UsageError(f"the autoencoder in {autoencoder} is taken as it is", "leave its settings out")
        config = configure(CellConfig, PRESETS[preset], settings or ())
        run = CellRun.begin(out, space, seed, config, autoencoder_of=source)
    with going_on_with(typed("cells", "train", run.space, "--out", out, "--resume")):
        with StepProgress(sys.stderr, "autoencoder") as progress:
            run.train_autoencoder(progress.on_step, lambda epoch: progress.on_pause(_describe(epoch)))
        with StepProgress(sys.stderr, "prior") as progress:
            run.train_prior(progress.on_step)
    return Answer(_document(run), lambda console: _show(console, run))


@app.command(short_help="draw cells from the trained models")
def sample(
    folder: Annotated[Path, typer.Argument(help="A folder written by train.", metavar="DIR")],
    n: Annotated[int, typer.Option("-n", help="Cells to draw.", metavar="N", min=1)] = 10_000,
    temperature: Annotated[float, typer.Option(help="Of the prior.", metavar="T", min=0.01)] = 1.0,
    decoding: Annotated[
        str,
        typer.Option(
            help="plain: as the prior writes | constrained: only codes that training cells have there, and cells of "
            "the space | unique: and without replacement.",
            metavar="NAME",
        ),
    ] = "plain",
    seed: Annotated[int, typer.Option(help="Seed of the drawing.", metavar="N", min=0)] = 0,
    out: ArraysOption = None,
) -> Answer:
    """Draw cells from the trained models, and measure them: strictly, and as published (lenient)."""
    from archwright.cells.metrics import GenerationMetrics
    from archwright.cells.run import CellRun
    from archwright.cells.sampling import CellSampler

    run = CellRun.open(folder)
    sampler = CellSampler(run)
    started = time.perf_counter()
    sampled = sampler.draw(n, temperature=temperature, decoding=decoding, seed=seed)
    cells = sampler.decode(sampled.codes_nv)
    seconds = time.perf_counter() - started
    if out is not None:
        cells.save(out)
    metrics = GenerationMetrics(run.space, run.split())
    measured = {"strict": metrics.strict(cells), "lenient": metrics.lenient(cells)}
    document = {
        "folder": str(folder),
        "space": run.space,
        "prior": run.config.prior.kind,
        "decoding": decoding,
        "temperature": temperature,
        "seed": seed,
        "samples": n,
        "drawn": sampled.drawn,
        "seconds": round(seconds, 3),
        **{name: one.document() for name, one in measured.items()},
        "file": None if out is None else str(out),
    }

    def show(console: Console) -> None:
        names = ("validity", "uniqueness", "absolute_uniqueness", "novelty", "absolute_novelty", "held_out_recall")
        shares = {name: [f"{100 * getattr(one, name):.2f}" for one in measured.values()] for name in names}
        rows = [(name.replace("_", " "), *row) for name, row in shares.items()]
        print_table(console, ("%", *measured), rows)
        console.print(
            f"{run.space}: {count(n)} cells of {count(sampled.drawn)} sequences in {seconds:.1f} s"
            + (f", written to {name_of(out)}" if out else ""),
            soft_wrap=True,
        )

    return Answer(document, show)


def _document(run: CellRun) -> dict[str, object]:
    return {
        "folder": str(run.folder),
        "space": run.space,
        "seed": run.seed,
        "config": run.config.model_dump(mode="json"),
        "epochs": [asdict(epoch) for epoch in run.epochs],
        "prior": asdict(run.prior_training()),
    }


def _show(console: Console, run: CellRun) -> None:
    from archwright.analysis.intervals import wilson

    last, prior = run.epochs[-1], run.prior_training()
    interval = wilson(round(last.exact * last.held_out), last.held_out)
    console.print(
        f"{run.space}: {100 * last.exact:.2f} % [{100 * interval.low:.2f}, {100 * interval.high:.2f}] of "
        f"{count(last.held_out)} held-out cells come back exactly, in {count(last.codes)} codes. "
        f"The prior ({prior.kind}) learned {count(prior.sequences)} sequences, its last loss is {prior.loss:.3f}. "
        f"The models are in {run.folder}.",
        soft_wrap=True,
    )


def _describe(epoch: EpochReport) -> str:
    return (
        f"epoch {epoch.epoch}: loss {epoch.reconstruction_loss:.3f} + {epoch.quantiser_loss:.3f}, "
        f"{100 * epoch.exact:.2f} % of {count(epoch.held_out)} held-out cells exact, {epoch.codes} codes, "
        f"{epoch.cpu_s:.0f} CPU s"
    )
