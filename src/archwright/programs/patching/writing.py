"""The diff between two programs, as git writes it and as a model is taught to."""

import difflib


def unified_diff(old: str, new: str, context: int = 3) -> list[str]:
    """Return the lines of the diff that git would write, `\\ No newline at end of file` included."""
    lines: list[str] = []
    for line in difflib.unified_diff(_lines(old), _lines(new), "a/net.py", "b/net.py", n=context, lineterm=""):
        lines.append(line.removesuffix("\n"))
        if len(lines) > 2 and line[0] in " +-" and not line.endswith("\n"):
            lines.append("\\ No newline at end of file")
    return lines


def _lines(text: str) -> list[str]:
    whole = [f"{line}\n" for line in text.split("\n")]
    return [*whole[:-1], whole[-1][:-1]] if text[-1:] not in ("", "\n") else whole[:-1]
