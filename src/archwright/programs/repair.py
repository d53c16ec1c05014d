"""From the text a model wrote to the program that is run: as it is, trimmed, or completed, whichever is sound first."""

from dataclasses import dataclass

from archwright.candidate import Repair
from archwright.contracts.contract import Contract, usual_contract
from archwright.programs.completing import add_missing
from archwright.programs.trimming import trim


@dataclass(frozen=True, slots=True)
class Repaired:
    """A program and the last step that changed it."""

    source: str
    repair: Repair


def repair(source: str, contract: Contract | None = None, *, with_policy: bool = True) -> Repaired:
    """Return the first of these that passes the checks of `contract` and misses nothing: `source` as it is, its
    beginning, its beginning completed; `source` as it is when none does.

    A step is taken only where the program before it fails, so a valid program is never touched, with one exception: one
    that forgot an import needed only by code that never runs counts as completed.
    """
    kind = contract or usual_contract()

    def is_sound(text: str) -> bool:
        return not kind.check(add_missing(text), with_policy=with_policy)

    kept = source if is_sound(source) else trim(source, is_sound, kind.defines)
    if kept is None:
        return Repaired(source, Repair.RAW)
    completed = add_missing(kept)
    if completed != kept:
        return Repaired(completed, Repair.COMPLETED)
    return Repaired(kept, Repair.RAW if kept == source else Repair.TRIMMED)
