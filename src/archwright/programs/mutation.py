"""Small random changes to a network's source that keep it a network (the control that learns nothing).

The change is made on the syntax tree, where the text says enough to keep widths, shapes and paddings consistent; it
works on any program that parses, ours or a language model's, compact or full. Comments do not survive.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

from archwright.programs.canonical import canonical_digest
from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.operations import OPERATIONS, ProgramOperation

TRIES = 3
"""Attempts with one operation before the next: its first random choice may change nothing."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed program and what was changed."""

    source: str
    operation: str
    digest: str
    """`canonical_digest` of `source`."""


def mutate(source: str, rng: random.Random) -> Mutation:
    """Return `source` with one random change, laid out by `programs.formatting`; the same rng state gives the same one.

    Its canonical form differs from that of `source`, unless no operation applies: then the program comes back as it
    is, with the operation `nothing to change`. Raises ValueError only when `source` does not parse.
    """
    before = _digest_before(source)
    for operation in _in_random_order(rng):
        for _ in range(TRIES):
            changed = parse_program(source)  # Several times faster than a deep copy.
            description = operation(changed, rng)
            if description is None:
                break
            text = format_tree(changed)
            digest = canonical_digest(text)
            if digest != before:
                return Mutation(text, description, digest)
    return Mutation(format_tree(parse_program(source)), "nothing to change", before)


@lru_cache(maxsize=1024)
def _digest_before(source: str) -> str:
    """Return `canonical_digest` of a program that is changed again and again, as a good parent is."""
    return canonical_digest(source)


def variants(source: str, count: int, seed: int) -> list[str]:
    """Return at most `count` mutations of `source`, one to three changes away, all canonically distinct.

    Fewer where the program offers fewer; raises ValueError when `source` does not parse.
    """
    rng = random.Random(seed)
    seen = {canonical_digest(source)}
    found: list[str] = []
    for _ in range(4 * count):
        if len(found) == count:
            break
        mutation = mutate(source, rng)
        for _ in range(rng.randint(0, 2)):
            mutation = mutate(mutation.source, rng)
        if mutation.digest not in seen:
            seen.add(mutation.digest)
            found.append(mutation.source)
    return found


def _in_random_order(rng: random.Random) -> list[ProgramOperation]:
    """Return every operation once, heavier ones sooner (Efraimidis and Spirakis 2006)."""
    keyed = [(rng.random() ** (1 / weight), operation) for operation, weight in OPERATIONS]
    return [operation for _, operation in sorted(keyed, key=lambda pair: -pair[0])]
