from itertools import combinations
from statistics import fmean

import pytest
from recipes.best_of import bootstrap_best, expected_best

VALUES = [0.5, 0.1, 0.4, 0.4, 0.9]


@pytest.mark.parametrize("m", range(1, 6))
def test_the_best_of_m_is_the_mean_over_all_draws(m: int) -> None:
    assert expected_best(VALUES, m) == pytest.approx(fmean(map(max, combinations(VALUES, m))))


@pytest.mark.parametrize("m", [0, 6])
def test_there_is_no_best_of_none_and_none_of_more_than_there_are(m: int) -> None:
    with pytest.raises(ValueError, match=f"the best of {m} among 5"):
        expected_best(VALUES, m)


def test_the_interval_holds_the_value_and_follows_its_seed() -> None:
    interval = bootstrap_best(VALUES * 4, 3)
    assert expected_best(VALUES * 4, 3) in interval
    assert interval == bootstrap_best(VALUES * 4, 3)
