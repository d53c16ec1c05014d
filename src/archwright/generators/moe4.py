"""The `moe4` generator: several known networks put together as a mixture of experts; no model is asked.

With the strategy `sweep` it is MoE4 (arXiv 2606.23739), whose assemblies came in alphabetical order; here they come
from balanced decks, so that every family and every pair of families takes part as often as any other.
"""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Literal

from pydantic import Field

from archwright.candidate import Candidate, Failure, FailureKind, Program, Record, Stage
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.designs import Design
from archwright.designs.deck import alphabetical, balanced_deck
from archwright.errors import UsageError
from archwright.generators.generator import Request, Setting
from archwright.generators.unasked import WithoutModel
from archwright.programs.mixture import assemble
from archwright.randomness import derive_seed
from archwright.starters.naming import by_name, chosen
from archwright.task import Frozen


class Moe4Options(Frozen):
    """Which families are put together, and how."""

    experts: int = Field(4, ge=2, description="Families in one assembly.")
    families: tuple[str, ...] = Field((), description="Names of the study's starters; empty: all.")
    assemblies: int = Field(0, ge=0, description="How many the design has; 0: as many as the study has candidates.")
    order: Literal["deck", "alphabetical"] = Field(
        "deck", description="deck: every family and pair equally often | alphabetical: as published, for comparison."
    )
    gate: Literal["learned", "uniform"] = Field(
        "learned", description="learned: the gate of the paper | uniform: the average of the experts, a baseline."
    )


class Moe4Generator(WithoutModel):
    """Writes the mixture of the families that a cell names."""

    name: ClassVar[str] = "moe4"
    Options: ClassVar[type[Frozen]] = Moe4Options

    def __init__(self, setting: Setting) -> None:
        """Take the setting; raises UsageError for families that are not among its starters, and for too few."""
        starters = setting.starting
        self._options = options_of(setting.config, "moe4", Moe4Options)
        self._families = by_name(starters)
        self._first = self.design(setting.config, starters).cells[0]

    @staticmethod
    def design(config: StudyConfig, starters: Sequence[Record]) -> Design:
        """Return the assemblies in the order that is asked for; each beginning of a deck is balanced."""
        options = options_of(config, "moe4", Moe4Options)
        families = chosen(options.families, tuple(by_name(starters)))
        if len(families) < options.experts:
            remedy = "give more moe4.families, or fewer moe4.experts"
            raise UsageError(f"{len(families)} families cannot be {options.experts} experts", remedy)
        number = options.assemblies or config.loop.cycles * config.loop.candidates
        number = min(number, math.comb(len(families), options.experts))
        seed = derive_seed(config.seed, "deck") if options.order == "deck" else None
        cells = [{"experts": list(together)} for together in _dealt(families, options.experts, seed, number)]
        return Design({"experts": families}, cells, is_ordered=True)

    def candidate(self, request: Request) -> Candidate:
        """Return the mixture of the request; networks that cannot be put together are a failure to write one."""
        experts = request.choice.get("experts", self._first["experts"])
        assert isinstance(experts, list | tuple)
        names = [str(name) for name in experts]
        parents = request.parents or tuple(self._families[name] for name in names)
        facts = {"operation": f"mixture of {', '.join(names)}", "experts": names, **request.choice}
        digests = tuple(parent.program.digest for parent in parents)
        try:
            source = assemble([parent.program.source for parent in parents], is_gated=self._options.gate == "learned")
        except ValueError as error:
            failure = Failure(Stage.WRITE, FailureKind.REFUSED, str(error))
            return request.candidate(self.name, failure, parents=digests, facts=facts)
        return request.candidate(self.name, Program(source), parents=digests, facts=facts)


@lru_cache(8)  # a design is asked for in every cycle
def _dealt(families: tuple[str, ...], together: int, seed: int | None, number: int) -> tuple[tuple[str, ...], ...]:
    """Return the first so many assemblies of the deck of a seed; without one, of the published order."""
    order = alphabetical(families, together) if seed is None else balanced_deck(families, together, seed)
    return tuple(itertools.islice(order, number))
