import json
import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archwright import __version__
from archwright.archive import Archive, CostRow, opening
from archwright.archive.opening import require_new
from archwright.candidate import Record
from archwright.errors import (
    ArchwrightError,
    StorageError,
    StudyBusyError,
    StudyDamagedError,
    StudyError,
    StudyTooNewError,
)
from archwright.resumable import FolderLock

Photograph = Callable[[Path], dict[str, object]]
RunPython = Callable[..., "subprocess.Popen[str]"]


def change(study: Path, *statements: str) -> None:
    with closing(sqlite3.connect(study / "study.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_folder_holds_one_study(study: Path, photograph: Photograph) -> None:
    before = photograph(study)
    with pytest.raises(StudyError, match="already holds a study — continue it with `archwright resume"):
        Archive.create(study, {})
    assert photograph(study) == before


def test_a_study_is_not_created_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("notes")
    with pytest.raises(StudyError, match="is a file"):
        Archive.create(tmp_path / "study", {})
    with pytest.raises(StudyError, match=r"study is a file"):
        require_new(tmp_path / "study" / "below" / "it")


def test_a_study_is_not_created_over_one_that_another_process_is_creating(tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "study.lock").touch()
    with (tmp_path / "study.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StudyBusyError):
            Archive.create(tmp_path, {})


def test_a_creation_that_was_killed_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "study.lock").write_text("12345\n")
    (tmp_path / "study.db.part").write_bytes(b"half a database")
    (tmp_path / "study.db.part-wal").write_bytes(b"half a log")
    Archive.create(tmp_path, {}).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.db", "study.lock"]


def test_a_creation_that_fails_leaves_no_study(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        Archive.create(tmp_path / "study", {"seed": object()})
    assert list((tmp_path / "study").iterdir()) == []


@pytest.mark.parametrize("is_read_only", [True, False])
def test_a_folder_without_a_study_is_named(tmp_path: Path, is_read_only: bool, photograph: Photograph) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    before = photograph(tmp_path)
    with pytest.raises(StudyError, match="is not a study folder"):
        Archive.open(tmp_path, read_only=is_read_only)
    with pytest.raises(StudyError, match="is not a study folder"):
        Archive.open(tmp_path / "notes.txt", read_only=is_read_only)
    with pytest.raises(StudyError, match="does not exist"):
        Archive.open(tmp_path / "absent", read_only=is_read_only)
    assert photograph(tmp_path) == before


def _overwrite(study: Path, content: bytes) -> None:
    (study / "study.db").write_bytes(content)


def _truncate(study: Path) -> None:
    content = (study / "study.db").read_bytes()
    _overwrite(study, content[: len(content) // 2])


def _replace_with_folder(study: Path) -> None:
    (study / "study.db").unlink()
    (study / "study.db").mkdir()


def _move_elsewhere(study: Path, pointer: str) -> None:
    (study / "study.db").rename(study / "shared.db")
    (study / "study.json").write_text(pointer)


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lambda study: (study / "study.db").unlink(), "missing"),
    "folder": (_replace_with_folder, "not a file"),
    "empty": (lambda study: _overwrite(study, b""), "no schema revision"),
    "prose": (lambda study: _overwrite(study, b"Dear diary, " * 1000), "not a database"),
    "truncated": (_truncate, "damaged"),
    "other database": (lambda study: change(study, "DROP TABLE alembic_version"), "no schema revision"),
    "no revision": (lambda study: change(study, "DELETE FROM alembic_version"), "no schema revision"),
    "odd revision": (lambda study: change(study, "UPDATE alembic_version SET version_num = 'x'"), "revision 'x'"),
    "no table": (lambda study: change(study, "DROP TABLE costs"), "table costs is missing"),
    "no column": (
        lambda study: change(study, "ALTER TABLE outcomes DROP COLUMN log"),
        "table outcomes has no column log",
    ),
    "no study": (lambda study: change(study, "DELETE FROM studies"), "0 studies"),
    "two studies": (
        lambda study: change(study, "INSERT INTO studies SELECT 2, name, config, created_at, archwright FROM studies"),
        "2 studies",
    ),
    "outcome without candidate": (
        lambda study: change(study, "DELETE FROM candidates WHERE cycle = 2 AND position = 0"),
        r"outcomes \(cycle 2, position 0, number 0\) refers to a row of candidates",
    ),
    "verdict without cycle": (lambda study: change(study, "DELETE FROM cycles"), "refers to a row of cycles"),
    "candidate without program": (lambda study: change(study, "DELETE FROM programs"), "refers to a row of programs"),
    "other source": (lambda study: change(study, "UPDATE programs SET source = 'x'"), "not what was stored"),
    "not text": (lambda study: change(study, "UPDATE programs SET source = CAST(x'ff' AS TEXT)"), "UTF-8"),
    "unknown stage": (lambda study: change(study, "UPDATE outcomes SET stage = 'dreamt'"), "dreamt"),
    "malformed JSON": (lambda study: change(study, "UPDATE candidates SET parents = '['"), "JSON"),
    "pointer": (lambda study: _move_elsewhere(study, '{"url": 3}'), "study.json"),
    "pointer to no study": (
        lambda study: _move_elsewhere(study, json.dumps({"url": f"sqlite:///{study}/shared.db", "study": 99})),
        "does not hold study 99",
    ),
    "dangling pointer": (
        lambda study: _move_elsewhere(study, json.dumps({"url": f"sqlite:///{study}/absent.db", "study": 1})),
        "missing",
    ),
}


@pytest.mark.parametrize("is_read_only", [True, False])
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_study_is_named_and_keeps_every_byte(
    study: Path, name: str, is_read_only: bool, photograph: Photograph
) -> None:
    damage, finding = DAMAGE[name]
    damage(study)
    before = photograph(study)
    with pytest.raises(StudyDamagedError, match=finding):
        Archive.open(study, read_only=is_read_only)
    assert photograph(study) == before


@pytest.mark.parametrize("tries", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_random_damage_is_found_or_harmless_and_never_a_crash(tries: int, study: Path, photograph: Photograph) -> None:
    random_ = random.Random(21)
    intact = (study / "study.db").read_bytes()
    found = 0
    for _ in range(tries):
        content = bytearray(intact)
        start = random_.randrange(len(content))
        content[start : start + 48] = random_.randbytes(len(content[start : start + 48]))
        _overwrite(study, bytes(content))
        before = photograph(study)
        try:
            with Archive.open(study, read_only=True) as archive:
                archive.records()
        except (StudyDamagedError, StudyTooNewError):
            found += 1
        assert photograph(study) == before
    assert found > 0


@pytest.mark.parametrize("is_read_only", [True, False])
def test_a_study_of_a_newer_version_is_named_and_keeps_every_byte(
    study: Path, is_read_only: bool, photograph: Photograph
) -> None:
    change(
        study,
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE studies SET archwright = '12.0'",
        "ALTER TABLE outcomes ADD COLUMN carbon_g TEXT",
    )
    before = photograph(study)
    with pytest.raises(StudyTooNewError, match=rf"written by Archwright 12\.0; this is Archwright {__version__}"):
        Archive.open(study, read_only=is_read_only)
    assert photograph(study) == before


def test_a_newer_study_that_keeps_its_version_elsewhere_is_still_too_new(study: Path) -> None:
    change(study, "UPDATE alembic_version SET version_num = '9999'", "ALTER TABLE studies DROP COLUMN archwright")
    with pytest.raises(StudyTooNewError, match="unknown version"):
        Archive.open(study, read_only=True)


HOLD = """
import sys, pathlib
from archwright.archive import Archive
with Archive.open(pathlib.Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_study_in_use_names_the_process_and_is_left_alone(
    study: Path, records: list[Record], run_python: RunPython, photograph: Photograph
) -> None:
    holder = run_python(HOLD, study)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    before = photograph(study)
    with pytest.raises(StudyBusyError, match=f"process {holder.pid} is running"):
        Archive.open(study)
    with Archive.open(study, read_only=True) as archive:
        assert archive.records() == records
    assert photograph(study) == before


def test_a_study_is_written_by_one_archive_even_within_a_process(study: Path) -> None:
    with Archive.open(study), pytest.raises(StudyBusyError):
        Archive.open(study)
    Archive.open(study).close()


def test_reading_changes_nothing(study: Path, records: list[Record], photograph: Photograph) -> None:
    before = photograph(study)
    with Archive.open(study, read_only=True) as archive:
        assert archive.records() == records
    assert photograph(study) == before


def test_a_copied_study_without_its_lock_file_opens(study: Path, records: list[Record]) -> None:
    (study / "study.lock").unlink()
    with Archive.open(study) as archive:
        assert archive.records() == records
        archive.add_candidates([], cost=CostRow(1, "train"))


def test_a_moved_study_opens(study: Path, tmp_path: Path, records: list[Record]) -> None:
    shutil.move(study, tmp_path / "elsewhere")
    with Archive.open(tmp_path / "elsewhere") as archive:
        assert archive.records() == records


def test_a_relative_folder_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Archive.create(Path("study"), {}).close()
    with Archive.open(Path("study")) as archive:
        monkeypatch.chdir("/")
        archive.add_candidates([], cost=CostRow(1, "train"))
        assert len(archive.costs()) == 1


@pytest.mark.parametrize("url", ["not an address", "oracleofdelphi://host/name"])
def test_a_database_address_we_cannot_use_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(StudyError, match=url):
        Archive.create(tmp_path / "study", {}, url=url)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_study_is_not_kept_in_memory(tmp_path: Path, url: str) -> None:
    with pytest.raises(StudyError, match="a study cannot be kept there — write sqlite:////FOLDER/NAME.db"):
        Archive.create(tmp_path / "study", {}, url=url)
    assert not (tmp_path / "study").exists()


def test_a_relative_database_is_found_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    Archive.create(Path("study"), {}, url="sqlite:///shared.db").close()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with Archive.open(Path("../study")) as archive:
        archive.add_candidates([], cost=CostRow(1, "train"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_missing_database_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="pip install"):
        Archive.create(tmp_path / "study", {}, url="mysql+mysqlconnector://host/name")


def test_every_refusal_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArchwrightError) as caught:
        Archive.open(tmp_path)
    assert caught.value.remedy
    assert not isinstance(caught.value, StorageError)


def test_a_study_that_is_just_being_begun_is_busy_and_not_damaged(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "study.lock")
    lock.sign()
    with pytest.raises(StudyBusyError, match="is running the study"):
        Archive.open(tmp_path, read_only=True)
    lock.release()
    with pytest.raises(StudyDamagedError, match="the file is missing"):
        Archive.open(tmp_path, read_only=True)


def test_a_disk_that_is_full_when_a_new_database_is_closed_leaves_no_damaged_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, (soft, hard) = opening.insert_study, resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(*arguments: object) -> int:
        number = insert(*arguments)  # type: ignore[arg-type]
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
        return number

    monkeypatch.setattr(opening, "insert_study", fill)
    try:
        Archive.create(tmp_path / "run", {}).close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Archive.open(tmp_path / "run") as archive:
        assert archive.name == "run"
