from pathlib import Path

import numpy as np
import pytest
from tests.cells.priors.contract import CodePriorContract

from archwright.cells.priors import fitting
from archwright.cells.priors.decoder import DecoderConfig, DecoderPrior
from archwright.cells.priors.prior import BLANK, Codes, PriorSchedule, random_masks
from archwright.errors import UsageError

SMALL = DecoderConfig(width=16, layers=1, heads=2, training=PriorSchedule(epochs=2, batch=16, lr=1e-2))


def taught_by(training: PriorSchedule) -> DecoderConfig:
    return SMALL.model_copy(update={"training": training})


class TestDecoderPrior(CodePriorContract):
    @pytest.fixture
    def prior(self) -> DecoderPrior:
        return DecoderPrior(4, 10, taught_by(PriorSchedule(epochs=30, batch=16, lr=2e-2)))


@pytest.fixture
def codes() -> Codes:
    return np.random.default_rng(0).integers(0, 10, (40, 4)).astype(np.int16)


def test_a_sequence_has_the_probability_of_its_codes(codes: Codes) -> None:
    prior = DecoderPrior(2, 3, SMALL)
    prior.fit(codes[:, :2] % 3, seed=0)
    drawn_nv = prior.sample(20_000, 1.0, seed=0)
    first_k = np.exp(prior.next_log_probs(np.empty((1, 0), np.int16)))[0]
    second_kk = np.exp(prior.next_log_probs(np.arange(3, dtype=np.int16)[:, None]))
    shares_kk = np.zeros((3, 3))
    np.add.at(shares_kk, (drawn_nv[:, 0], drawn_nv[:, 1]), 1 / len(drawn_nv))
    assert np.abs(shares_kk - first_k[:, None] * second_kk).max() < 0.015


def test_a_blank_is_filled_from_what_stands_behind_it() -> None:
    """The first code is the last one's double: only a prior that looks ahead gets it right."""
    last_n = np.arange(200) % 5
    codes_nv = np.stack([2 * last_n, last_n], 1).astype(np.int16)
    prior = DecoderPrior(2, 10, taught_by(PriorSchedule(epochs=25, batch=20, lr=2e-2)))
    prior.fit(codes_nv, seed=0)
    asked_nv = codes_nv[:50].copy()
    asked_nv[:, 0] = BLANK
    assert (prior.fill(asked_nv, 0.3, seed=0) == codes_nv[:50]).all(1).mean() > 0.9


def test_a_training_that_was_cut_goes_on_to_the_same_weights(
    tmp_path: Path, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SMALL.model_copy(update={"dropout": 0.1})
    whole = DecoderPrior(4, 10, config)
    whole.fit(codes, seed=5)
    monkeypatch.setattr(fitting, "CHECKPOINT_S", 0.0)

    def cut(step: int, steps: int, loss: float) -> None:
        if step == 5:
            raise KeyboardInterrupt

    for on_step in (cut, None):
        resumed = DecoderPrior(4, 10, config)
        try:
            resumed.fit(codes, seed=5, checkpoint=tmp_path / "state", on_step=on_step)
        except KeyboardInterrupt:
            other = DecoderPrior(4, 10, SMALL)
            with pytest.raises(UsageError, match="another training"):
                other.fit(codes, seed=6, checkpoint=tmp_path / "state")
    prefix = np.empty((1, 0), np.int16)
    assert (resumed.next_log_probs(prefix) == whole.next_log_probs(prefix)).all()


def test_masks_have_every_size_and_place() -> None:
    masks_nv = random_masks(5000, 4, np.random.default_rng(0))
    sizes = np.bincount(masks_nv.sum(1), minlength=5) / 5000
    assert np.abs(sizes - [0, 0.25, 0.25, 0.25, 0.25]).max() < 0.03
    assert np.abs(masks_nv.mean(0) - 0.625).max() < 0.03
