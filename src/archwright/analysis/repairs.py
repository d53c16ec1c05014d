"""How many candidates are valid as the model wrote them, and how many after each step of repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archwright.analysis.documents import bounds, picked
from archwright.analysis.intervals import Interval, wilson
from archwright.analysis.text import percent_within
from archwright.candidate import Record, Repair

AFTER = {Repair.RAW: "as written", Repair.TRIMMED: "after trimming", Repair.COMPLETED: "after completion"}
"""The steps in words, in their order."""
STEPS = frozenset(step.value for step in Repair)


@dataclass(frozen=True, slots=True)
class RepairRate:
    """The candidates of a model after one step of repair."""

    repair: Repair
    candidates: int
    """Evaluated candidates whose last step this was."""
    valid: int
    """Evaluated candidates that are valid after this step or needed only an earlier one."""
    evaluated: int
    """Evaluated candidates that a model wrote, whatever their last step."""

    @property
    def valid_rate(self) -> float:
        """Share of the evaluated candidates that are valid after this step."""
        return self.valid / self.evaluated

    @property
    def valid_interval(self) -> Interval:
        """Wilson interval of the valid rate."""
        return wilson(self.valid, self.evaluated)

    def as_json(self) -> dict[str, object]:
        """Return one entry of `totals.repairs` in `search --json`."""
        return picked(self, "candidates", "valid", "valid_rate") | {"valid_rate_interval": bounds(self.valid_interval)}


def summarize_repairs(records: Iterable[Record]) -> tuple[RepairRate, ...]:
    """Return the valid rate after every step, in order; nothing where no candidate of a model was evaluated."""
    written = [
        (Repair(str(step)), record.outcome.is_valid)
        for record in records
        if (step := record.candidate.facts.get("repair")) in STEPS and record.outcome is not None
    ]
    rates: list[RepairRate] = []
    for step in AFTER if written else ():
        valid = sum(is_valid for last, is_valid in written if last is step) + (rates[-1].valid if rates else 0)
        rates.append(RepairRate(step, sum(last is step for last, _ in written), valid, len(written)))
    return tuple(rates)


def describe_repairs(rates: Iterable[RepairRate]) -> str:
    """Return the valid rates in one sentence, empty where there are none."""
    parts = [f"{AFTER[rate.repair]} {percent_within(rate.valid_rate, rate.valid_interval)}" for rate in rates]
    return f"Valid {', '.join(parts)}." if parts else ""
