import itertools
from collections import Counter

import pytest

from archwright.designs import Design
from archwright.designs.coverage import spreads
from archwright.designs.deck import alphabetical, balanced_deck

FAMILIES = tuple(f"family{number:02}" for number in range(29))


def dealt(order, number: int, families=FAMILIES) -> list[tuple[str, ...]]:
    return list(itertools.islice(order, number))


def spread_of(assemblies):
    design = Design({"experts": FAMILIES}, [])
    return {spread.over: spread for spread in spreads(design, [{"experts": list(four)} for four in assemblies])}


@pytest.mark.parametrize("seed", range(3))
def test_after_a_hundred_assemblies_all_families_and_pairs_are_balanced(seed: int) -> None:
    found = spread_of(dealt(balanced_deck(FAMILIES, 4, seed), 100))
    families, pairs = found["experts"], found["pairs of experts"]
    assert (families.seen, families.least, families.most) == (29, 13, 14)
    assert (pairs.seen, pairs.levels, pairs.least) == (406, 406, 1)
    assert pairs.most <= 3
    assert min(families.p, pairs.p) > 0.05


def test_no_assembly_is_dealt_again_while_the_balance_leaves_another() -> None:
    assert len({frozenset(each) for each in dealt(balanced_deck(FAMILIES, 4, 0), 400)}) == 400
    pairs = list(map(frozenset, dealt(balanced_deck(FAMILIES[:4], 2, 0), 12)))
    assert len(set(pairs[:6])) == len(set(pairs[6:])) == 6


def test_the_published_order_has_one_family_in_every_assembly() -> None:
    found = spread_of(dealt(alphabetical(FAMILIES, 4), 1140))  # 4.8 % of 23,751
    assert found["experts"].most == 1140
    assert found["experts"].p < 1e-100
    assert found["pairs of experts"].most > 20 * found["pairs of experts"].least


@pytest.mark.parametrize("families", [4, 5, 6, 7, 9, 11])
def test_counts_of_families_never_differ_by_more_than_the_deck_that_is_dealt(families: int) -> None:
    names = FAMILIES[:families]
    counts: Counter[str] = Counter()
    for four in dealt(balanced_deck(names, 4, 0), 60):
        assert len(set(four)) == 4
        counts.update(four)
        assert max(counts.values()) - min(counts[name] for name in names) <= 2


def test_a_longer_deck_begins_as_a_shorter_one() -> None:
    assert dealt(balanced_deck(FAMILIES, 4, 7), 40)[:10] == dealt(balanced_deck(FAMILIES, 4, 7), 10)
    assert dealt(balanced_deck(FAMILIES, 4, 7), 10) != dealt(balanced_deck(FAMILIES, 4, 8), 10)
