"""How many candidates are valid as the model wrote them, after each step of repair, and once it was asked again."""

from collections.abc import Iterable
from dataclasses import dataclass

from archwright.analysis.documents import bounds, picked
from archwright.analysis.intervals import Interval, wilson
from archwright.analysis.text import count, percent_within, share_of
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


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What `llm.repair_rounds` brought, among the evaluated candidates that a model wrote."""

    evaluated: int
    candidates: int
    """For which the model was asked more than once."""
    valid_before: int
    """Valid by the first answer."""
    valid: int
    """Valid by whichever answer was the last."""

    def as_json(self) -> dict[str, object]:
        """Return `totals.asked_again` of `search --json`."""
        before, after = wilson(self.valid_before, self.evaluated), wilson(self.valid, self.evaluated)
        return picked(self, "evaluated", "candidates", "valid_before", "valid") | {
            "valid_rate_before_interval": bounds(before),
            "valid_rate_interval": bounds(after),
        }


def summarize_asked_again(records: Iterable[Record]) -> AskedAgain | None:
    """Return what asking again brought; None where no model was asked again."""
    written = [record for record in records if record.candidate.writer is not None and record.outcome is not None]
    again = [record for record in written if "failed_before" in record.candidate.facts]
    valid, mended = (sum(record.is_valid for record in some) for some in (written, again))
    return AskedAgain(len(written), len(again), valid - mended, valid) if again else None


def describe_answers(rates: Iterable[RepairRate], again: AskedAgain | None, without_suggestion: int) -> list[str]:
    """Return what became of the answers of models, a sentence each; empty where there is nothing to say."""
    sentences = [describe_repairs(rates)]
    if again is not None:
        before, after = (share_of(again.evaluated, valid) for valid in (again.valid_before, again.valid))
        asked = f"{count(again.candidates)} of {count(again.evaluated)}"
        sentences.append(f"The model was asked again for {asked}: valid before {before}, after {after}.")
    if without_suggestion:
        words = "1 candidate was" if without_suggestion == 1 else f"{count(without_suggestion)} candidates were"
        sentences.append(f"{words} written without a suggestion: what the improver answered was none.")
    return [sentence for sentence in sentences if sentence]
