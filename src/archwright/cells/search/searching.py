"""Searching the cells of a table: a study in one folder, and what it has found."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from archwright.archive import Archive
from archwright.archive.database import holds_study
from archwright.assembly import Parts
from archwright.candidate import Record
from archwright.cells.search.asking import Queries
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.search.strategy import Measurement
from archwright.config import StudyConfig
from archwright.configuring import build_config, load_config, options_of
from archwright.errors import StudyError
from archwright.events import Observer
from archwright.study import Study

MOST_PROPOSALS = 1_000_000_000
"""Of one cycle: a search ends by its queries."""
SETTINGS = (
    "loop.strategy=cells",
    "loop.generator=cell",
    "loop.contract=cell",
    "loop.cycles=1",
    "loop.stop=false",
    f"loop.candidates={MOST_PROPOSALS}",
    "novelty.against=[]",
)


@dataclass(frozen=True, slots=True)
class CellSearch:
    """What a search has found."""

    queries: Sequence[Measurement]
    """The measured cells, in order, as many as were asked for."""
    proposals: int
    """Cells proposed up to the last query, those without a measurement and those proposed before included."""

    @property
    def incumbent(self) -> Measurement:
        """The measured cell of the highest validation accuracy, the first of equals; ValueError before the first."""
        return max(self.queries, key=_accuracy)

    @property
    def incumbents(self) -> list[Measurement]:
        """The best cell after each query, by validation accuracy."""
        return list(accumulate(self.queries, lambda *both: max(both, key=_accuracy)))


def _accuracy(query: Measurement) -> float:
    return query.accuracy or 0.0


def search_config(options: CellsOptions, seed: int) -> StudyConfig:
    """Return the configuration of a study that searches cells."""
    return load_config(settings=[*SETTINGS, f"seed={seed}"], base={"cells": options.model_dump()})


def search_cells(
    config: StudyConfig, folder: Path, observers: Sequence[Observer] = (), parts: Parts | None = None
) -> CellSearch:
    """Return what the study of `config` in `folder` has found, having run what is missing.

    A study that is there already goes on, also for more queries than before. Raises StudyError when it is of another
    search.
    """
    if holds_study(folder):
        with Archive.open(folder, read_only=True) as archive:
            known, cycles = build_config(archive.config), len(archive.cycles())
        settings = _extension(known, config, folder, cycles)
        with Study.open(folder, settings, observers, parts=parts) as study:
            study.run()
    else:
        with Study(config, folder, observers, parts=parts) as study:
            study.run()
    with Archive.open(folder, read_only=True) as archive:
        return found_in(archive.records(), options_of(config, "cells", CellsOptions))


def found_in(records: Sequence[Record], options: CellsOptions) -> CellSearch:
    """Return what the records of a search come to, up to its last query."""
    queries = Queries(SEARCH_SPACES[options.space])
    for record in records:
        if len(queries.found) == options.queries or record.outcome is None:
            break
        queries.take(record)
    return CellSearch(queries.found, queries.proposals)


def _extension(known: StudyConfig, wanted: StudyConfig, folder: Path, cycles: int) -> list[str]:
    """Return the settings that make the study of `known` go on to what is `wanted`."""
    old, new = (options_of(config, "cells", CellsOptions) for config in (known, wanted))
    differing = [
        f"{name} {before}, not {after}"
        for name, before, after in (
            ("seed", known.seed, wanted.seed),
            *(
                (name, getattr(old, name), getattr(new, name))
                for name in CellsOptions.model_fields
                if name != "queries"
            ),
        )
        if before != after
    ]
    if differing:
        raise StudyError(
            f"{folder} holds another search: {', '.join(differing)}", "choose another folder, or search as before"
        )
    if new.queries <= old.queries:
        return []
    is_over = cycles >= known.loop.cycles
    return [f"cells.queries={new.queries}", *([f"loop.cycles={known.loop.cycles + 1}"] if is_over else [])]
