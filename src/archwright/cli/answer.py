"""What a command hands back: one document for `--json` and a way to show the same to a person."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from archwright.analysis.text import printable
from archwright.errors import ArchwrightError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

# Every command has these two (`app.command_line`); `app.main` acts on them, for errors in the options themselves too.
JsonFlag = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on standard output.")]
DebugFlag = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one configuration key; may be repeated."),
]
TrustFlag = Annotated[
    bool,
    typer.Option("--trust", help="Use the servers, files and sandbox settings that a study made elsewhere names."),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command that did not fail."""

    document: Mapping[str, object]
    """For machines; only JSON types, NaN and infinity allowed."""
    show: Callable[[Console], None]
    """For people: prints the same on a console."""
    exit_code: int = 0


def write_json(document: Mapping[str, object], file: TextIO) -> None:
    """Write `document` as one indented JSON document in ASCII; numbers that JSON does not know become null."""
    file.write(json.dumps(_finite(document), indent=2, allow_nan=False) + "\n")


def stdout_console(file: TextIO) -> Console:
    """Return a console that shows text as it is: no markup, no guessed highlights, 120 columns in a pipe.

    Whatever could drive the terminal, in a file's name or a message, is shown as a mark.
    """
    from rich.console import Console
    from rich.text import Text

    class Plain(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable(text), **options)

    return Plain(file=file, markup=False, highlight=False, emoji=False, width=None if file.isatty() else 120)


def quoted(named: Mapping[str, object]) -> list[str]:
    """Return the settings KEY=VALUE of options that were given; quoted, so that `--task 5` stays a name."""
    return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in named.items() if value is not None]


def trust_folder(folder: Path) -> None:
    """Remember what the study in `folder` names as named on this machine."""
    from archwright.archive import Archive
    from archwright.archive.opening import trust_pointer
    from archwright.configuring import build_config
    from archwright.vouching import vouch_for

    trust_pointer(folder)
    with Archive.open(folder, read_only=True) as archive:
        vouch_for(build_config(archive.config))


@contextmanager
def going_on_with(command: str, is_begun: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Name the command that goes on when the body is stopped, by Ctrl-C too; wrong usage is passed on as it is.

    So is all that stops it before there is something to go on with, which `is_begun` says.
    """
    try:
        yield
    except UsageError:
        raise
    except ArchwrightError as error:
        if is_begun():
            error.remedy += f"; then go on with: {command}"
        raise
    except KeyboardInterrupt:
        if is_begun():
            raise ArchwrightError("interrupted", f"go on with: {command}") from None
        raise


def write_program(console: Console, source: str) -> None:
    """Write the program as it is: a console would wrap it."""
    file = console.file
    file.flush()
    assert isinstance(file, TextIOWrapper)
    file.buffer.write(source.encode("utf-8", "surrogateescape"))


def print_table(
    console: Console,
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    left: Collection[int] = (0,),
    title: str | None = None,
) -> None:
    """Print rows of text under `headings`, those not among `left` aligned to the right; nothing is cut off.

    Where the console is too narrow for a frame there is none, and where it is too narrow for columns each row is a
    sentence.
    """
    from rich.cells import cell_len
    from rich.table import Table

    from archwright.analysis.text import name_of

    names, cells = list(headings), [[name_of(cell) for cell in row] for row in rows]
    least, most = [], []
    for place, (heading, *column) in enumerate(zip(names, *cells, strict=True)):
        # Numbers stay on their line; headings and text are broken between words.
        unbroken = [
            *heading.split(),
            *(word for cell in column for word in (cell.split() if place in left else [cell])),
        ]
        least.append(max(map(cell_len, unbroken), default=0))
        most.append(max(map(cell_len, (heading, *column))))
    if sum(least) + len(least) - 1 > console.width:
        _print_sentences(console, names, cells, title)
        return
    table = Table(title=title, title_justify="left")
    spare = console.width - sum(least) - 3 * len(least) - 1
    if spare < 0:
        table.box, table.padding, table.pad_edge = None, (0, 1, 0, 0), False
        spare += 2 * len(least) + 2
    for place, heading in enumerate(names):
        more = min(most[place] - least[place], spare)
        spare -= more
        table.add_column(heading, justify="left" if place in left else "right", width=least[place] + more)
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _print_sentences(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str | None
) -> None:
    if title:
        console.print(title)
    for row in rows:
        console.print(", ".join(f"{heading} {cell}" for heading, cell in zip(headings, row, strict=True) if cell))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
