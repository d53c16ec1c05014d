"""Algorithm 1 of Arch-LLM: sequences of codes that a model generates anew and fills in from the best so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archwright.cells.arrays import CellArrays
from archwright.cells.canonical import OUTSIDE, canonical_keys
from archwright.cells.cell import Cell
from archwright.cells.priors.prior import BLANK, CodePrior, Codes, random_masks
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import Measurement
from archwright.errors import UsageError
from archwright.randomness import derive_seed

if TYPE_CHECKING:
    from archwright.cells.autoencoder.model import CellAutoencoder

BLOCK = 64
"""Sequences that are sampled at once."""
FILL_ATTEMPTS = 50
"""How often each of the 2 m slots for filled-in cells is tried before a generated cell takes it."""
NOTHING = Cell(frozenset(), ())
"""What malformed output and codes of no cell stand for: a proposal outside every space."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The sizes of Algorithm 1; the published ones are (40, 10, 12) and (100, 25, 4), 400 queries each."""

    population: int = 40
    """n."""
    kept: int = 10
    """m; twice as many are filled in and the other n - 3 m generated in every round."""
    rounds: int | None = 12
    """T; None: as many as the budget allows."""

    def __post_init__(self) -> None:
        if not (self.kept > 0 and self.population >= 3 * self.kept):
            raise UsageError(
                f"a population of {self.population} has no room for {self.kept} kept and twice as many filled in",
                "use at least 3 times as many as are kept, and keep at least 1",
            )

    @property
    def queries(self) -> int | None:
        """n + T (n - m), the published number of queries; None when the rounds are not limited."""
        return None if self.rounds is None else self.population + self.rounds * (self.population - self.kept)


class SequenceSearch:
    """Algorithm 1 (section 3.3): keep the m best of n, mask each of them twice at random, generate the rest.

    The paper does not say what becomes of a sequence that is malformed, outside the space, or known already. Here its
    slot is tried again until a cell is measured for the first time, so that the published number of queries is the
    number of cells measured. A population has only such cells.
    """

    def __init__(
        self,
        space: SearchSpace,
        prior: CodePrior,
        autoencoder: "CellAutoencoder",
        schedule: Schedule,
        *,
        temperature: float,
        seed: int,
    ) -> None:
        self._space = space
        self._prior = prior
        self._autoencoder = autoencoder
        self._schedule = schedule
        self._temperature = temperature
        self._seed = seed
        self._round = 0
        self._kept: list[Measurement] = []
        self._fresh: list[Measurement] = []
        self._to_fill, self._to_generate = 0, schedule.population
        self._fillings_left = 0
        self._filled = _Stream(self._fill)
        self._generated = _Stream(self._generate)

    def ask(self) -> list[Cell]:
        """Return one proposal for every slot of the round that is still empty."""
        if self._schedule.rounds is not None and self._round > self._schedule.rounds:
            return []
        return self._filled.next(self._to_fill) + self._generated.next(self._to_generate)

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Put new cells into their slots; when all are full, keep the m best and begin the next round."""
        filled, generated = batch[: self._to_fill], batch[self._to_fill :]
        self._filled.skip(len(filled))
        self._generated.skip(len(generated))
        self._to_fill -= sum(measurement.is_query for measurement in filled)
        self._to_generate -= sum(measurement.is_query for measurement in generated)
        self._fresh += [measurement for measurement in batch if measurement.is_query]
        self._fillings_left -= len(filled)
        if self._fillings_left <= 0:
            self._to_fill, self._to_generate = 0, self._to_fill + self._to_generate
        if self._to_fill + self._to_generate == 0:
            self._begin_round()

    def _begin_round(self) -> None:
        kept = self._schedule.kept
        self._round += 1
        self._kept = sorted(self._kept + self._fresh, key=lambda measurement: -(measurement.accuracy or 0.0))[:kept]
        self._fresh = []
        self._to_fill, self._to_generate = 2 * kept, self._schedule.population - 3 * kept
        self._fillings_left = FILL_ATTEMPTS * self._to_fill
        self._filled = _Stream(self._fill)

    def _generate(self, block: int) -> list[Cell]:
        seed = derive_seed(self._seed, "generate", block)
        return self._decoded(self._prior.sample(BLOCK, self._temperature, seed))

    def _fill(self, block: int) -> list[Cell]:
        """Return cells filled in from the kept ones in turn; how many codes are masked, and which, is drawn evenly."""
        seed = derive_seed(self._seed, "fill", self._round, block)
        rng = np.random.default_rng(seed)
        kept = [self._kept[(block * BLOCK + number) % len(self._kept)].cell for number in range(BLOCK)]
        pruned = [cell.pruned() or cell for cell in kept]
        codes_nv = self._autoencoder.encode(CellArrays.of(pruned, self._space.operations, self._space.vertices))
        codes_nv = np.where(random_masks(BLOCK, self._space.vertices, rng), np.int16(BLANK), codes_nv)
        return self._decoded(self._prior.fill(codes_nv, self._temperature, seed))

    def _decoded(self, codes_nv: Codes) -> list[Cell]:
        decoded = self._autoencoder.decode(codes_nv)
        is_cell_n = canonical_keys(self._space.name, decoded) != OUTSIDE
        inside = decoded[is_cell_n].cells(self._space.operations)
        return [next(inside) if is_cell else NOTHING for is_cell in is_cell_n]


class _Stream:
    """An endless sequence of proposals, made in blocks when they are read."""

    def __init__(self, make: Callable[[int], list[Cell]]) -> None:
        self._make = make
        self._blocks: dict[int, list[Cell]] = {}
        self._position = 0

    def next(self, count: int) -> list[Cell]:
        """Return the next `count` without going on."""
        return [self._at(self._position + offset) for offset in range(count)]

    def skip(self, count: int) -> None:
        """Go on by `count`."""
        self._position += count
        self._blocks = {number: cells for number, cells in self._blocks.items() if number >= self._position // BLOCK}

    def _at(self, position: int) -> Cell:
        number, offset = divmod(position, BLOCK)
        if number not in self._blocks:
            self._blocks[number] = self._make(number)
        return self._blocks[number][offset]
