"""Comparing studies: everything two runs with the same seed must agree on, and a digest over it.

A killed and resumed study equals an uninterrupted one when their digests are equal; `rows` shows where they are not.
"""

import hashlib
import json
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archwright.archive.archive import Archive
from archwright.archive.tables import METADATA

MEASUREMENTS = {
    "studies": {"name", "created_at", "archwright"},
    "candidates": {"generate_s", "created_at"},
    "outcomes": {"seconds", "cpu_s", "gpu_s", "memory_mb", "received_bytes", "cached", "finished_at"},
    "calls": {"wall_s"},
    "cycles": {"closed_at"},
    "adapters": {"created_at"},
    "openings": {"opened_at"},
}
"""Columns that two equal runs may disagree on: clocks, resources, and the name of the folder."""
MEASURED_TABLES = {"sessions", "costs"}
"""Tables that consist of such columns."""
_SURROGATES = {"id", "study_id"}


def rows(study: Archive | Path) -> dict[str, list[dict[str, object]]]:
    """Return every comparable row by table, in an order that does not depend on when it was written."""
    if isinstance(study, Archive):
        return _rows(study)
    with Archive.open(study, read_only=True) as archive:
        return _rows(archive)


def digest(study: Archive | Path) -> str:
    """Return the SHA-256 over `rows`, hexadecimal: equal for equal studies, whatever they cost."""
    return hashlib.sha256(json.dumps(rows(study), sort_keys=True).encode()).hexdigest()


def _rows(archive: Archive) -> dict[str, list[dict[str, object]]]:
    with archive.reading() as session:
        return {
            name: _table_rows(session, name, archive.study_id)
            for name in sorted(METADATA.tables.keys() - MEASURED_TABLES)
        }


def _table_rows(session: Session, name: str, study_id: int) -> list[dict[str, object]]:
    table = METADATA.tables[name]
    left_out = MEASUREMENTS.get(name, set()) | _SURROGATES
    columns = [column for column in table.columns if column.name not in left_out]
    owner = table.c.id if name == "studies" else table.c.study_id
    found = [dict(row) for row in session.execute(select(*columns).where(owner == study_id)).mappings()]
    if name == "outcomes":
        # Finalists are numbered as they arrive; which outcome is the search's own (number 0) is all that this tells.
        found = [row | {"number": min(row["number"], 1)} for row in found]
    keys = [key.name for key in table.primary_key if key.name not in left_out]
    return sorted(found, key=lambda row: json.dumps([[row[key] for key in keys], row], sort_keys=True))
