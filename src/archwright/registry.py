"""The parts that can be named in a configuration, those that other packages bring included.

A package adds a part by an entry point, for example in its pyproject.toml:

    [project.entry-points."archwright.strategies"]
    tabu = "my_package.tabu:TabuStrategy"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

from archwright.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from archwright.config import StudyConfig
    from archwright.contracts.contract import Contract
    from archwright.evaluation.data.catalog import Entry
    from archwright.generators.generator import Generator, Setting
    from archwright.strategies.strategy import Strategy

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Registry(Generic[Part]):
    """The parts of one kind, by name; built-in ones are imported when they are loaded."""

    kind: str
    """As in error messages: `strategy`."""
    group: str
    """The entry points under which other packages offer theirs."""
    builtin: Mapping[str, str]
    """Name -> `module:attribute`."""
    added: dict[str, Part] = field(default_factory=dict)
    """Parts of this process alone."""

    def names(self) -> list[str]:
        """Return every name that can be loaded."""
        return sorted(self.builtin.keys() | self.added.keys() | self._offered().keys())

    def add(self, name: str, part: Part) -> None:
        """Make `part` known as `name` until this process ends: for notebooks and tests, in place of an entry point."""
        self.added[name] = part

    def load(self, name: str) -> Part:
        """Return the part called `name`; a built-in one is never replaced by another package's.

        Raises UnknownNameError, and UsageError for a part that cannot be imported or that two packages offer.
        """
        if name in self.added:
            return self.added[name]
        if name in self.builtin:
            module, _, attribute = self.builtin[name].partition(":")
            found: Part = getattr(import_module(module), attribute)
            return found
        offered = self._offered().get(name)
        if offered is None:
            raise self.unknown(name)
        if len(offered) > 1:
            packages = ", ".join(point.value for point in offered)
            raise UsageError(f"several packages offer the {self.kind} '{name}': {packages}", "remove all but one")
        value = offered[0].value
        try:
            part: Part = offered[0].load()
        except Exception as error:  # A stranger's module may raise anything.
            raise UsageError(
                f"the {self.kind} '{name}' cannot be loaded from {value}: {type(error).__name__}: {error}",
                "mend or remove the package that offers it",
            ) from error
        if isinstance(part, ModuleType):
            raise UsageError(f"the {self.kind} '{name}' is a module, {value}", f"name what is in it: {value}:NAME")
        return part

    def unknown(self, name: str) -> UnknownNameError:
        """Return the error for a part that is not here: it may be mistyped, or of a package that is not installed."""
        error = UnknownNameError.of(self.kind, name, self.names())
        return UnknownNameError(error.what, f"{error.remedy}; or install the package that offers it")

    def _offered(self) -> dict[str, list[EntryPoint]]:
        """Return what other packages offer by name; what is installed twice is offered once."""
        offered: dict[str, dict[str, EntryPoint]] = {}
        for point in entry_points(group=self.group):
            offered.setdefault(point.name, {})[point.value] = point
        return {name: list(points.values()) for name, points in offered.items()}


STRATEGIES: Registry[Callable[[StudyConfig], Strategy]] = Registry(
    "strategy",
    "archwright.strategies",
    {
        "cells": "archwright.cells.search.asking:CellsStrategy",
        "cycles": "archwright.strategies.cycles:CyclesStrategy",
        "feedback": "archwright.strategies.feedback:FeedbackStrategy",
        "evolution": "archwright.strategies.evolution:EvolutionStrategy",
        "random": "archwright.strategies.random:RandomStrategy",
        "sweep": "archwright.strategies.sweep:SweepStrategy",
    },
)
"""Classes whose constructor takes the StudyConfig."""

GENERATORS: Registry[Callable[[Setting], Generator]] = Registry(
    "generator",
    "archwright.generators",
    {
        "cell": "archwright.cells.search.asking:CellGenerator",
        "channels": "archwright.generators.channels:ChannelsGenerator",
        "compositions": "archwright.generators.compositions:CompositionGenerator",
        "delta": "archwright.generators.delta:DeltaGenerator",
        "full": "archwright.generators.full:FullGenerator",
        "moe4": "archwright.generators.moe4:Moe4Generator",
        "mutation": "archwright.generators.mutation:MutationGenerator",
        "pairing": "archwright.generators.pairing:PairingGenerator",
        "transforms": "archwright.generators.transforms:TransformGenerator",
    },
)
"""Classes whose constructor takes a `generators.generator.Setting`."""

CONTRACTS: Registry[Contract] = Registry(
    "contract",
    "archwright.contracts",
    {
        "cell": "archwright.cells.search.contract:CELL",
        "network": "archwright.contracts.network:NETWORK",
        "restoration": "archwright.contracts.network:RESTORATION",
        "transform": "archwright.contracts.transform:TRANSFORM",
    },
)
"""Contract objects."""

DATA_SETS: Registry[Entry] = Registry("data set", "archwright.data_sets", {})
"""An `evaluation.data.catalog.Entry` each: where files lie that are in a form we read."""
