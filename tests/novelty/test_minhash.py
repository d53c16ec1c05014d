from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.novelty.minhash import signatures
from archwright.novelty.tokens import Shingles, jaccard, lexer_tokens, shingles
from archwright.starters import load_seed_corpus


def sets_of(shared: int, left: int, right: int, start: int) -> tuple[Shingles, Shingles]:
    """Two sets of shingles with a given overlap."""
    words = [str(number) for number in range(start, start + shared + left + right)]
    return shingles(words[: shared + left], 1), shingles(words[:shared] + words[shared + left :], 1)


@settings(max_examples=100, deadline=None)
@given(st.integers(20, 400), st.integers(0, 200), st.integers(0, 200), st.integers(0, 10**9))
def test_the_estimate_is_within_five_standard_errors_of_exact_jaccard(
    shared: int, left: int, right: int, start: int
) -> None:
    first, second = sets_of(shared, left, right, start)
    exact = jaccard(first, second)
    a, b = signatures([first, second], 256)
    standard_error = (exact * (1 - exact) / 256) ** 0.5
    assert abs((a == b).mean() - exact) <= 5 * standard_error + 1e-9


def test_the_mean_error_over_many_pairs_is_at_most_that_of_256_permutations() -> None:
    errors = []
    for number in range(300):
        first, second = sets_of(90, 5, 5, 1000 * number)
        a, b = signatures([first, second], 256)
        errors.append(float((a == b).mean()) - jaccard(first, second))
    assert abs(np.mean(errors)) < 0.005
    assert np.std(errors) <= 1.1 * (0.9 * 0.1 / 256) ** 0.5


def test_on_real_programs_the_estimates_err_no_more_than_theory_says() -> None:
    """In standard errors sqrt(J (1 - J) / k): of size 1 or a little below, and none as large as 5."""
    tokens = [lexer_tokens(network.program.source) for network in load_seed_corpus()[:20]]
    tokens += [[*one[: len(one) - cut], *one[len(one) - cut // 2 :]] for one in tokens for cut in (8, 40)]
    sets = [shingles(one, 10) for one in tokens]
    for permutations in (64, 256):
        rows = signatures(sets, permutations)
        errors = []
        for first, second in combinations(range(len(sets)), 2):
            exact = jaccard(sets[first], sets[second])
            if 0.05 < exact < 1.0:
                error = float((rows[first] == rows[second]).mean()) - exact
                errors.append(error / (exact * (1 - exact) / permutations) ** 0.5)
        assert len(errors) > 500
        assert 0.4 < np.sqrt(np.mean(np.square(errors))) < 1.2
        assert np.max(np.abs(errors)) < 5


def test_equal_sets_have_equal_signatures_in_any_company() -> None:
    first, second = sets_of(50, 30, 30, 0)
    alone = signatures([first], 256)[0]
    assert (signatures([second, first, second], 256)[1] == alone).all()


def test_signatures_are_the_same_on_every_machine() -> None:
    assert signatures([np.array([1, 2, 3], np.uint64)], 16)[0, :4].tolist() == FIRST_OF_SIGNATURE


def test_no_sets_have_no_signatures() -> None:
    assert signatures([], 64).shape == (0, 64)


FIRST_OF_SIGNATURE = [3264571612, 1225488152, 1242460167, 3336582681]
