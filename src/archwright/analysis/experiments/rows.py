"""The candidates of studies as rows: what a comparison is computed from, and what is published of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archwright.analysis.dataset import mark_of_data
from archwright.analysis.documents import picked
from archwright.candidate import Key, Record
from archwright.config import MOST_CYCLES
from archwright.configuring import build_config
from archwright.corpus.beginning import read_copy
from archwright.errors import StudyError, UsageError
from archwright.llm.adapters import read_taught
from archwright.programs.canonical import canonical_digest
from archwright.programs.extraction import extract_program
from archwright.registry import CONTRACTS
from archwright.task import Metric

_KINDS: Mapping[str, tuple[type, ...]] = {
    "arm": (str,),
    "seed": (int,),
    "cycle": (int,),
    "index": (int,),
    "digest": (str, type(None)),
    "canonical": (str, type(None)),
    "admitted": (bool,),
    "known": (bool,),
}
"""What a row holds besides its score, in a file."""
_REMEDY = "give rows written by `archwright compare --rows`"


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate that has an outcome."""

    arm: str
    seed: int
    cycle: int
    index: int
    value: float | None
    """Its score in the search; None when it failed."""
    digest: str | None
    """Of the program's text; None when there is no program."""
    canonical: str | None
    """Of the program's canonical form; None when it does not parse."""
    admitted: bool
    known: bool
    """Whether the model had been taught the program, by its canonical form, before it wrote it."""
    data: Mapping[str, object] | None = field(default=None, compare=False)
    """What `mark_of_data` says of its study; None in files of before 2026-12."""

    def as_json(self, metric: str) -> dict[str, object]:
        """Return the row with its score under the metric's name."""
        return {
            **picked(self, "arm", "seed", "cycle", "index"),
            "valid": self.value is not None,
            metric: self.value,
            **picked(self, "digest", "canonical", "admitted", "known"),
            **({} if self.data is None else {"data": self.data}),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any], metric: str) -> Row:
        """Return the row that `as_json` wrote; raises UsageError for anything else."""
        lacking = [name for name in (*_KINDS, metric) if name not in row]
        if lacking:
            raise UsageError(f"a row lacks '{lacking[0]}'", _REMEDY)
        for name, kinds in (*_KINDS.items(), (metric, (float, int, type(None)))):
            # By type and not by isinstance: True is no number here.
            if type(row[name]) not in kinds:
                raise UsageError(f"a row has {name} = {str(row[name])[:100]!r}", _REMEDY)
        value, cycle, index, data = row[metric], row["cycle"], row["index"], row.get("data")
        if not 1 <= cycle <= MOST_CYCLES or index < 0 or not (value is None or math.isfinite(value)):
            raise UsageError(f"there is no row with cycle = {cycle}, index = {index}, {metric} = {value}", _REMEDY)
        if data is not None and not (isinstance(data, Mapping) and isinstance(data.get("task"), str)):
            raise UsageError(f"a row has data = {str(data)[:100]!r}", _REMEDY)
        return cls(value=value, data=data, **{name: row[name] for name in _KINDS})


def metric_of(row: Mapping[str, Any]) -> Metric:
    """Return the metric under whose name a stored row has its score; raises UsageError unless there is one."""
    for names in (CONTRACTS.builtin, CONTRACTS.names()):  # Other packages are loaded only where they are needed.
        known = {metric.name: metric for name in names for metric in [CONTRACTS.load(name).metric]}
        found = [metric for name, metric in known.items() if name in row]
        if found:
            break
    if len(found) != 1:
        others = [name for name in row if name not in (*_KINDS, "valid", "data")]
        held = f"scores called {', '.join(map(repr, others))}" if others else "no score"
        raise UsageError(f"a row has {held}", f"a row has one of: {', '.join(sorted(known))}")
    return found[0]


def distinct_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each once, however often it was given.

    Raises UsageError where one place has two contents: they are of two studies, whose figures must not be pooled.
    """
    found: dict[tuple[str, int, int, int], Row] = {}
    for row in rows:
        if found.setdefault((row.arm, row.seed, row.cycle, row.index), row) != row:
            raise UsageError(
                f"two different studies are called '{row.arm}' with seed {row.seed}: candidate "
                f"{Key(row.cycle, row.index)} is not the same in both",
                "leave one out, or write one's rows with `archwright compare --rows` and give its arm another name",
            )
    return list(found.values())


def rows_of(folder: Path, arm: str) -> tuple[list[Row], Metric]:
    """Return the rows of the study in `folder`, ordered by key, and its metric; raises StudyError and its kind.

    Known are the programs that the study began with, the answers that its first adapter was taught and, in a study
    that teaches, what was admitted before the candidate's cycle.
    """
    from archwright.archive import Archive
    from archwright.archive.own_parts import contract_of

    with Archive.open(folder, read_only=True) as archive:
        config = build_config(archive.config)
        records, adapters, data = archive.records(), archive.adapters(), mark_of_data(archive)
        contract = contract_of(archive, config.loop.contract)
    begun_with = (read_copy(folder) if config.loop.corpus else None) or contract.starters()
    known = _canonical(record.program.source for record in begun_with)
    for adapter in adapters:
        if adapter.cycle == 0:
            known |= _canonical(map(extract_program, _taught(folder / adapter.folder)))
    taught_after = {adapter.cycle for adapter in adapters if adapter.cycle > 0}
    rows = _rows(records, arm, config.seed, contract.metric, known, taught_after)
    return [replace(row, data=data) for row in rows], contract.metric


def _taught(adapter: Path) -> list[str]:
    try:
        return read_taught(adapter) or []
    except ValueError as error:
        raise StudyError(str(error), "restore the adapter's folder from a copy") from None


def _rows(
    records: Sequence[Record], arm: str, seed: int, metric: Metric, known: set[str], taught_after: set[int]
) -> list[Row]:
    """Return the rows; `taught_after` are the cycles that a lesson followed."""
    rows: list[Row] = []
    waiting: set[str] = set()
    cycle = 0
    for record in records:
        key, program = record.candidate.key, record.candidate.program
        if key.cycle != cycle:
            if cycle in taught_after:
                known, waiting = known | waiting, set()
            cycle = key.cycle
        if record.outcome is None:
            continue
        canonical = None if program is None else canonical_or_none(program.source)
        if record.is_admitted and canonical is not None:
            waiting.add(canonical)
        rows.append(
            Row(
                arm=arm,
                seed=seed,
                cycle=cycle,
                index=key.index,
                value=record.value(metric.name),
                digest=None if program is None else program.digest,
                canonical=canonical,
                admitted=record.is_admitted,
                known=canonical in known,
            )
        )
    return rows


def canonical_or_none(source: str) -> str | None:
    """Return the digest of a program's canonical form, None when it does not parse."""
    try:
        return canonical_digest(source)
    except ValueError:
        return None


def _canonical(sources: Iterable[str]) -> set[str]:
    return {digest for source in sources if (digest := canonical_or_none(source)) is not None}
