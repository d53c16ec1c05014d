"""`archwright export`: take the networks of a study elsewhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count, name_of, percent
from archwright.cli.answer import Answer, DebugFlag, JsonFlag

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.corpus.export import Exported


class Format(StrEnum):
    """What can be written."""

    LEMUR = "lemur"


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of the study.", metavar="DIR")],
    target: Annotated[Format, typer.Option("--format", help="lemur: programs in full form and their results.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.", metavar="DIR")],
    top: Annotated[int | None, typer.Option(min=1, help="So many programs, best first (all).", metavar="K")] = None,
    json: JsonFlag = False,
    debug: DebugFlag = False,
) -> Answer:
    """Write the scored networks of a study in another tool's format.

    `lemur` writes ab/nn/nn/NAME.py and ab/nn/stat/train/TASK_DATASET_METRIC_NAME/EPOCH.json; the accuracies are on
    validation images. `archwright corpus build --from DIR` reads the folder back.
    """
    from archwright.corpus.export import export_lemur

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
    document = {"run": str(folder), "format": str(target), "out": str(out), "programs": programs}
    return Answer(document, lambda console: _show(console, exported, out))


def _show(console: Console, exported: list[Exported], out: Path) -> None:
    best = exported[0]
    console.print(
        f"{count(len(exported))} programs in {name_of(out)}; the best is {name_of(best.name)} with "
        f"{percent(best.accuracy)} on validation images",
        soft_wrap=True,
    )
