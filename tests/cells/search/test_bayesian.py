from collections.abc import Callable, Sequence

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern
from tests.cells.search.playing import Play

from archwright.cells.cell import Cell
from archwright.cells.search import registry
from archwright.cells.search.bayesian import BayesianSearch, expected_improvement, normal_scores
from archwright.cells.search.controls import RandomSearch
from archwright.cells.search.posterior import PoolPosterior
from archwright.cells.search.space import SEARCH_SPACES

SPACE = SEARCH_SPACES["nasbench201"]
Accuracy = Callable[[Cell], float]


def test_the_posterior_is_that_of_a_gaussian_process() -> None:
    rng = np.random.default_rng(0)
    features_mf = rng.normal(size=(80, 3)).astype(np.float32)
    values_n = (np.sin(features_mf[:19].sum(1)) + features_mf[:19, 0]).astype(np.float64)
    posterior = PoolPosterior(features_mf)
    for first, last in ((0, 14), (14, 16), (16, 19)):
        posterior.add(list(range(first, last)), values_n[:last])
    mean_m, deviation_m = posterior.predict(values_n)
    centred_mf = features_mf - features_mf.mean(0)
    slope = posterior.slope / (centred_mf**2).sum(1).mean()
    kernel = Matern(posterior.length, "fixed", nu=2.5) + ConstantKernel(slope, "fixed") * DotProduct(0.0, "fixed")
    reference = GaussianProcessRegressor(kernel, alpha=posterior.noise, optimizer=None).fit(centred_mf[:19], values_n)
    expected_mean_m, expected_deviation_m = reference.predict(centred_mf, return_std=True)
    assert mean_m == pytest.approx(expected_mean_m, abs=1e-3)
    ratio_m = deviation_m[19:] / expected_deviation_m[19:]
    assert ratio_m == pytest.approx(ratio_m[0], rel=1e-2)
    assert np.corrcoef(mean_m[19:], np.sin(features_mf[19:].sum(1)) + features_mf[19:, 0])[0, 1] > 0.5


def test_expected_improvement_is_the_mean_of_what_is_better() -> None:
    mean_m, deviation_m = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.1, 0.5])
    draws = np.random.default_rng(0).normal(size=(200_000, 1)) * deviation_m + mean_m
    assert expected_improvement(mean_m, deviation_m, 0.5) == pytest.approx(np.maximum(draws - 0.5, 0).mean(0), abs=5e-3)


def test_normal_scores_know_ranks_alone() -> None:
    scores = normal_scores([0.1, 0.9, 0.5, 0.5])
    assert scores == pytest.approx(normal_scores([1, 1_000, 2, 2]))
    assert scores[1] > scores[2] == scores[3] > scores[0] == pytest.approx(-scores[1])


def test_scores_find_the_best_cell_long_before_chance(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    best = max(map(accuracy, pool))
    found_by_chance = 0
    for seed in range(3):
        search = Play(SPACE, BayesianSearch(pool, SPACE.encode(pool), seed), accuracy)
        search.run(60)
        assert search.incumbent.accuracy == best
        control = Play(SPACE, RandomSearch(pool, seed), accuracy)
        control.run(60)
        found_by_chance += control.incumbent.accuracy == best
    assert found_by_chance < 3


def test_the_whole_of_a_small_pool_is_asked_for_and_no_cell_twice(pool: Sequence[Cell]) -> None:
    some = pool[:45]
    search = Play(SPACE, BayesianSearch(some, SPACE.encode(some), 0), lambda cell: 0.5 if cell == some[7] else None)
    search.run(45)
    assert (len(search.queries), search.proposals) == (1, 45)


def test_the_recommended_cell_is_not_the_luckiest(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    """A bad cell whose training was lucky is the incumbent; its neighbours say better."""
    some = pool[:200]
    lucky = min(some, key=accuracy)
    strategy = BayesianSearch(some, SPACE.encode(some), 0)
    search = Play(SPACE, strategy, lambda cell: 0.99 if cell == lucky else accuracy(cell))
    search.run(200)
    assert search.incumbent.cell == lucky
    assert accuracy(strategy.recommend()) > accuracy(lucky) + 0.2


def test_of_a_large_pool_it_chooses_among_a_random_part(
    pool: Sequence[Cell], accuracy: Accuracy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "LARGEST_POOL", 60)
    search = Play(SPACE, registry.new_strategy("bayesian", SPACE, pool, 0), accuracy)
    search.run(100)
    found = [query.cell for query in search.queries]
    assert len(found) == 60
    assert set(found) <= set(pool)
    assert max(map(pool.index, found)) > 500
