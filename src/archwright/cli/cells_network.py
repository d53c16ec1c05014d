"""`archwright cells network`: the cell that a search found, as a program that can be trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archwright.cli.answer import Answer, write_program
from archwright.cli.cells_search import RESULT
from archwright.errors import UsageError

if TYPE_CHECKING:
    from archwright.cells.cell import Cell

REMEDY = "give what `archwright cells search` wrote with --out or --json"


def network(
    result: Annotated[
        Path, typer.Argument(help="A folder written by search --out, or what search --json prints.", metavar="RESULT")
    ],
    channels: Annotated[
        int | None, typer.Option(help="Of the first stage (101: 128, 201: 16).", metavar="N", min=1)
    ] = None,
    modules: Annotated[int | None, typer.Option(help="Cells of a stage (101: 3, 201: 5).", metavar="N", min=1)] = None,
) -> Answer:
    """Print the network of the cell that a search found, as a program: the benchmark's macro-architecture around it.

    Its size is the published one unless --channels and --modules say otherwise. `archwright evaluate` trains the
    program on any task.
    """
    from archwright.cells.networks import network101, network201

    space, cell = _found(result)
    make = {"nasbench101": network101, "nasbench201": network201}[space]
    sizes = {name: size for name, size in (("channels", channels), ("modules", modules)) if size is not None}
    try:
        source = make(cell, **sizes).source
    except ValueError as error:
        raise UsageError(f"{result} has no cell of {space}: {error}", REMEDY) from None
    return Answer({"space": space, "program": source}, lambda console: write_program(console, source))


def _found(path: Path) -> tuple[str, Cell]:
    """Return the space and the best cell of a search's result; raises UsageError."""
    from archwright.cells import SPACES
    from archwright.cells.cell import Cell
    from archwright.reading import parse_line, read_text

    file = path / RESULT if path.is_dir() else path
    try:
        document: Any = parse_line(read_text(file))
        space, best = document["space"], document["best"]
        edges = frozenset((int(start), int(end)) for start, end in best["edges"])
        cell = Cell(edges, tuple(map(str, best["operations"])))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", REMEDY) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{file} is not the result of a search", REMEDY) from None
    if space not in SPACES:
        raise UsageError(f"{file} is of an unknown space", f"give a result of {' or '.join(SPACES)}")
    return space, cell
