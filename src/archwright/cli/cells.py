"""`archwright cells`: the search spaces of NAS-Bench-101 and NAS-Bench-201."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count
from archwright.cli.answer import Answer, DebugFlag, JsonFlag

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="The search spaces of NAS-Bench-101 and NAS-Bench-201.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keep `enumerate` a command of its own."""


@app.command(short_help="find every cell of a space from its rules")
def enumerate(  # noqa: A001  # the command's name
    space: Annotated[str, typer.Argument(help="nasbench101 or nasbench201.", metavar="SPACE")],
    out: Annotated[
        Path | None, typer.Option(help="Write the cells' arrays to this file (npz).", metavar="FILE")
    ] = None,
    json: JsonFlag = False,
    debug: DebugFlag = False,
) -> Answer:
    """Find every cell of a space from its rules alone; of isomorphic cells of NAS-Bench-101 only one is kept."""
    import numpy as np

    from archwright.cells import SPACES
    from archwright.errors import UnknownNameError

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
        from rich.table import Table

        table = Table("vertices", "cells")
        table.columns[0].justify = table.columns[1].justify = "right"
        for number, found in by_vertices.items():
            table.add_row(str(number), count(found))
        table.add_row("all", count(len(cells)))
        console.print(table)
        console.print(f"{space}: {count(len(cells))} cells in {seconds:.1f} s" + (f", written to {out}" if out else ""))

    return Answer(document, show)
