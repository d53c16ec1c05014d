"""What every prior can do, whatever it is made of: learn code sequences, generate them, fill gaps in them.

A sequence has one code in 0..K-1 per vertex. In arrays of codes, `BLANK` is a place that is to be filled; in what a
prior returns, a row of `BLANK` is an answer that was not a sequence. Temperatures divide logits, as in the paper.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from archwright.task import Frozen

BLANK = -1
FILL_SHARE = 0.5
"""Of the training examples: "fill:" instead of "generate:". The paper trains both and does not say how much of each."""

Codes = NDArray[np.int16]
OnStep = Callable[[int, int, float], None]
"""Called after a step with its number from 1, the number of all steps, and its loss in nats per code or token."""


class PriorSchedule(Frozen):
    """How a prior learns; the rate rises over the first twentieth of the steps and falls to nothing in a cosine."""

    epochs: int = Field(ge=1)
    batch: int = Field(ge=1, description="Sequences per step.")
    lr: float = Field(gt=0)


class CodePrior(Protocol):
    """A distribution over sequences of `vertices` codes below `codes`; deterministic by seed on a CPU."""

    @property
    def vertices(self) -> int:
        """V, the length of a sequence."""

    @property
    def codes(self) -> int:
        """K, the number of codes."""

    @property
    def training(self) -> PriorSchedule:
        """How `fit` learns."""

    def fit(self, codes_nv: Codes, *, seed: int, checkpoint: Path | None = None, on_step: OnStep | None = None) -> None:
        """Learn the sequences, from what the prior knows already.

        With `checkpoint`, a path that need not exist, the state is kept there now and then; a call with the same
        arguments on a prior as it was at the start goes on from it, to the same weights on a CPU. It is for the caller
        to delete, once the prior is saved.
        """

    def sample(self, n: int, temperature: float, seed: int) -> Codes:
        """Return `n` generated sequences."""

    def fill(self, codes_nv: Codes, temperature: float, seed: int) -> Codes:
        """Return the sequences with every `BLANK` replaced, given all that is not; codes that are known stay."""

    def next_log_probs(self, prefix_np: Codes) -> NDArray[np.float32]:
        """Return the log-probabilities (N, K) of the code that follows each prefix of P < V codes, at temperature 1."""

    def save(self, folder: Path) -> None:
        """Write the prior to `folder`, from where `registry.load_prior` reads it."""


def random_masks(n: int, vertices: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Return (n, V) masks: how many places is uniform in 1..V, and which ones too (section 3.2)."""
    ranks_nv = random.permuted(np.tile(np.arange(vertices), (n, 1)), axis=1)
    return ranks_nv < random.integers(1, vertices + 1, (n, 1))


def checked_codes(codes_nv: Codes, vertices: int, codes: int, *, lowest: int = 0) -> Codes:
    """Return `codes_nv` as int16; raises ValueError unless it is (N, V) with codes from `lowest` to below `codes`."""
    if codes_nv.ndim != 2 or codes_nv.shape[1] != vertices:
        raise ValueError(f"codes of shape {codes_nv.shape}, not (N, {vertices})")
    if codes_nv.size and not lowest <= codes_nv.min() <= codes_nv.max() < codes:
        raise ValueError(f"codes from {codes_nv.min()} to {codes_nv.max()}, not within {lowest}..{codes - 1}")
    return codes_nv.astype(np.int16, copy=False)


def check_prefix(prefix_np: Codes, vertices: int, codes: int) -> None:
    """Raise ValueError unless a code may follow each of the prefixes."""
    if prefix_np.shape[1] >= vertices:
        raise ValueError(f"a prefix of {prefix_np.shape[1]} codes has no next of {vertices}")
    checked_codes(prefix_np, prefix_np.shape[1], codes)
