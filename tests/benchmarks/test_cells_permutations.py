import numpy as np
from benchmarks.cells_permutations import PermutationTest, permutation_test
from numpy.typing import NDArray

from archwright.cells.priors.prior import Codes

CODES = np.array([[0, 1, 2], [1, 1, 1], [2, 1, 0], [3, 0, 1]], np.int16)


def in_order(codes_nv: Codes) -> NDArray[np.int64]:
    """Stand for cells whose codes mean something by their place; those that begin with 3 are none."""
    return np.where(codes_nv[:, 0] == 3, -1, codes_nv.astype(np.int64) @ [16, 4, 1])


def as_a_set(codes_nv: Codes) -> NDArray[np.int64]:
    return np.where(codes_nv[:, 0] == 3, -1, np.sort(codes_nv).astype(np.int64) @ [16, 4, 1])


def test_where_order_matters_only_the_sequence_itself_is_its_duplicate() -> None:
    assert permutation_test(CODES, in_order, seed=0, permutations=60) == PermutationTest(3, 60, 3, 0)


def test_where_it_does_not_every_other_order_is_one() -> None:
    assert permutation_test(CODES, as_a_set, seed=0, permutations=60) == PermutationTest(3, 60, 3, 2)
