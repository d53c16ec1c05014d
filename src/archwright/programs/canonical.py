"""The canonical form of a program: equal for programs that differ only in how they are written.

Names of the program's own things, comments, docstrings, annotations, layout, the order of helpers and of keywords,
import aliases, code that `Net` never reaches, arguments that only repeat a default: none of these change it. Every
width, kernel, activation and connection does. It is text to compare and to hash, not to run.

Not seen through: arithmetic (`2 * 32` against `64`), a loop against its unrolling, statements in another order,
`nn.ReLU()` against `F.relu`.
"""

import ast
import hashlib

from archwright.programs.formatting import parse_program
from archwright.programs.naming import with_canonical_names
from archwright.programs.reachability import only_reachable
from archwright.programs.simplification import simplified


def canonical_form(source: str) -> str:
    """Return the canonical text of `source`; raises ValueError when it does not parse."""
    try:
        tree = with_canonical_names(only_reachable(simplified(parse_program(source))))
        return ast.unparse(tree) + "\n"
    except RecursionError:
        raise ValueError("the program is nested too deeply for a canonical form") from None


def canonical_digest(source: str) -> str:
    """Return the SHA-256 of the canonical form, hexadecimal; raises ValueError when `source` does not parse."""
    return hashlib.sha256(canonical_form(source).encode("utf-8", "surrogatepass")).hexdigest()
