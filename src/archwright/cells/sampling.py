"""Cells drawn from the trained models of a run: codes from the prior, cells from the codes."""

import numpy as np
from numpy.typing import NDArray

from archwright.cells import SPACES
from archwright.cells.arrays import CellArrays
from archwright.cells.canonical import canonical_keys
from archwright.cells.decoding import Sampled, sample_constrained, sample_unique
from archwright.cells.priors.prior import Codes
from archwright.cells.run import CellRun
from archwright.errors import UnknownNameError, UsageError

DECODINGS = ("plain", "constrained", "unique")


class CellSampler:
    """The trained autoencoder and prior of one run."""

    def __init__(self, run: CellRun) -> None:
        """Load both; raises UsageError when one of them is not complete."""
        self.space = run.space
        self.autoencoder = run.autoencoder()
        self.prior = run.prior()
        self._seen_vk = run.seen_codes()

    def draw(self, n: int, *, temperature: float, decoding: str, seed: int) -> Sampled:
        """Return `n` sequences of codes, drawn as one of `DECODINGS` says; see `cells.decoding`.

        Raises UsageError for more different cells than the space has.
        """
        cells = SPACES[self.space].CELLS
        if decoding == "unique" and n > cells:
            raise UsageError(
                f"{self.space} has {cells:,} different cells, fewer than {n:,}",
                "ask for fewer, or leave out --decoding unique",
            )
        if decoding not in DECODINGS:
            raise UnknownNameError.of("decoding", decoding, DECODINGS)
        if decoding == "plain":
            return Sampled(self.prior.sample(n, temperature, seed), n)
        draw = sample_constrained if decoding == "constrained" else sample_unique
        return draw(self.prior, self.keys, n, temperature=temperature, seed=seed, seen_vk=self._seen_vk)

    def decode(self, codes_nv: Codes) -> CellArrays:
        """Return the cells that sequences stand for; a malformed one is a row without vertices."""
        return self.autoencoder.decode(codes_nv)

    def keys(self, codes_nv: Codes) -> NDArray[np.int64]:
        """Return the canonical keys of the cells that sequences stand for."""
        return canonical_keys(self.space, self.decode(codes_nv))
