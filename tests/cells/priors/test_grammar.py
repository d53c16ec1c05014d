from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from archwright.cells.priors.grammar import CodeGrammar

SEPARATOR = 10
DIGITS = [tuple(map(int, str(code))) for code in range(25)]


def score(rows: Sequence[Sequence[int]], columns: Sequence[int]) -> NDArray[np.float64]:
    """Stand for a model: logits that depend on the last two tokens."""
    table = np.random.default_rng(0).normal(size=(12, 12, 12))
    return np.array([table[row[-2], row[-1]][list(columns)] for row in rows])


def walked(prefix: Sequence[int], code: tuple[int, ...]) -> float:
    """Return the probability of `code` by the definition: token by token, each among all that can still be a code."""
    share = 1.0
    for length in range(len(code) + 1):
        begun = code[:length]
        longer = {other[length] for other in DIGITS if other[:length] == begun and len(other) > length}
        allowed = sorted(longer | ({SEPARATOR} if begun in DIGITS else set()))
        weights = np.exp(score([[*prefix, *begun]], allowed)[0])
        chosen = code[length] if length < len(code) else SEPARATOR
        share *= float(weights[allowed.index(chosen)] / weights.sum())
    return share


def test_codes_have_the_probability_of_their_tokens_and_of_ending_there() -> None:
    prefixes = [[11, 11], [11, 11, 3, SEPARATOR]]
    log_probs_nk = CodeGrammar(DIGITS, [SEPARATOR]).next_log_probs(prefixes, score)
    for prefix, log_probs_k in zip(prefixes, log_probs_nk, strict=True):
        assert np.exp(log_probs_k) == pytest.approx([walked(prefix, code) for code in DIGITS], rel=1e-4)
        assert np.exp(log_probs_k).sum() == pytest.approx(1, abs=1e-5)


def test_a_code_of_one_token_has_the_softmax_of_the_codes() -> None:
    log_probs_k = CodeGrammar([(4,), (2,), (7,)], [4, 2, 7]).next_log_probs([[1, 1]], score)[0]
    weights = np.exp(score([[1, 1]], [4, 2, 7])[0])
    assert np.exp(log_probs_k) == pytest.approx(weights / weights.sum(), rel=1e-5)
