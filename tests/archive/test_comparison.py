import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archwright.archive import AdapterRow, Archive, CostRow, OpeningRow, digest, rows
from archwright.archive.comparison import MEASURED_TABLES, MEASUREMENTS
from archwright.archive.tables import METADATA
from archwright.candidate import Call, Key, Outcome, Record, Similarity, Stage, Trial
from archwright.testing.records import recorded, scored

Fill = Callable[[Archive, list[Record]], None]


def make_study(folder: Path, fill: Fill, records: list[Record]) -> Path:
    with Archive.create(folder, {"seed": 3, "loop": {"cycles": 2}}) as archive:
        fill(archive, records)
    return folder


def with_outcome(records: list[Record], **changes: object) -> list[Record]:
    outcome = records[0].outcome
    assert outcome is not None
    changed = dataclasses.replace(outcome, **changes)  # type: ignore[arg-type]
    return [recorded(records[0].candidate, changed, records[0].admission), *records[1:]]


def with_candidate(records: list[Record], **changes: object) -> list[Record]:
    candidate = dataclasses.replace(records[0].candidate, **changes)  # type: ignore[arg-type]
    return [dataclasses.replace(records[0], candidate=candidate), *records[1:]]


def with_admission(records: list[Record], **changes: object) -> list[Record]:
    admission = records[0].admission
    assert admission is not None
    return [dataclasses.replace(records[0], admission=dataclasses.replace(admission, **changes)), *records[1:]]  # type: ignore[arg-type]


def test_studies_that_differ_in_name_clocks_and_resources_are_equal(
    study: Path, tmp_path: Path, fill: Fill, records: list[Record]
) -> None:
    other = with_outcome(records, seconds={"total": 9.0}, cpu_s=8.0, gpu_s=7.0, memory_mb=6.0, received_bytes=5)
    other = with_candidate(other, generate_s=4.0)
    make_study(tmp_path / "other", fill, other)
    with Archive.open(tmp_path / "other") as archive:
        archive.add_candidates([], cost=CostRow(1, "train", wall_s=3.0))
    assert rows(study) == rows(tmp_path / "other")
    assert digest(study) == digest(tmp_path / "other")


def test_the_order_in_which_outcomes_arrived_does_not_matter(
    study: Path, tmp_path: Path, fill: Fill, records: list[Record]
) -> None:
    make_study(tmp_path / "other", fill, records[::-1])
    assert digest(study) == digest(tmp_path / "other")


DIFFERENCES: Mapping[str, Callable[[list[Record]], list[Record]]] = {
    "last bit of a score": lambda records: with_outcome(records, scores=scored(0.61, 1.2000000000000002, 180)),
    "log": lambda records: with_outcome(records, log="epoch 2"),
    "parameters": lambda records: with_outcome(records, params=901),
    "seed": lambda records: with_candidate(records, seed=77),
    "prompt": lambda records: with_candidate(records, calls=(Call("writer", "", "", "m"),)),
    "facts": lambda records: with_candidate(records, facts={"widths": [8]}),
    "parents": lambda records: with_candidate(records, parents=("a",)),
    "similarity": lambda records: with_admission(records, canonical=Similarity(0.0, None)),
    "rejections": lambda records: with_admission(records, rejections=None),
    "a candidate less": lambda records: records[:-1],
    "an outcome less": lambda records: [*records[:3], Record(records[3].candidate), records[4]],
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_any_other_difference_shows(study: Path, tmp_path: Path, fill: Fill, records: list[Record], name: str) -> None:
    make_study(tmp_path / "other", fill, DIFFERENCES[name](records))
    assert digest(study) != digest(tmp_path / "other")


def test_configuration_adapters_and_openings_count(study: Path) -> None:
    digests = {digest(study)}
    with Archive.open(study) as archive:
        archive.set_config({"seed": 4})
        digests.add(digest(archive))
        archive.add_adapter(AdapterRow("a1", 1, "adapters/a1", "smollm2-135m", digest="0" * 64))
        digests.add(digest(archive))
        program = archive.records()[0].program.digest
        archive.add_outcome(Key(1, 0), Trial(program, 0, split="test"), Outcome(Stage.SCORE, scores=scored(0.5)))
        digests.add(digest(archive))
        archive.add_opening(OpeningRow(1, (program,), (0,), 1, datetime.now(UTC)))
        digests.add(digest(archive))
    assert len(digests) == 5


def test_openings_of_the_test_split_compare_in_any_order(tmp_path: Path, fill: Fill, records: list[Record]) -> None:
    digests = set()
    for name, seeds in {"one": (1, 2), "other": (2, 1)}.items():
        make_study(tmp_path / name, fill, records)
        with Archive.open(tmp_path / name) as archive:
            for seed in seeds:
                program = records[0].program.digest
                outcome = Outcome(Stage.SCORE, scores=scored(0.5), seed=seed)
                archive.add_outcome(Key(1, 0), Trial(program, seed, split="test"), outcome)
        digests.add(digest(tmp_path / name))
    assert len(digests) == 1


def test_an_open_study_and_its_folder_have_the_same_digest(study: Path) -> None:
    with Archive.open(study) as archive:
        assert digest(archive) == digest(study)


def test_every_measurement_is_a_column() -> None:
    tables = METADATA.tables
    assert set(tables) >= MEASUREMENTS.keys() | MEASURED_TABLES
    for name, columns in MEASUREMENTS.items():
        assert columns <= set(tables[name].columns.keys())
