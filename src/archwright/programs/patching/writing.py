"""The diff between two programs, as git writes it and as a model is taught to."""

import difflib

from archwright.programs.patching.applying import apply_patch
from archwright.programs.patching.outcome import Patched


def unified_diff(old: str, new: str, context: int = 3) -> list[str]:
    """Return the lines of the diff that git would write, `\\ No newline at end of file` included."""
    lines: list[str] = []
    for line in difflib.unified_diff(_lines(old), _lines(new), "a/net.py", "b/net.py", n=context, lineterm=""):
        lines.append(line.removesuffix("\n"))
        if len(lines) > 2 and line[0] in " +-" and not line.endswith("\n"):
            lines.append("\\ No newline at end of file")
    return lines


def compact_diff(old: str, new: str) -> list[str]:
    """Return a diff without file names and line numbers, with as little context as places every hunk.

    The applier finds hunks by their text, so this is all that a model has to write; `unified_diff` where it is not
    enough, as for two places with the same lines around them.
    """
    for context in (1, 2, 3):
        lines = ["@@" if line.startswith("@@") else line for line in unified_diff(old, new, context)[2:]]
        patched = apply_patch(old, "\n".join(["```diff", *lines, "```"]))
        if isinstance(patched, Patched) and patched.source == new:
            return lines
    return unified_diff(old, new)


def edited_lines(old: str, new: str) -> int:
    """Return how many lines the difference of two programs adds and deletes."""
    return sum(line[:1] in ("+", "-") for line in unified_diff(old, new, context=0)[2:])


def _lines(text: str) -> list[str]:
    whole = [f"{line}\n" for line in text.split("\n")]
    return [*whole[:-1], whole[-1][:-1]] if text[-1:] not in ("", "\n") else whole[:-1]
