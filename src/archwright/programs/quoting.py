"""Programs as they may be quoted to a model or taught to one: what trains, and nothing that speaks to the reader.

A comment, a docstring, a sentence or a long string in a candidate is read by every later model that is shown the
program, and `<|im_end|>` in a string ends the message for a server that does not tell text from control. A program
without any of that is quoted as it was written.
"""

import ast
import io
import re
import tokenize

from archwright.contracts.parse import tree_of
from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.tidying import tidy
from archwright.untrusted import plain_text

LONGEST_STRING = 80
"""Characters of a string constant in a quoted program; an einsum pattern has 30."""
MOST_WORDS = 5
"""Words of a string constant in a quoted program; an einsum pattern has letters."""
_KEPT_WORDS = 2
_CONTROL = re.compile(
    r"<(?=[|｜]|/?[A-Za-z_][\w:.-]{0,40}\|?>|0x[0-9A-F]{2}>|<SYS>>|</SYS>>)"  # <|im_end|>, <s>, <end-of-turn>, <<SYS>>
    r"|\[(?=\||e~\[|/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+|THINK|ARGS|CALL_ID|PREFIX"  # [|user|]
    r"|MIDDLE|SUFFIX|BOS|EOS|UNK|PAD|CLS|SEP|[gs]?MASK|IMG(?:_\w+)?|\w*AUDIO|CONTROL_\d+)\])"
    r"|\](?=~!?b[\[\]])"  # ]~b]user
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PATTERN = re.compile(r"[\w\s().]*->[\w\s().]*")
"""Axes by name, as in `batch (rows columns) channels -> batch channels rows columns`: the same names on both sides."""


def quotable(source: str) -> str:
    """Return the program `source` without comments, docstrings, long strings, control tokens and invisible characters.

    The same text where it has none of them; one that does not parse only loses what is invisible or controls.
    """
    plain = plain_text(source)
    try:
        if plain == source and not _CONTROL.search(source) and not _is_annotated(source):
            return source
        quoted = format_tree(_ShortStrings().visit(parse_program(tidy(plain))))
    except (ValueError, SyntaxError, RecursionError):
        quoted = _without_remarks(plain) if tree_of(plain) is not None else plain
    return broken(quoted)


def broken(text: str) -> str:
    """Return `text` with a space in whatever a model's server may take for a control token."""
    return _CONTROL.sub(lambda match: f"{match[0]} ", text)


def _is_annotated(source: str) -> bool:
    """Return whether `source` holds a comment, a docstring or a long string; raises ValueError and SyntaxError."""
    for node in ast.walk(parse_program(source)):
        value = node.value if isinstance(node, ast.Expr | ast.Constant) else None
        if isinstance(node, ast.Expr) and isinstance(value, ast.Constant):
            return True
        if isinstance(node, ast.JoinedStr) and _is_prose(_constant_text(node)):
            return True
        if isinstance(value, str | bytes) and (len(value) > LONGEST_STRING or _is_prose(value)):
            return True
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    try:
        return any(token.type == tokenize.COMMENT for token in tokens)
    except tokenize.TokenError:
        return True


def _without_remarks(source: str) -> str:
    """Return a program that is nested too deeply to be written anew, with nothing where comments and strings were."""
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return ""
    for token in reversed(tokens):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and len(_WORD.findall(token.string)) > 1):
            (first, start), (last, end) = token.start, token.end
            kept = "" if token.type == tokenize.COMMENT else '""'
            lines[first - 1 : last] = [lines[first - 1][:start] + kept + lines[last - 1][end:]]
    return "".join(lines)


def _is_prose(value: str | bytes) -> bool:
    """Return whether a constant has words enough to tell the reader something."""
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    words = _WORD.findall(text)
    if len(words) <= MOST_WORDS:
        return False
    sides = [set(_WORD.findall(side)) for side in text.split("->")]
    return not (_PATTERN.fullmatch(text) and len(sides) == 2 and sides[1] <= sides[0])


def _constant_text(node: ast.JoinedStr) -> str:
    return " ".join(
        each.value for each in node.values if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


class _ShortStrings(ast.NodeTransformer):
    """Cuts string constants: equal ones alike and different ones differently, since they may be keys."""

    def __init__(self) -> None:
        self._shortened: dict[str | bytes, str | bytes] = {}

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Cut the text of one that speaks, whatever stands between its parts."""
        if _is_prose(_constant_text(node)):
            kept = [each for each in node.values if not isinstance(each, ast.Constant)]
            node = ast.copy_location(ast.JoinedStr(kept), node)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        value = node.value
        if not isinstance(value, str | bytes) or not (len(value) > LONGEST_STRING or _is_prose(value)):
            return node
        if value not in self._shortened:
            short: str | bytes = value[:LONGEST_STRING]
            if _is_prose(short):
                text = short if isinstance(short, str) else short.decode("utf-8", "replace")
                words = " ".join(_WORD.findall(text)[:_KEPT_WORDS])
                short = words if isinstance(value, str) else words.encode()
            if short in self._shortened.values():
                number = str(len(self._shortened))
                mark = number if isinstance(short, str) else number.encode()
                room = LONGEST_STRING - len(number)
                short = short[:room] + mark  # type: ignore[operator]
            self._shortened[value] = short
        return ast.copy_location(ast.Constant(self._shortened[value]), node)
