"""`archwright export`: take the networks of a study elsewhere."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.documents import bounds
from archwright.analysis.text import count, name_of, one_line, percent, score_within
from archwright.cli.answer import Answer
from archwright.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.exports.lemur import Exported
    from archwright.exports.trained import TrainedNetwork
    from archwright.task import Metric


class ExportFormat(StrEnum):
    """What can be written."""

    LEMUR = "lemur"
    TORCH = "torch"


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the study.", metavar="DIR")],
    target: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="lemur: programs in full form and their results. torch: the best, trained, and a script that uses it.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write to.", metavar="DIR")],
    top: Annotated[
        int | None, typer.Option(min=1, help="So many programs, best first (lemur: all, torch: 1).", metavar="K")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="torch: train so long (as in the search).", metavar="N")
    ] = None,
) -> Answer:
    """Write the scored networks of a study for use elsewhere.

    `lemur` writes ab/nn/nn/NAME.py and ab/nn/stat/train/TASK_DATASET_METRIC_NAME/EPOCH.json; the accuracies are on
    validation images. `archwright corpus build --from DIR` reads the folder back.

    `torch` trains the best program again, in the sandbox and with a new seed, and writes NAME/network.py,
    NAME/weights.safetensors, NAME/network.json (classes, normalisation, its accuracy on validation images) and
    NAME/predict.py, which classifies image files and needs nothing of Archwright.
    """
    if target is ExportFormat.LEMUR:
        if epochs is not None:
            raise UsageError("--epochs is for --format torch, which trains", "leave it out")
        return _lemur(folder, out, top)
    return _torch(folder, out, top, epochs)


def _lemur(folder: Path, out: Path, top: int | None) -> Answer:
    from archwright.exports.lemur import export_lemur

    exported = export_lemur(folder, out, top)
    programs = [
        {
            "name": each.name,
            "source": str(each.source),
            "statistics": [str(file) for file in each.statistics],
            "trials": each.trials,
            "accuracy": each.accuracy,
        }
        for each in exported
    ]
    document = {"run": str(folder), "format": "lemur", "out": str(out), "programs": programs}
    return Answer(document, lambda console: _show_lemur(console, exported, out))


def _show_lemur(console: Console, exported: list[Exported], out: Path) -> None:
    best = exported[0]
    console.print(
        f"{count(len(exported))} programs in {name_of(out)}; the best is {name_of(best.name)} with "
        f"{percent(best.accuracy)} on {best.split} images",
        soft_wrap=True,
    )


def _torch(folder: Path, out: Path, top: int | None, epochs: int | None) -> Answer:
    from archwright.exports.trained import export_trained

    found = export_trained(folder, out, top, epochs, _tell)
    programs = [_describe(each) for each in found]
    document = {"run": str(folder), "format": "torch", "out": str(out), "programs": programs}
    return Answer(document, lambda console: _show_torch(console, found))


def _tell(network: TrainedNetwork, metric: Metric) -> None:
    """Say on standard error what is done as it is done."""
    from archwright.analysis.finalists import interval_of

    outcome, failure = network.outcome, network.outcome.failure
    score = score_within(metric, outcome.value(metric.name), interval_of(outcome, metric))
    scored = f"{score} on {network.split} images"
    what = one_line(f"{failure.kind.value}: {failure.message}", 500) if failure else scored
    print(f"{network.record.candidate.key}  {what}", file=sys.stderr, flush=True)


def _describe(network: TrainedNetwork) -> dict[str, object]:
    from archwright.analysis.finalists import interval_of
    from archwright.cli.evaluate import describe_failure
    from archwright.contracts.network import ACCURACY

    outcome = network.outcome
    return {
        "candidate": str(network.record.candidate.key),
        "digest": network.record.program.digest,
        "folder": None if network.folder is None else str(network.folder),
        "seed": outcome.seed,
        "accuracy": outcome.value(ACCURACY.name),
        "interval": bounds(interval_of(outcome, ACCURACY)),
        "params": outcome.params,
        "failure": describe_failure(outcome.failure),
    }


def _show_torch(console: Console, found: list[TrainedNetwork]) -> None:
    written = [network.folder for network in found if network.folder is not None]
    for folder in written:
        console.print(name_of(folder), soft_wrap=True)
    script = name_of(shlex.quote(str(written[0] / "predict.py")))
    console.print(f"To use the best: python {script} IMAGE...", soft_wrap=True)
