"""Small random changes to a network's source that keep it a network."""

import ast
import random
from dataclasses import dataclass

from archwright.programs.formatting import format_tree, parse_program


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed program and what was changed."""

    source: str
    operation: str


def mutate(source: str, rng: random.Random) -> Mutation:
    """Return `source` with one random change; raises ValueError when it does not parse."""
    tree = parse_program(source)
    choices = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            choices += [
                c for c in node.value.elts if isinstance(c, ast.Constant) and isinstance(c.value, int) and c.value >= 16
            ]
    if not choices:
        return Mutation(format_tree(tree), "nothing to change")
    constant = rng.choice(choices)
    old = constant.value
    constant.value = max(8, round(old * rng.choice((0.5, 0.75, 1.25, 1.5)) / 8) * 8)
    return Mutation(format_tree(tree), f"width {old} -> {constant.value}")
