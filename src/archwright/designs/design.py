"""A design: the cells of an experiment, in the order they are run.

Nothing is drawn while a study runs: the same configuration and starters give the same design, so that a killed sweep
goes on with the cell after the last one, and how much of it is there can be told at any time.
"""

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic import Field, JsonValue, ValidationError

from archwright.candidate import Fidelity, Json, Record
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.errors import UsageError
from archwright.randomness import derive_seed
from archwright.registry import GENERATORS
from archwright.task import Frozen, Recipe

DesignCell: TypeAlias = Mapping[str, Json]
"""Factor -> its level, or the list of its levels that take part."""

REPEAT = "repeat"
"""The factor that numbers the candidates of one cell, from 1; each has a seed of its own."""


class SweepOptions(Frozen):
    """A designed experiment: the design is the generator's, crossed with a grid of recipes and repeated."""

    recipe: dict[str, tuple[JsonValue, ...]] = Field(
        {}, description="Values of settings of the recipe that are crossed with the design: {lr = [0.001, 0.01]}."
    )
    repeats: int = Field(1, ge=1, description="Candidates of each cell, every one with its own seed.")


@dataclass(frozen=True, slots=True)
class Design:
    """The cells of a designed experiment."""

    factors: Mapping[str, tuple[Json, ...]]
    """Factor -> its levels."""
    cells: Sequence[DesignCell]
    """In the order they are run; facts of the candidates that answer them."""
    blocks: tuple[str, ...] = ()
    """Factors that are no question of the experiment: treatments are compared within each combination of them."""
    is_ordered: bool = False
    """Whether the order belongs to the design, as that of a deck does; otherwise it is drawn by the seed."""
    recipe: tuple[str, ...] = ()
    """Factors that are settings of the recipe."""

    @property
    def treatments(self) -> tuple[str, ...]:
        """The factors that the experiment asks about."""
        return tuple(name for name in self.factors if name not in (*self.blocks, REPEAT))

    def at(self, cell: DesignCell, fidelity: Fidelity) -> Fidelity | None:
        """Return how `cell` is trained where `fidelity` is the study's own; None for just that."""
        if not self.recipe:
            return None
        changes = {name: cell[name] for name in self.recipe}
        return replace(fidelity, recipe=json.dumps(json.loads(fidelity.recipe) | changes, sort_keys=True))


def factorial(factors: Mapping[str, Sequence[Json]], blocks: tuple[str, ...] = ()) -> Design:
    """Return the design of every combination of levels, the last factor changing fastest."""
    levels = {name: tuple(values) for name, values in factors.items()}
    cells = [dict(zip(levels, values, strict=True)) for values in itertools.product(*levels.values())]
    return Design(levels, cells, blocks)


def designed(config: StudyConfig, starters: Sequence[Record]) -> Design | None:
    """Return the whole design of a study: the generator's, crossed with `sweep.recipe` and repeated.

    Where the design has no order of its own, each repeat comes after the one before it, in a random order: whatever
    part of a study is done is then a fair sample of the whole. In a design with an order, which may go on longer than
    the study, the repeats of a cell follow one another. None for a study by another strategy. Raises UsageError.
    """
    if config.loop.strategy != "sweep":
        return None
    options = options_of(config, "sweep", SweepOptions)
    design = getattr(GENERATORS.load(config.loop.generator), "design", None)
    if design is None:
        remedy = "choose pairing or moe4 with --set loop.generator, or another strategy"
        raise UsageError(f"the generator '{config.loop.generator}' has no design to sweep", remedy)
    own: Design = design(config, starters)
    grid = factorial(_checked(options.recipe, config.recipe))
    repeats = range(1, options.repeats + 1)
    crossed = [{**cell, **more} for cell in own.cells for more in grid.cells]
    cells: list[DesignCell] = []
    if own.is_ordered:
        cells = [{**cell, REPEAT: repeat} for cell in crossed for repeat in repeats]
    else:
        for repeat in repeats:
            order = list(crossed)
            random.Random(derive_seed(config.seed, "sweep", repeat)).shuffle(order)
            cells += [{**cell, REPEAT: repeat} for cell in order]
    factors = {**own.factors, **grid.factors, REPEAT: tuple(repeats)}
    return replace(own, factors=factors, cells=cells, recipe=tuple(grid.factors))


def _checked(values: Mapping[str, Sequence[JsonValue]], recipe: Recipe) -> dict[str, Sequence[Json]]:
    """Return `values` as the recipe reads them; raises UsageError for a setting or a value it does not have."""
    checked: dict[str, Sequence[Json]] = {}
    for name, levels in values.items():
        known = recipe.model_dump(mode="json")
        if name not in known:
            raise UsageError(f"sweep.recipe.{name} is no setting of the recipe", f"choose of: {', '.join(known)}")
        if not levels:
            raise UsageError(f"sweep.recipe.{name} has no values", "give some, or leave it out")
        try:
            checked[name] = [Recipe.model_validate({**known, name: level}).model_dump()[name] for level in levels]
        except ValidationError as error:
            raise UsageError(f"sweep.recipe.{name} = {levels} is not valid", error.errors()[0]["msg"]) from None
    return checked
