"""A fake of `CodePrior`, and the contract suite that every prior passes."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import final

import numpy as np
import pytest
from numpy.typing import NDArray

from archwright.cells.priors.prior import BLANK, CodePrior, Codes, OnStep, PriorSchedule
from archwright.cells.priors.registry import load_prior


@final
class FakePrior:
    """A table: the probability of a code depends on its place and the code before it alone. It is not saved."""

    training = PriorSchedule(epochs=1, batch=1, lr=1.0)

    def __init__(self, first_k: NDArray[np.float64], next_vkk: NDArray[np.float64]) -> None:
        """`next_vkk[p, a, b]` is the probability of b at place p + 1 behind a at place p."""
        self._first_k = first_k
        self._next_vkk = next_vkk

    @classmethod
    def random(cls, vertices: int, codes: int, seed: int) -> "FakePrior":
        """Return one with random probabilities."""
        random = np.random.default_rng(seed)
        return cls(random.dirichlet(np.ones(codes)), random.dirichlet(np.ones(codes), (vertices - 1, codes)))

    @property
    def vertices(self) -> int:
        """V."""
        return len(self._next_vkk) + 1

    @property
    def codes(self) -> int:
        """K."""
        return len(self._first_k)

    def fit(self, codes_nv: Codes, *, seed: int, checkpoint: Path | None = None, on_step: OnStep | None = None) -> None:
        """Count what follows what."""
        first_k, next_vkk = np.zeros_like(self._first_k), np.zeros_like(self._next_vkk)
        np.add.at(first_k, codes_nv[:, 0], 1)
        for place in range(self.vertices - 1):
            np.add.at(next_vkk[place], (codes_nv[:, place], codes_nv[:, place + 1]), 1)
        self._first_k = first_k / len(codes_nv)
        self._next_vkk = next_vkk / np.maximum(next_vkk.sum(-1, keepdims=True), 1)

    def sample(self, n: int, temperature: float, seed: int) -> Codes:
        """Fill rows of blanks."""
        return self.fill(np.full((n, self.vertices), BLANK, np.int16), temperature, seed)

    def fill(self, codes_nv: Codes, temperature: float, seed: int) -> Codes:
        """Draw each blank given what stands before it alone."""
        random = np.random.default_rng(seed)
        filled_nv = codes_nv.copy()
        for place in range(self.vertices):
            logits_nk = self.next_log_probs(filled_nv[:, :place]) / temperature
            drawn_n = (logits_nk + random.gumbel(size=logits_nk.shape)).argmax(1)
            filled_nv[:, place] = np.where(codes_nv[:, place] == BLANK, drawn_n, codes_nv[:, place])
        return filled_nv

    def next_log_probs(self, prefix_np: Codes) -> NDArray[np.float32]:
        """Look them up."""
        place = prefix_np.shape[1]
        table = self._next_vkk[place - 1][prefix_np[:, -1]] if place else np.tile(self._first_k, (len(prefix_np), 1))
        with np.errstate(divide="ignore"):
            logs: NDArray[np.float32] = np.log(table).astype(np.float32)
        return logs

    def save(self, folder: Path) -> None:
        """Raise NotImplementedError."""
        raise NotImplementedError


class CodePriorContract(ABC):
    """What every prior does. Subclass it in a test module; provide `prior`, untrained, with a short `training`."""

    @pytest.fixture
    @abstractmethod
    def prior(self) -> CodePrior:
        """The same one whenever it is made; it trains until the likeliest of the next codes are those of `lesson`."""

    @pytest.fixture
    def lesson(self, prior: CodePrior) -> Codes:
        """Sequences that count up from 1, 2, 3 or 4."""
        return np.array([[start + place for place in range(prior.vertices)] for start in (1, 2, 3, 4)] * 16, np.int16)

    def test_what_was_taught_is_generated_filled_and_kept(
        self, prior: CodePrior, lesson: Codes, tmp_path: Path
    ) -> None:
        """A saved prior answers as the one it was saved from."""
        reported: list[tuple[int, int]] = []
        prior.fit(lesson, seed=0, on_step=lambda step, steps, loss: reported.append((step, steps)))
        assert [step for step, _ in reported] == list(range(1, reported[-1][1] + 1))
        taught = {tuple(row) for row in lesson.tolist()}
        codes_nv = prior.sample(40, 0.3, seed=1)
        assert codes_nv.dtype == np.int16
        assert codes_nv.shape == (40, prior.vertices)
        rows = [tuple(row) for row in codes_nv.tolist()]
        assert sum(row in taught for row in rows) >= 30
        assert len(set(rows) & taught) > 1
        gap_nv = lesson[:4].copy()
        gap_nv[:, 1] = BLANK
        assert (prior.fill(gap_nv, 0.3, seed=1) == lesson[:4]).all(1).sum() >= 3
        prior.save(tmp_path / "prior")
        loaded = load_prior(tmp_path / "prior")
        assert (loaded.vertices, loaded.codes) == (prior.vertices, prior.codes)
        assert (loaded.sample(40, 0.3, seed=1) == codes_nv).all()
        assert (loaded.sample(40, 0.3, seed=2) != codes_nv).any()

    def test_probabilities_of_the_next_code_are_a_distribution(self, prior: CodePrior, lesson: Codes) -> None:
        """At every place, whatever stands before."""
        for length in (0, 1, prior.vertices - 1):
            log_probs_nk = prior.next_log_probs(lesson[:3, :length])
            assert log_probs_nk.shape == (3, prior.codes)
            assert np.allclose(np.exp(log_probs_nk).sum(1), 1, atol=1e-4)

    def test_answers_depend_on_the_seed_alone(self, prior: CodePrior) -> None:
        """And known codes stay as they are."""
        assert (prior.sample(6, 1.0, seed=3) == prior.sample(6, 1.0, seed=3)).all()
        known_nv = np.full((2, prior.vertices), 1, np.int16)
        assert (prior.fill(known_nv, 1.0, seed=0) == known_nv).all()
        assert prior.sample(0, 1.0, seed=0).shape == (0, prior.vertices)

    def test_codes_that_are_none_are_refused(self, prior: CodePrior) -> None:
        """ValueError: our own mistake."""
        for codes_nv in (np.full((1, prior.vertices), prior.codes), np.zeros((1, prior.vertices + 1))):
            with pytest.raises(ValueError, match="codes"):
                prior.fill(codes_nv.astype(np.int16), 1.0, seed=0)
