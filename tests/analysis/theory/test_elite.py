import math

import pytest

from archwright.analysis.theory.elite import EliteCount, check_bound, published_bound


def counts(*shares: float, n: int = 1_000) -> list[EliteCount]:
    return [EliteCount(after, round(share * n), n) for after, share in enumerate(shares)]


def test_the_published_bound_is_rho_0_after_one_cycle():
    assert published_bound(0.02, 1) == pytest.approx(0.02)
    assert published_bound(0.02, 0) == 0.0


def test_a_plateau_violates_the_bound_from_that_cycle_on():
    check = check_bound(counts(0.2, 0.5, 0.7, *[0.75] * 9))
    after = math.ceil(math.log(0.25) / math.log(0.8))  # FACTS 3: t > ln .25 / ln(1 - rho_0)
    assert check.below == tuple(range(after, 12))
    assert check.violated[-1] == 11
    assert set(check.violated) <= set(check.below)


def test_few_candidates_violate_nothing_beyond_chance():
    check = check_bound(counts(0.2, 0.3, 0.4, *[0.4] * 3, n=10))
    assert check.below
    assert check.violated == ()


def test_a_first_cycle_without_an_elite_bounds_nothing():
    assert check_bound(counts(0.0, 0.1, 0.0)).below == ()


def test_a_cycle_without_candidates_is_not_below_the_bound():
    assert check_bound([EliteCount(0, 50, 100), EliteCount(1, 0, 0)]).below == ()
