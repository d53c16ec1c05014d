"""`archwright tasks`: the data sets, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwright.cli.answer import Answer, DebugFlag, JsonFlag

if TYPE_CHECKING:
    from rich.console import Console


def tasks(json: JsonFlag = False, debug: DebugFlag = False) -> Answer:
    """List the data sets: shapes, classes, sizes, which are here and where the others come from."""
    from archwright.evaluation.data import describe_tasks

    entries = describe_tasks()

    def show(console: Console) -> None:
        from rich.table import Table

        table = Table()
        for heading in ("task", "title", "images", "classes", "train", "test", "here", "where"):
            table.add_column(heading, justify="right" if heading in ("classes", "train", "test") else "left")
        for entry in entries:
            shape = "×".join(map(str, entry.image_shape))
            sizes = (f"{entry.classes:,}", f"{entry.train_images:,}", f"{entry.test_images:,}")
            table.add_row(entry.name, entry.title, shape, *sizes, "yes" if entry.is_available else "no", entry.where)
        console.print(table)
        console.print("A path works too: a folder of class folders, parquet files, CIFAR archives or IDX files.")

    document = {
        "tasks": [
            {
                "name": entry.name,
                "title": entry.title,
                "image_shape": list(entry.image_shape),
                "classes": entry.classes,
                "train_images": entry.train_images,
                "test_images": entry.test_images,
                "available": entry.is_available,
                "where": entry.where,
            }
            for entry in entries
        ]
    }
    return Answer(document, show)
