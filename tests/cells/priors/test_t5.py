from pathlib import Path

import numpy as np
import pytest
from tests.cells.priors.contract import CodePriorContract

from archwright.cells.priors.prior import BLANK, PriorSchedule
from archwright.cells.priors.t5 import MODEL, T5Config, T5Prior
from archwright.errors import UsageError

SMALL = T5Config(width=16, layers=1, heads=2)


class TestT5Prior(CodePriorContract):
    @pytest.fixture
    def prior(self) -> T5Prior:
        training = PriorSchedule(epochs=25, batch=16, lr=2e-2)
        return T5Prior(4, 10, SMALL.model_copy(update={"training": training}))


def test_an_untrained_one_writes_malformed_sequences_and_they_are_told() -> None:
    prior = T5Prior(4, 10, SMALL)
    codes_nv = prior.sample(50, 1.0, seed=0)
    assert (codes_nv == BLANK).all(1).any()
    assert ((codes_nv == BLANK).all(1) | ((codes_nv >= 0) & (codes_nv < 10)).all(1)).all()


def test_a_checkpoint_with_tokens_of_its_own_is_taken_as_it_is(tmp_path: Path) -> None:
    T5Prior(4, 10, SMALL, seed=7).save(tmp_path)
    given = T5Prior(4, 10, T5Config(checkpoint=tmp_path / MODEL), seed=0)
    prefix_np = np.array([[1, 2]], np.int16)
    expected = T5Prior(4, 10, SMALL, seed=7).next_log_probs(prefix_np)
    assert (given.next_log_probs(prefix_np) == expected).all()
    with pytest.raises(UsageError, match="no T5 can be loaded"):
        T5Prior(4, 10, T5Config(checkpoint=tmp_path / "nothing"))
