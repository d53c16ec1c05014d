"""Drawing tokens: greedy, top-k, top-p and the random streams."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archwright.llm.model import Decoding
from archwright.llm.sampling import draw


def streams(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_temperature_zero_takes_the_likeliest() -> None:
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 3.0, 1.0]])
    assert draw(logits, streams(1, 2), Decoding(0.0, 0, 1.0, 1)) == [1, 0]


def test_frequencies_follow_the_softmax() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0]).expand(4000, 3)
    tokens = torch.tensor(draw(logits, streams(*range(4000)), Decoding(2.0, 0, 1.0, 1)))
    shares = torch.bincount(tokens, minlength=3) / 4000
    assert torch.allclose(shares, (logits[0] / 2.0).softmax(0), atol=0.03)


def test_top_p_keeps_the_fewest_tokens_that_reach_it() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(500, 4)
    assert set(draw(logits, streams(*range(500)), Decoding(1.0, 0, 0.7, 1))) == {0, 1}
    assert set(draw(logits, streams(*range(500)), Decoding(1.0, 0, 0.01, 1))) == {0}


@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=40),
    temperature=st.floats(0.05, 5),
    top_k=st.integers(0, 50),
    top_p=st.floats(0.01, 1),
    seed=st.integers(0, 2**63 - 1),
)
def test_a_token_is_always_one_of_the_top_k(
    logits: list[float], temperature: float, top_k: int, top_p: float, seed: int
) -> None:
    [token] = draw(torch.tensor([logits]), streams(seed), Decoding(temperature, top_k, top_p, 1))
    higher = sum(value > logits[token] for value in logits)
    assert higher < (top_k or len(logits))


@pytest.mark.parametrize("seed", [0, 1, 2**62])
def test_each_row_draws_from_its_own_stream(seed: int) -> None:
    logits = torch.zeros(2, 1000)
    alone = draw(logits[:1], streams(seed), Decoding(1.0, 0, 1.0, 1))
    assert draw(logits, streams(5, seed), Decoding(1.0, 0, 1.0, 1))[1:] == alone
