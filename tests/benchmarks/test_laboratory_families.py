import numpy as np
import pytest
from benchmarks.laboratory_families import (
    FAMILIES,
    autoregressive,
    cycle,
    cycles,
    divergence,
    elite_probability,
    factorised,
    full_softmax,
    random_member,
)

SHAPE = (3, 4, 2)
RNG = np.random.default_rng(0)
TARGET = RNG.dirichlet(np.ones(24)).reshape(SHAPE)
UNIFORM = np.full(SHAPE, 1 / 24)
ELITE = RNG.random(SHAPE) < 0.3


@pytest.mark.parametrize("name", FAMILIES)
def test_a_projection_is_a_distribution_that_projects_to_itself(name):
    p = FAMILIES[name](TARGET)
    assert p.sum() == pytest.approx(1)
    assert np.allclose(FAMILIES[name](p), p)


def test_a_factorised_projection_has_the_marginals_of_the_target():
    assert np.allclose(factorised(TARGET).sum((1, 2)), TARGET.sum((1, 2)))


def test_an_autoregressive_projection_has_the_joint_of_neighbours():
    assert np.allclose(autoregressive(TARGET).sum(0), TARGET.sum(0))
    assert not np.allclose(autoregressive(TARGET), TARGET)


def test_given_all_choices_before_an_autoregressive_family_holds_everything():
    assert np.allclose(autoregressive(TARGET, order=2), TARGET)


@pytest.mark.parametrize("family", [factorised, autoregressive])
def test_no_other_member_is_nearer_to_the_target(family):
    nearest = divergence(TARGET, family(TARGET))
    others = [family(0.9 * TARGET + 0.1 * random_member(SHAPE, 1.0, np.random.default_rng(seed))) for seed in range(20)]
    assert all(divergence(TARGET, other) > nearest for other in others)


def test_a_full_softmax_writes_nothing_but_elite_after_one_lesson():
    assert elite_probability(cycle(UNIFORM, ELITE, full_softmax), ELITE) == pytest.approx(1)


@pytest.mark.parametrize("family", [factorised, autoregressive])
def test_the_elite_never_loses_probability_while_the_writer_is_in_the_family(family):
    for seed in range(20):
        start = family(random_member(SHAPE, 0.5, np.random.default_rng(seed)))
        shares = [elite_probability(p, ELITE) for p in cycles(start, ELITE, family, 5)]
        assert np.diff(shares).min() > -1e-12


def test_a_writer_taught_what_it_cannot_hold_writes_less_of_the_elite():
    two = np.zeros((2, 2))
    two[0, 0] = two[1, 1] = 0.5
    assert elite_probability(cycle(two, two > 0, factorised), two > 0) == pytest.approx(0.5)


def test_smoothing_and_replay_follow_the_corrected_law_exactly():
    rho, p = elite_probability(UNIFORM, ELITE), UNIFORM
    ceiling = 0.75 + 0.25 * rho
    for _ in range(5):
        after = cycle(p, ELITE, full_softmax, smoothing=0.2, base=UNIFORM, replay=0.25)
        c = elite_probability(p, ELITE)
        assert elite_probability(after, ELITE) == pytest.approx(c + 0.2 * (ceiling - c))
        p = after


def test_a_lesson_without_an_elite_is_refused():
    with pytest.raises(ValueError, match="no elite"):
        cycle(UNIFORM, np.zeros(SHAPE, bool), full_softmax)


def test_what_the_model_lacks_is_infinitely_far():
    assert divergence(UNIFORM, np.eye(24)[0].reshape(SHAPE)) == float("inf")
    assert divergence(TARGET, TARGET) == 0.0
