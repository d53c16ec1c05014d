"""Studies on disk for the tests of the archive, and ways to look at their folders."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.archive import Archive, CycleRow
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Record,
    Similarity,
    Stage,
)
from archwright.testing.records import recorded, scored


def make_records() -> list[Record]:
    """One candidate of every sort: admitted, refused, failed, evaluated, only proposed."""
    sources = ("class Net: a", "class Net: a", "broken(", "class Net: b", "class Net: c")
    candidates = [
        Candidate(Key(1 + number // 3, number % 3), Program(source), "full", seed=number, generate_s=0.1 * number)
        for number, source in enumerate(sources)
    ]
    valid = Outcome(Stage.SCORE, scores=scored(0.61, 1.2, 180), params=900, seconds={"total": 1.5}, log="epoch 1")
    broken = Outcome(Stage.PARSE, Failure(Stage.PARSE, FailureKind.SYNTAX, "'(' was never closed", 1))
    return [
        recorded(candidates[0], valid, Admission(AdmissionReason.ADMITTED, Similarity(0.2, "resnet"), None, 0)),
        recorded(candidates[1], valid, Admission(AdmissionReason.NEAR_DUPLICATE, Similarity(1.0, "1.0"))),
        recorded(candidates[2], broken, Admission(AdmissionReason.INVALID)),
        recorded(candidates[3], valid),
        Record(candidates[4]),
    ]


def fill(archive: Archive, records: list[Record]) -> None:
    """Store `records`, of which cycle 1 is closed."""
    for cycle in sorted({record.candidate.key.cycle for record in records}):
        archive.add_candidates([record.candidate for record in records if record.candidate.key.cycle == cycle])
    for record in records:
        for trial, outcome in record.outcomes.items():
            archive.add_outcome(record.candidate.key, trial, outcome)
    verdicts = {record.candidate.key: record.admission for record in records if record.admission is not None}
    archive.close_cycle(CycleRow(1, 0.55), verdicts)


@pytest.fixture
def records() -> list[Record]:
    return make_records()


@pytest.fixture(name="fill")
def _fill() -> Callable[[Archive, list[Record]], None]:
    return fill


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "study"
    with Archive.create(folder, {"seed": 3, "loop": {"cycles": 2}}) as archive:
        fill(archive, make_records())
    return folder


@pytest.fixture
def study(_template: Path, tmp_path: Path) -> Path:
    """The folder of a closed study that holds `records`."""
    folder = tmp_path / "study"
    folder.mkdir()
    for file in _template.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def photograph() -> Callable[[Path], dict[str, object]]:
    """A function that returns everything a change to a folder would change: names, bytes, modes, times."""

    def take(folder: Path) -> dict[str, object]:
        paths = [folder, *sorted(folder.rglob("*"))]
        return {
            str(path.relative_to(folder)): (
                path.stat().st_mode,
                path.stat().st_mtime_ns,
                path.stat().st_ctime_ns,
                path.stat().st_ino,
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None,
            )
            for path in paths
        }

    return take
