"""The parts that a study was begun with in Python and its configuration does not name, as its archive tells of them."""

from typing import TYPE_CHECKING

from archwright.contracts.contract import Contract
from archwright.errors import StudyError
from archwright.registry import CONTRACTS

if TYPE_CHECKING:
    from archwright.archive.archive import Archive

PARTS = "parts"
"""What the circumstances of a session call them."""


def own_parts(archive: "Archive") -> list[str]:
    """Return the names of the parts that the study was begun with."""
    parts = next((session.environment.get(PARTS) for session in archive.sessions()), None)
    return list(map(str, parts)) if isinstance(parts, list) else []


def contract_of(archive: "Archive", name: str, given: Contract | None = None) -> Contract:
    """Return the contract that the study was begun with: the one `given`, or the one called `name`.

    Raises StudyError where it was one of its own, which is not given.
    """
    if given is None and "contract" in own_parts(archive):
        raise StudyError(
            f"the study in {archive.folder} was begun in Python with a contract of its own",
            "name it again, in Python: evaluate_finalists(folder, contract=...), write_report(folder, contract=...)",
        )
    return given or CONTRACTS.load(name)
