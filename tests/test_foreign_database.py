"""What SQLite would do to this machine when it opens a database that somebody sent."""

import os
import sqlite3
import struct
from pathlib import Path

import pytest

from archwright import resumable
from archwright.archive import Archive
from archwright.config import NoveltyConfig
from archwright.configuring import load_config
from archwright.corpus.store import Corpus
from archwright.errors import ArchwrightError
from archwright.foreign_database import fault_in
from archwright.novelty.store import NoveltyStore

MAGIC = bytes.fromhex("d9d505f920a163d7")
PAGE = 4096


def add_journal(database: Path, victim: Path) -> None:
    """Write a rollback journal whose super-journal is `victim`: SQLite plays it back and deletes that file."""
    header = MAGIC + struct.pack(">IIIII", 0, 1, database.stat().st_size // PAGE, 512, PAGE)
    name = os.fsencode(victim.absolute())
    end = struct.pack(">I", 2**30 // PAGE + 1) + name + struct.pack(">II", len(name), sum(name)) + MAGIC
    database.with_name(f"{database.name}-journal").write_bytes(header.ljust(512, b"\0") + end)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    file = tmp_path / "precious"
    file.write_text("of the user")
    return file


def test_the_journal_of_these_tests_has_sqlite_delete_a_file(tmp_path: Path, victim: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    add_journal(tmp_path / "a.db", victim)
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute("SELECT * FROM t")
    database.close()
    assert not victim.exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_journal_in_a_study_deletes_no_file(tmp_path: Path, victim: Path, *, read_only: bool) -> None:
    Archive.create(tmp_path / "study", {}).close()
    add_journal(tmp_path / "study" / "study.db", victim)
    with pytest.raises(ArchwrightError, match="rollback journal"):
        Archive.open(tmp_path / "study", read_only=read_only)
    assert victim.exists()


def test_a_journal_in_a_corpus_deletes_no_file(tmp_path: Path, victim: Path) -> None:
    Corpus.create(tmp_path / "corpus", {}).close()
    Corpus.open(tmp_path / "corpus").close()
    add_journal(tmp_path / "corpus" / "corpus.db", victim)
    with pytest.raises(ArchwrightError, match="rollback journal"):
        Corpus.open(tmp_path / "corpus")
    assert victim.exists()


def test_a_journal_beside_an_index_deletes_no_file(tmp_path: Path, victim: Path) -> None:
    NoveltyStore.open(tmp_path / "index", NoveltyConfig()).close()
    NoveltyStore.open(tmp_path / "index", NoveltyConfig()).close()
    add_journal(tmp_path / "index", victim)
    with pytest.raises(ArchwrightError, match="rollback journal"):
        NoveltyStore.open(tmp_path / "index", NoveltyConfig())
    assert victim.exists()


def test_a_corpus_that_computes_or_is_a_pipe_is_not_opened(tmp_path: Path) -> None:
    Corpus.create(tmp_path / "corpus", {}).close()
    path = tmp_path / "corpus" / "corpus.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TRIGGER t AFTER INSERT ON about BEGIN SELECT 1; END")
    database.close()
    with pytest.raises(ArchwrightError, match="TRIGGER"):
        Corpus.open(path.parent)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ArchwrightError, match="not a file"):
        Corpus.open(path.parent)


def test_what_a_killed_creation_leaves_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    (tmp_path / "new.db-journal").write_bytes(MAGIC)
    assert fault_in(tmp_path / "new.db") is None


@pytest.mark.parametrize("kind", ["study", "corpus"])
def test_a_new_database_writes_ahead_when_it_gets_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    headers = []

    def publish(scratch: Path, path: Path) -> None:
        headers.append(scratch.read_bytes()[18:20])
        scratch.replace(path)

    monkeypatch.setattr(resumable, "publish", publish)
    if kind == "study":
        Archive.create(tmp_path, load_config("evolution").model_dump(mode="json")).close()
    else:
        Corpus.create(tmp_path, {}).close()
    assert headers[0] == b"\x02\x02"  # versions to read and to write, of a database with a log
