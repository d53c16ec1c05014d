"""Which families take part together: balanced decks, and the alphabetical order they are better than.

With 29 families there are C(29, 4) = 23,751 assemblies of four, of which nobody trains more than a few per cent. In
alphabetical order the first 4.8 % all contain the first family (arXiv 2606.23739).
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

TRIES = 20
"""Assemblies dealt for each that is taken, the one whose members have met least."""
ROUNDS = 50
"""Times that so many are dealt, at most, for one that was not taken before."""


def balanced_deck(families: Sequence[str], together: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield assemblies of so many different families without end, each beginning of them about as even as it can be.

    Every family is dealt once before any is dealt again, so that their counts differ by one or two; of the assemblies
    that this leaves, one is taken whose members have met each other least. Ties are drawn by the seed. None is taken
    again before all were, unless the balance leaves no other.
    """
    rng = random.Random(seed)
    met: Counter[frozenset[str]] = Counter()
    left: list[str] = []
    taken: set[frozenset[str]] = set()
    while True:
        for _ in range(ROUNDS):
            deals = [_deal(families, left, together, met, rng) for _ in range(TRIES)]
            if new := [deal for deal in deals if frozenset(deal[0]) not in taken]:
                break
        chosen, left = min(new or deals, key=lambda deal: sum((2 * met[pair] + 1) for pair in _pairs(deal[0])))
        met.update(_pairs(chosen))
        taken.add(frozenset(chosen))
        if len(taken) == math.comb(len(families), together):
            taken.clear()
        yield chosen


def _deal(
    families: Sequence[str], left: Sequence[str], together: int, met: Mapping[frozenset[str], int], rng: random.Random
) -> tuple[tuple[str, ...], list[str]]:
    """Return an assembly, and what is left of the deck; each member is one that met those before it least."""
    rest, chosen = list(left), list[str]()
    while len(chosen) < together:
        if not [family for family in rest if family not in chosen]:
            rest += families  # the next deck is begun early
        free = [family for family in rest if family not in chosen]
        meetings = [sum(met[frozenset((family, other))] ** 2 for other in chosen) for family in free]
        least = min(meetings)
        family = rng.choice([each for each, count in zip(free, meetings, strict=True) if count == least])
        rest.remove(family)
        chosen.append(family)
    return tuple(chosen), rest


def _pairs(chosen: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(pair) for pair in itertools.combinations(chosen, 2)]


def alphabetical(families: Sequence[str], together: int) -> Iterator[tuple[str, ...]]:
    """Yield every assembly in the published order, of `itertools.combinations` over sorted names."""
    return itertools.combinations(sorted(families), together)
