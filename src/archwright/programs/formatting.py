"""One layout for every program that is built from a syntax tree, so that text differs only where the network does.

`ast.unparse` writes a call on one line however long it is; this wraps long lines the way people write networks, one
layer a line. Comments are not part of a syntax tree and do not come back.
"""

import ast
from itertools import pairwise

from archwright.candidate import Failure
from archwright.contracts.parse import parse
from archwright.syntax import syntax_tree

LINE_LENGTH = 100
"""Characters a line may have before its last bracket is opened up."""

_OPEN, _CLOSE = "([{", ")]}"


def format_tree(tree: ast.Module) -> str:
    """Return the source of `tree` in our layout; parsing it gives `tree` again."""
    plain = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    formatted = _spaced([part for line in plain.splitlines() for part in _wrapped(_bare_tuple(line))])
    try:
        is_same = ast.dump(syntax_tree(formatted)) == ast.dump(syntax_tree(plain))
    except SyntaxError:
        is_same = False
    return formatted if is_same else plain  # A string over several lines can look like code; then leave all as it is.


def parse_program(source: str) -> ast.Module:
    """Return the syntax tree of `source`; raises ValueError, whatever is wrong with the text."""
    tree = parse(source)
    if isinstance(tree, Failure):
        raise ValueError(tree.message)
    return tree


def _spaced(lines: list[str]) -> str:
    """Two blank lines around top-level definitions, none after the head of a class."""
    spaced: list[str] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        is_definition = line.lstrip().startswith(("class ", "def ", "async def ", "@"))
        before = lines[number - 1] if number else ""
        is_decorated = bool(spaced) and spaced[-1].lstrip().startswith("@")
        if spaced and not is_decorated:
            is_first_in_class = spaced[-1].lstrip().startswith("class ")
            if line[0] not in " )]}" and (is_definition or _ends_definition(spaced)):
                spaced += ["", ""]
            elif is_definition and not before.strip() and not is_first_in_class:
                spaced.append("")
        spaced.append(line)
    return "\n".join(spaced) + "\n"


def _ends_definition(lines: list[str]) -> bool:
    head = next((line for line in reversed(lines) if line and line[0] not in " )]}"), "")
    return head.startswith(("class ", "def ", "async def "))


def _wrapped(line: str) -> list[str]:
    if len(line) <= LINE_LENGTH:
        return [line]
    bracket = _last_bracket(line)
    if bracket is None:
        return [line]
    start, end = bracket
    inside = line[start + 1 : end].strip()
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    parts = _arguments(inside)
    is_open_ended = len(parts) > 1 or inside.endswith(",")
    lines = [line[: start + 1]]
    for number, part in enumerate(parts):
        ends = "," if number + 1 < len(parts) or is_open_ended else ""
        lines += _wrapped(indent + part + ends)
    return [*lines, indent[4:] + line[end:]]


def _bare_tuple(line: str) -> str:
    """`a, b = (1, 2)`, as ast.unparse writes it, without the brackets."""
    head, separator, value = line.partition(" = (")
    if not separator or not line.endswith(")") or any(bracket in head for bracket in _OPEN):
        return line
    if _last_bracket(f"({value}") != (0, len(value)) or len(_arguments(value[:-1])) < 2:
        return line
    return f"{head} = {value[:-1]}"


def _last_bracket(line: str) -> tuple[int, int] | None:
    """Return where the last bracket of the outermost level opens and closes."""
    found, opened = None, 0
    for position, character, depth in _scan(line):
        if character in _OPEN and depth == 1:
            opened = position
        elif character in _CLOSE and depth == 0:
            found = (opened, position)
    return found if found and found[1] > found[0] + 1 else None


def _arguments(inside: str) -> list[str]:
    """Split at the commas of the outermost level; a comprehension stays whole."""
    commas = [position for position, character, depth in _scan(inside) if character == "," and depth == 0]
    if any(inside.startswith(" for ", position) for position, _, depth in _scan(inside) if depth == 0):
        return [inside]
    edges = [-1, *commas, len(inside)]
    parts = [inside[left + 1 : right].strip() for left, right in pairwise(edges)]
    return [part for part in parts if part]


def _scan(text: str) -> list[tuple[int, str, int]]:
    """Return every character outside string literals with its position and the bracket depth after it."""
    characters: list[tuple[int, str, int]] = []
    depth, quote, position = 0, "", 0
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif text.startswith(quote, position):
                position += len(quote) - 1
                quote = ""
        elif character in "\"'":
            quote = character * 3 if text.startswith(character * 3, position) else character
            position += len(quote) - 1
        else:
            depth += (character in _OPEN) - (character in _CLOSE)
            characters.append((position, character, depth))
        position += 1
    return characters
