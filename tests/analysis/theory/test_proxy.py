import math

import numpy as np
import pytest

from archwright.analysis.theory.proxy import (
    bootstrap_snr,
    correct_range,
    measure,
    rank_correlation,
    seeds_needed,
    snr_of,
    snr_of_ranks,
    spearman,
    variance_components,
)


@pytest.mark.parametrize(("rho_s", "snr"), [(0.926, 6.63), (0.635, 0.743), (0.495, 0.356)])
def test_the_published_rank_correlations_have_these_ratios(rho_s, snr):
    assert snr_of(rho_s) == pytest.approx(snr, rel=0.002)  # FACTS 3
    assert rank_correlation(snr_of(rho_s)) == pytest.approx(rho_s)


def test_the_closed_form_reaches_both_ends():
    assert rank_correlation(0.0) == 0.0
    assert rank_correlation(math.inf) == pytest.approx(1.0)
    assert snr_of(1.0) > 1e12


def test_the_closed_form_is_what_normal_scores_do():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20_000)
    proxy = truth + rng.normal(scale=math.sqrt(1 / 0.743), size=20_000)
    assert spearman(truth, proxy) == pytest.approx(0.635, abs=0.01)


def test_balanced_components_are_between_minus_within_over_n():
    groups = [[1.0, 3.0], [5.0, 7.0], [9.0, 11.0]]
    found = variance_components(groups)
    assert found is not None
    assert found.noise == pytest.approx(2.0)
    assert found.architecture == pytest.approx(np.var([2, 6, 10], ddof=1) - 2 / 2)
    assert found.snr == pytest.approx(7.5)


def test_unbalanced_components_are_found_again():
    rng = np.random.default_rng(3)
    groups = [(rng.normal(0, 2) + rng.normal(0, 1, rng.integers(1, 4))).tolist() for _ in range(4_000)]
    found = variance_components(groups)
    assert found is not None
    assert (found.architecture, found.noise) == pytest.approx((4, 1), rel=0.06)


def test_seeds_that_explain_everything_leave_no_variance_to_architectures():
    found = variance_components([[0.0, 1.0], [1.0, 0.0]])
    assert found is not None
    assert (found.architecture, found.snr) == (0.0, 0.0)
    assert seeds_needed(found.snr) is None


def test_without_a_second_seed_nothing_is_known():
    assert variance_components([[1.0], [2.0]]) is None
    assert variance_components([[1.0, 2.0]]) is None
    assert variance_components([]) is None


def test_the_bootstrap_interval_holds_the_truth_and_is_repeatable():
    rng = np.random.default_rng(5)
    groups = [(rng.normal(0, 2) + rng.normal(0, 1, 3)).tolist() for _ in range(40)]
    interval = bootstrap_snr(groups, 0)
    assert interval is not None
    assert 4.0 in interval
    assert interval == bootstrap_snr(groups, 0)
    assert bootstrap_snr(groups[:4], 0) is None


def test_averaging_the_seeds_needed_gives_the_correlation_wanted():
    needed = seeds_needed(0.356)
    assert needed == 6
    assert rank_correlation(needed * 0.356) >= 0.8 > rank_correlation((needed - 1) * 0.356)
    assert seeds_needed(100.0) == 1


def trained_twice(levels: np.ndarray, noise: float) -> list[list[float]]:
    return (levels[:, None] + np.random.default_rng(11).normal(0, noise, (len(levels), 2))).tolist()


def test_the_ranks_of_normal_scores_have_the_snr_of_the_scores():
    groups = trained_twice(np.random.default_rng(12).normal(size=4_000), math.sqrt(1 / 0.743))
    assert snr_of_ranks(groups) == pytest.approx(0.743, rel=0.1)


def test_a_tail_of_failures_lifts_the_snr_and_not_that_of_the_ranks():
    rng = np.random.default_rng(13)
    levels = np.concatenate([rng.normal(0.8, 0.01, 450), np.full(50, 0.1)])
    groups = trained_twice(levels, 0.03)
    found = variance_components(groups)
    assert found is not None
    assert rank_correlation(found.snr) > 0.95
    measured = spearman(levels, [first for first, _ in groups])
    assert rank_correlation(snr_of_ranks(groups)) == pytest.approx(measured, abs=0.1)


def test_few_architectures_have_no_snr_of_ranks():
    assert snr_of_ranks([[n, n + 1] for n in range(9)]) is None
    assert snr_of_ranks([[n, n + 1] for n in range(10)]) == math.inf
    assert snr_of_ranks([[n, -n] for n in range(10)]) == 0.0


def test_a_restricted_range_is_corrected_as_thorndike_does():
    assert correct_range(0.5, 2.0) == pytest.approx(1.0 / math.sqrt(1.75))
    assert correct_range(0.5, 1.0) == pytest.approx(0.5)


def test_a_correlation_among_the_best_is_corrected_to_that_among_all():
    rng = np.random.default_rng(7)
    proxy = rng.normal(size=4_000)
    truth = proxy + rng.normal(size=4_000)
    best = proxy > 0.5
    found = measure(proxy[best].tolist(), truth[best].tolist(), proxy.tolist(), 0, resamples=50)
    assert found is not None
    assert found.corrected is not None
    assert found.rho < 0.5 < found.corrected
    assert found.corrected == pytest.approx(spearman(proxy, truth), abs=0.08)
    assert found.interval is not None
    assert found.rho in found.interval
