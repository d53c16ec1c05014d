import numpy as np
import pytest

from archwright.analysis.theory.collapse import effective_number, measure_variety


def test_copies_are_one_architecture_and_strangers_are_all_different():
    assert effective_number(np.ones((7, 7))) == pytest.approx(1.0)
    assert effective_number(np.eye(7)) == pytest.approx(7.0)


def test_two_equal_groups_are_two_architectures():
    similarities = np.kron(np.eye(2), np.ones((3, 3)))
    found = measure_variety("aaabbb", similarities)
    assert found.effective == pytest.approx(2.0)
    assert (found.n, found.distinct, found.largest) == (6, 2, 3)
    assert found.mean_similarity == pytest.approx(12 / 30)
    assert found.effective_share == pytest.approx(1 / 3)


def test_partly_similar_architectures_count_in_part():
    assert effective_number(np.array([[1.0, 0.5], [0.5, 1.0]])) == pytest.approx(4 / 3)


def test_nothing_and_one_have_no_pairs():
    nothing = measure_variety([], np.zeros((0, 0)))
    assert (nothing.mean_similarity, nothing.effective, nothing.effective_share) == (None, 0.0, 0.0)
    assert measure_variety(["a"], np.ones((1, 1))).mean_similarity is None
