"""`archwright tasks`: the data sets, and where they come from; `tasks show`: what is in one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.documents import picked
from archwright.cli.answer import Answer, SettingsOption, print_table

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)

FORMS = (
    "A path works too: a folder of class folders, a CSV file of image files and classes, parquet files, .npz arrays, "
    "IDX files or CIFAR, packed as .zip or .tar or not. `archwright tasks show NAME|PATH` says how it is read."
)


@app.callback(invoke_without_command=True)
def tasks(context: typer.Context) -> Answer | None:
    """List the data sets: shapes, classes, sizes, which are here and where the others come from."""
    if context.invoked_subcommand is not None:
        return None
    from archwright.evaluation.data import describe_tasks

    entries = describe_tasks()

    def show_all(console: Console) -> None:
        rows = []
        for entry in entries:
            shape = "×".join(map(str, entry.image_shape))
            sizes = (f"{entry.classes:,}", f"{entry.train_images:,}", f"{entry.test_images:,}")
            rows.append((entry.name, entry.title, shape, *sizes, "yes" if entry.is_available else "no", entry.where))
        headings = ("task", "title", "images", "classes", "train", "test", "here", "where")
        print_table(console, headings, rows, left=(0, 1, 2, 6, 7))
        console.print(FORMS)

    document = {
        "tasks": [
            picked(entry, "name", "title", "image_shape", "classes", "train_images", "test_images")
            | {"available": entry.is_available, "where": entry.where}
            for entry in entries
        ]
    }
    return Answer(document, show_all)


@app.command(short_help="what is in a data set")
def show(
    name: Annotated[
        str, typer.Argument(help="Data set: a name from `archwright tasks`, or a path.", metavar="NAME|PATH")
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(help="Where to draw images of every class; by default NAME-sheet.png here.", metavar="FILE"),
    ] = None,
    settings: SettingsOption = None,
) -> Answer:
    """Show how a data set is read: classes, counts, shape, pixel range, splits, warnings, and a contact sheet (PNG)."""
    from archwright.analysis.dataset import describe_data
    from archwright.analysis.text import name_of
    from archwright.cli.steps import load_data
    from archwright.configuring import load_config
    from archwright.errors import UsageError
    from archwright.evaluation.data.sheet import draw_sheet

    if sheet is not None and sheet.suffix.lower() != ".png":
        raise UsageError(f"{sheet} is not named like a PNG file", "end its name in .png")
    task = load_config(None, settings or []).as_task().model_copy(update={"name": name})
    data = load_data(task, sys.stderr)
    splits = {"train": len(data.train), "validation": len(data.validation), "test": data.spec.test_images}
    place = sheet or Path(f"{Path(name).resolve().name}-sheet.png")
    draw_sheet(data, place)
    described = describe_data(data.spec) or {}
    document = {"name": name} | described | {"splits": splits, "contact_sheet": str(place)}
    del document["test_images"]

    def show_one(console: Console) -> None:
        assert data.spec.facts is not None
        low, high = data.spec.facts.pixel_range
        console.print(name_of(f"{data.spec.title}: {' × '.join(map(str, data.spec.image_shape))} (channels first)"))
        console.print(f"pixels {low} to {high} of 255")
        console.print(", ".join(f"{split} {count:,}" for split, count in splits.items()) + " images")
        counts = zip(data.spec.class_names, data.spec.facts.class_counts, strict=True)
        print_table(console, ("class", "images"), [(label, f"{count:,}") for label, count in counts])
        for warning in data.spec.facts.warnings:
            console.print(name_of(f"warning: {warning}"))
        console.print(f"contact sheet: {name_of(place)}")

    return Answer(document, show_one)
