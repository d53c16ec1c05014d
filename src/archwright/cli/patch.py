"""`archwright patch`: apply a diff as a language model left it, or say why not."""

import codecs
import sys
from pathlib import Path
from typing import Annotated

import typer

from archwright.cli.answer import Answer, JsonFlag, write_program
from archwright.errors import ArchwrightError, UsageError
from archwright.reading import LARGEST_PROGRAM, read_bytes, readable


def patch(
    file: Annotated[Path, typer.Argument(help="The program to change; it is only read.", metavar="FILE")],
    diff: Annotated[Path, typer.Argument(help="File with the edit, - for standard input.", metavar="DIFF")],
    json: JsonFlag = False,
) -> Answer:
    """Print a program with an edit applied: all of it, exactly, or nothing.

    The edit is a unified diff as language models write them, between prose and fences, with wrong numbers, counts or
    white space; or SEARCH/REPLACE blocks; or a whole program, or parts of it written anew. Hunks are found by their
    text. What fits nowhere, or in two places, is refused with the nearest lines (exit code 1).
    """
    from archwright.programs.patching import Patched, apply_patch

    result = apply_patch(_text(file), _text(diff))
    if isinstance(result, Patched):
        document = {"how": result.how, "source": result.source, "refused": None}
        return Answer(document, lambda console: write_program(console, result.source))
    if not json:
        raise ArchwrightError(result.message.removesuffix(result.remedy).rstrip("; \n"), result.remedy)
    refused = {"hunk": result.hunk, "reason": result.reason, "message": result.message}
    return Answer({"how": None, "source": None, "refused": refused}, lambda console: None, exit_code=1)


def _text(path: Path) -> str:
    """Return every byte of a file, or of standard input; what is not UTF-8 becomes surrogates."""
    if str(path) == "-":
        data = sys.stdin.buffer.read(LARGEST_PROGRAM + 1)
        if len(data) > LARGEST_PROGRAM:
            raise UsageError(f"standard input has more than {LARGEST_PROGRAM:,} bytes", "give a smaller diff")
    else:
        with readable(path, "check the path and its permissions"):
            data = read_bytes(path, LARGEST_PROGRAM)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell writes what a command prints
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape")
