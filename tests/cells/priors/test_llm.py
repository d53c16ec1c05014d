"""A tiny model with the embedded tokenizer: its digits are tokens, so a code is up to three of them."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.cells.priors.contract import CodePriorContract
from tests.tiny import write_tiny_model

from archwright.cells.priors.llm import LlmPrior, LlmPriorConfig
from archwright.cells.priors.prior import BLANK, PriorSchedule
from archwright.llm.embedded import PACKAGE


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec(PACKAGE) is None:
        pytest.skip("the embedded model is not installed: make setup")
    return write_tiny_model(tmp_path_factory.mktemp("tiny"), pad=0)


@pytest.mark.slow
class TestLlmPrior(CodePriorContract):
    @pytest.fixture
    def prior(self, tiny_folder: Path) -> LlmPrior:
        training = PriorSchedule(epochs=30, batch=4, lr=5e-3)
        return LlmPrior(4, 10, LlmPriorConfig(model=str(tiny_folder), training=training))


def test_codes_of_several_tokens_have_probabilities_that_add_up(tiny_folder: Path) -> None:
    prior = LlmPrior(3, 120, LlmPriorConfig(model=str(tiny_folder)))
    for prefix_np in (np.empty((2, 0), np.int16), np.array([[5, 119], [77, 0]], np.int16)):
        assert np.allclose(np.exp(prior.next_log_probs(prefix_np)).sum(1), 1, atol=1e-4)


def test_what_the_bare_model_writes_is_malformed(tiny_folder: Path) -> None:
    prior = LlmPrior(3, 120, LlmPriorConfig(model=str(tiny_folder)))
    assert (prior.sample(3, 1.0, seed=0) == BLANK).all()
    assert (prior.fill(np.array([[1, BLANK, 3]], np.int16), 1.0, seed=0) == BLANK).all()
