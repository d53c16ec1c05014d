"""Programs as they may be quoted to a model or taught to one: what trains, and nothing that speaks to the reader.

A comment, a docstring or a long string in a candidate is read by every later model that is shown the program, and
`<|im_end|>` in a string ends the message for a server that does not tell text from control. A program without any of
that is quoted as it was written.
"""

import ast
import io
import re
import tokenize

from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.tidying import tidy
from archwright.untrusted import plain_text

LONGEST_STRING = 80
"""Characters of a string constant in a quoted program; an einsum pattern has 30."""
_CONTROL = re.compile(
    r"<(?=[|｜]|/?[A-Za-z_]\w{0,40}>|<SYS>>|</SYS>>)"  # <|im_end|>, <s>, <start_of_turn>, <<SYS>>
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])"
)


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
        quoted = plain
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
        if isinstance(value, str | bytes) and len(value) > LONGEST_STRING:
            return True
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    try:
        return any(token.type == tokenize.COMMENT for token in tokens)
    except tokenize.TokenError:
        return True


class _ShortStrings(ast.NodeTransformer):
    """Cuts string constants: equal ones alike and different ones differently, since they may be keys."""

    def __init__(self) -> None:
        self._shortened: dict[str | bytes, str | bytes] = {}

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if not isinstance(node.value, str | bytes) or len(node.value) <= LONGEST_STRING:
            return node
        if node.value not in self._shortened:
            short: str | bytes = node.value[:LONGEST_STRING]
            if short in self._shortened.values():
                number = str(len(self._shortened))
                mark = number if isinstance(short, str) else number.encode()
                short = short[: -len(number)] + mark  # type: ignore[operator]
            self._shortened[node.value] = short
        return ast.copy_location(ast.Constant(self._shortened[node.value]), node)
