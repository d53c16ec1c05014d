"""Text to syntax tree, or the one Failure that says why not. Never raises, whatever the text."""

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterable
from typing import TypeVar

from archwright.candidate import Failure, FailureKind, Stage
from archwright.syntax import syntax_tree
from archwright.untrusted import plain_text

MAX_SOURCE_BYTES = 256 * 1024
MOST_SCOPES = 5_000
"""Functions, classes and comprehensions: Python compares all that are alike with one another when it compiles them."""
_SHORTEST_SCOPE = len("lambda:0")
_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_CODE_LINE = re.compile(
    r"^[^\S\n]*(import\s+\w|from\s+[\w.]+\s+import\b|class\s+\w|def\s+\w|@\w|\w[\w.]*\s*=)", re.MULTILINE
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_LINE_END = re.compile("\r\n|\r|\n")
_filters = threading.Lock()
_Read = TypeVar("_Read")


def parse(source: str) -> ast.Module | Failure:
    """Return the syntax tree of `source`, or the Failure at stage `parse`."""
    if not source.strip():
        return _failure(FailureKind.EMPTY, "there is no program; write a class Net(nn.Module)")
    size = len(source)
    if size <= MAX_SOURCE_BYTES:
        try:
            size = len(source.encode("utf-8"))
        except UnicodeEncodeError as error:
            line = source.count("\n", 0, error.start) + 1
            return _failure(FailureKind.ENCODING, "the text is not valid UTF-8; write plain text", line)
    if size > MAX_SOURCE_BYTES:
        return _failure(
            FailureKind.TOO_LARGE,
            f"the program has {size:,} bytes; the limit is {MAX_SOURCE_BYTES:,}; write a shorter one",
        )
    control = _CONTROL.search(source)
    if control:
        line = source.count("\n", 0, control.start()) + 1
        character = f"U+{ord(control.group()):04X}"
        return _failure(FailureKind.ENCODING, f"control character {character} in the text; write plain text", line)
    tree = _understood(source, lambda: syntax_tree(source))
    if isinstance(tree, Failure):
        return tree
    if not tree.body:
        return _failure(FailureKind.EMPTY, "there are only comments; write a class Net(nn.Module)")
    return tree


def tree_of(source: str) -> ast.Module | None:
    """Return the syntax tree of `source`, None where it does not parse."""
    tree = parse(source)
    return None if isinstance(tree, Failure) else tree


def lines_of(node: ast.stmt) -> slice:
    """Return where a statement stands among the `source_lines`, its decorators included."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return slice(first - 1, node.end_lineno or node.lineno)


def without(lines: list[str], nodes: Iterable[ast.stmt]) -> str:
    """Return the text of `lines` with empty ones in place of statements."""
    kept = list(lines)
    for place in map(lines_of, nodes):
        kept[place] = [""] * (place.stop - place.start)
    return "\n".join(kept)


def parse_to_run(source: str) -> ast.Module | Failure:
    """Return the syntax tree of `source`, which also compiles: no `return` outside a function, no argument twice."""
    tree = parse(source)
    if isinstance(tree, Failure):
        return tree
    if len(source) > MOST_SCOPES * _SHORTEST_SCOPE:
        scopes = sum(isinstance(node, _SCOPES) for node in ast.walk(tree))
        if scopes > MOST_SCOPES:
            what = f"the program has {scopes:,} functions, classes and comprehensions; the limit is {MOST_SCOPES:,}"
            return _failure(FailureKind.TOO_LARGE, f"{what}; use loops")
    problem = _understood(source, lambda: compile(tree, "<program>", "exec", dont_inherit=True))
    return problem if isinstance(problem, Failure) else tree


def source_lines(source: str) -> list[str]:
    """Return the lines of `source` as Python counts them: neither a form feed nor U+2028 ends one."""
    lines = _LINE_END.split(source)
    return lines if lines[-1] else lines[:-1]


def _understood(source: str, read: Callable[[], _Read]) -> _Read | Failure:
    """Return what `read` makes of `source`, or the Failure that its error is."""
    try:
        with _filters, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a "\d" in a candidate's string is no concern of ours
            return read()
    except SyntaxError as error:
        if not _CODE_LINE.search(source):
            return _failure(FailureKind.PROSE, "this is prose, not a program; answer with Python code only")
        line_text = plain_text(error.text or "").strip()[:120]
        where = f" in `{line_text}`" if line_text else ""
        return _failure(FailureKind.SYNTAX, f"{error.msg}{where}", error.lineno)
    except (RecursionError, MemoryError):
        return _failure(FailureKind.TOO_LARGE, "expressions are nested too deeply to be parsed; write simpler code")
    except (ValueError, OverflowError) as error:
        return _failure(FailureKind.SYNTAX, f"the text cannot be parsed: {error}")


def _failure(kind: FailureKind, message: str, line: int | None = None) -> Failure:
    return Failure(Stage.PARSE, kind, message, line)
