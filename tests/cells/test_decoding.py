"""Exactness against a prior whose probabilities are known."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.cells.priors.contract import FakePrior

from archwright.cells.decoding import draw_distinct, sample_constrained, sample_unique, seen_codes
from archwright.cells.priors.prior import Codes
from archwright.errors import ArchwrightError

VERTICES, CODES = 3, 3
EVERYTHING = np.ones((VERTICES, CODES), bool)
TEMPERATURE = 1.5


@pytest.fixture(scope="module")
def prior() -> FakePrior:
    return FakePrior.random(VERTICES, CODES, seed=1)


def probabilities(prior: FakePrior, seen_vk: NDArray[np.bool_]) -> dict[tuple[int, ...], float]:
    """Return the probability of every sequence at the temperature, within the constraints."""
    result = {}
    for codes in product(range(CODES), repeat=prior.vertices):
        share = 1.0
        for place, code in enumerate(codes):
            log_probs_k = prior.next_log_probs(np.array([codes[:place]], np.int16))[0].astype(float)
            weights_k = np.exp(log_probs_k / TEMPERATURE) * seen_vk[place]
            share *= weights_k[code] / weights_k.sum()
        result[codes] = share
    return result


def total(codes_nv: Codes) -> NDArray[np.int64]:
    """Stand for cells: a sequence that begins with 0 is none, others are told apart by their sum."""
    return np.where(codes_nv[:, 0] == 0, -1, codes_nv.sum(1, dtype=np.int64))


def distance(found: Counter[tuple[int, ...]], expected: dict[tuple[int, ...], float]) -> float:
    """Return the total variation between shares found and expected."""
    draws = sum(found.values())
    return sum(abs(found[key] / draws - expected.get(key, 0)) for key in {*found, *expected}) / 2


def test_constrained_sequences_have_the_masked_distribution_given_that_they_are_cells(prior: FakePrior) -> None:
    seen_vk = seen_codes(np.array([[0, 1, 2], [1, 1, 0], [2, 2, 0]], np.int16), CODES)
    sampled = sample_constrained(prior, total, 20_000, temperature=TEMPERATURE, seed=0, seen_vk=seen_vk)
    expected = {codes: share for codes, share in probabilities(prior, seen_vk).items() if codes[0] != 0}
    valid = sum(expected.values())
    assert (
        distance(
            Counter(map(tuple, sampled.codes_nv.tolist())), {key: share / valid for key, share in expected.items()}
        )
        < 0.02
    )
    assert len(sampled.codes_nv) / sampled.drawn == pytest.approx(valid, abs=0.02)


def test_distinct_sequences_come_in_the_order_of_drawing_without_replacement() -> None:
    short = FakePrior.random(2, CODES, seed=1)
    share = probabilities(short, EVERYTHING[:2])
    expected = {
        (*first, *second): share[first] * share[second] / (1 - share[first])
        for first in share
        for second in share
        if first != second
    }
    found = Counter(
        tuple(draw_distinct(short, 2, temperature=TEMPERATURE, seed=seed, seen_vk=EVERYTHING[:2]).ravel().tolist())
        for seed in range(1500)
    )
    assert distance(found, expected) < 0.11  # Of 72 pairs; 1,500 exact draws are 0.08 away.


def test_a_wider_search_goes_on_where_a_narrower_one_ended(prior: FakePrior) -> None:
    search = [
        draw_distinct(prior, width, temperature=TEMPERATURE, seed=3, seen_vk=EVERYTHING).tolist()
        for width in (4, 9, 99)
    ]
    assert search[1][:4] == search[0]
    assert search[2][:9] == search[1]
    assert sorted(map(tuple, search[2])) == list(product(range(CODES), repeat=VERTICES))


def test_distinct_cells_come_in_the_order_of_drawing_without_replacement(prior: FakePrior) -> None:
    """By the definition: cells have the probability of their sequences together."""
    share: Counter[int] = Counter()
    for codes, value in probabilities(prior, EVERYTHING).items():
        if codes[0] != 0:
            share[sum(codes)] += value
    valid = sum(share.values())
    expected = {
        (first, second): share[first] / valid * share[second] / (valid - share[first])
        for first in share
        for second in share
        if first != second
    }
    found: Counter[tuple[int, ...]] = Counter()
    for seed in range(600):
        sampled = sample_unique(prior, total, 2, temperature=TEMPERATURE, seed=seed, seen_vk=EVERYTHING)
        found[tuple(total(sampled.codes_nv).tolist())] += 1
    assert distance(found, expected) < 0.12  # Of 30 pairs; 600 exact draws are 0.08 away.


def test_all_cells_can_be_drawn_and_no_more(prior: FakePrior) -> None:
    sampled = sample_unique(prior, total, 6, temperature=1.0, seed=0, seen_vk=EVERYTHING)
    assert sorted(total(sampled.codes_nv).tolist()) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(ArchwrightError, match="6 of the 7"):
        sample_unique(prior, total, 7, temperature=1.0, seed=0, seen_vk=EVERYTHING)


def test_a_prior_that_writes_no_cells_is_told(prior: FakePrior) -> None:
    def none(codes_nv: Codes) -> NDArray[np.int64]:
        return np.full(len(codes_nv), -1)

    for function in (sample_constrained, sample_unique):
        with pytest.raises(ArchwrightError, match="gave 0 of the 5"):
            function(prior, none, 5, temperature=1.0, seed=0, seen_vk=EVERYTHING)
