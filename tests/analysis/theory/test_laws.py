import pytest

from archwright.analysis.theory.elite import EliteCount
from archwright.analysis.theory.laws import Law, best_law, fit_laws


def counts(c_0: float, a: float, k: float, cycles: int = 12, n: int = 100_000) -> list[EliteCount]:
    shares = [k + (1 - a) ** after * (c_0 - k) for after in range(cycles)]
    return [EliteCount(after, round(share * n), n) for after, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("law", "parameters"),
    [
        (Law.CONSTANT, (0.3, 0.0, 1.0)),
        (Law.PUBLISHED, (0.1, 0.1, 1.0)),
        (Law.SMOOTHING, (0.02, 0.15, 1.0)),
        (Law.CEILING, (0.02, 0.3, 0.75)),
    ],
)
def test_each_law_is_found_again_from_its_own_counts(law, parameters):
    best = best_law(fit_laws(counts(*parameters)))
    assert best is not None
    assert best.law is law
    assert (best.c_0, best.a, best.k) == pytest.approx(parameters, abs=0.01)
    assert best.at(11) == pytest.approx(counts(*parameters)[-1].share, abs=0.005)


def test_a_plateau_refutes_the_published_law():
    p_fit = fit_laws(counts(0.02, 0.3, 0.75, n=1_000))[Law.PUBLISHED].p_fit
    assert p_fit is not None
    assert p_fit < 1e-6


def test_a_law_with_more_freedom_is_never_less_likely():
    fits = fit_laws([EliteCount(after, elite, 48) for after, elite in enumerate((12, 25, 20, 30, 28, 22))])
    assert fits[Law.CEILING].log_likelihood >= fits[Law.SMOOTHING].log_likelihood - 1e-3
    assert fits[Law.SMOOTHING].log_likelihood >= fits[Law.PUBLISHED].log_likelihood - 1e-3


def test_one_cycle_is_no_law():
    assert fit_laws(counts(0.1, 0.1, 1.0, cycles=1)) == {}
    assert best_law({}) is None


def test_all_or_nothing_can_be_fitted():
    fits = fit_laws([EliteCount(0, 0, 10), EliteCount(1, 10, 10), EliteCount(2, 0, 0)])
    assert set(fits) == set(Law)
