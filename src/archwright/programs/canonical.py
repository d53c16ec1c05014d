"""The canonical form of a program."""

import ast
import hashlib

from archwright.programs.formatting import parse_program


def canonical_form(source: str) -> str:
    """Return the canonical text of `source`; raises ValueError when it does not parse."""
    return ast.unparse(parse_program(source)) + "\n"


def canonical_digest(source: str) -> str:
    """Return the SHA-256 of the canonical form, hexadecimal; raises ValueError when `source` does not parse."""
    return hashlib.sha256(canonical_form(source).encode()).hexdigest()
