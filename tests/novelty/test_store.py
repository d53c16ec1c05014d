import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archwright.config import NoveltyConfig
from archwright.errors import DataError, StorageError, UsageError
from archwright.novelty import store as store_module
from archwright.novelty.index import NoveltyFilter
from archwright.novelty.store import NoveltyStore
from archwright.starters import load_seed_corpus

CONFIG = NoveltyConfig()
PROGRAMS = [(network.name, network.program.source) for network in load_seed_corpus()]
QUERIES = [PROGRAMS[3][1], PROGRAMS[5][1].replace("3", "5"), "import torch\n", "def f(:", ""]


def test_the_index_on_disk_judges_as_the_one_in_memory(tmp_path: Path) -> None:
    known = NoveltyFilter(CONFIG)
    for name, source in PROGRAMS:
        known.add(name, source)
    with NoveltyStore.open(tmp_path / "index.db", CONFIG) as store:
        assert store.add(PROGRAMS[:20]) == 20
        assert store.add(PROGRAMS) == len(PROGRAMS) - 20
        for query in QUERIES:
            assert store.judge(query) == known.judge(query)
    with NoveltyStore.open(tmp_path / "index.db", CONFIG) as store:
        assert len(store) == len(PROGRAMS)
        for query in QUERIES:
            assert store.judge(query) == known.judge(query)


def test_what_cannot_be_compared_is_known_by_its_text_and_changes_no_verdict(tmp_path: Path) -> None:
    with NoveltyStore.open(tmp_path / "index.db", CONFIG) as store:
        assert store.add([("prose", "def f(:"), ("empty", ""), *PROGRAMS[:3]]) == 5
        assert store.add([("again", "")]) == 0
        assert store.judge(PROGRAMS[2][1]).lexical.nearest == PROGRAMS[2][0]


def test_other_settings_and_other_files_are_refused(tmp_path: Path) -> None:
    NoveltyStore.open(tmp_path / "index.db", CONFIG).close()
    with pytest.raises(UsageError, match="made with"):
        NoveltyStore.open(tmp_path / "index.db", NoveltyConfig(permutations=128))
    older = sqlite3.connect(tmp_path / "older.db")
    older.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT)")
    older.execute("INSERT INTO about VALUES ('layout', '2')")
    older.commit()
    older.close()
    with pytest.raises(UsageError, match=r"has layout 2, not \d+ — add its programs to a new file"):
        NoveltyStore.open(tmp_path / "older.db", CONFIG)
    (tmp_path / "text").write_text("not a database, but long enough to be looked at " * 40)
    with pytest.raises(DataError, match="not a novelty index"):
        NoveltyStore.open(tmp_path / "text", CONFIG)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE something (x)")
    other.commit()
    other.close()
    with pytest.raises(DataError, match="not a novelty index"):
        NoveltyStore.open(tmp_path / "other.db", CONFIG)
    with pytest.raises(StorageError, match="cannot be opened"):
        NoveltyStore.open(tmp_path / "missing" / "index.db", CONFIG)


def _add_and_die(path: Path) -> None:
    import os

    store = NoveltyStore.open(path, CONFIG)
    store.add(PROGRAMS[:5])
    store.connection.execute("BEGIN IMMEDIATE")
    store.connection.execute("INSERT INTO programs VALUES (99, 'half', 'done')")
    os.kill(os.getpid(), 9)


def test_what_was_added_survives_a_kill_and_what_was_not_is_gone(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_add_and_die, args=(tmp_path / "index.db",))
    process.start()
    process.join()
    assert process.exitcode == -9
    with NoveltyStore.open(tmp_path / "index.db", CONFIG) as store:
        assert len(store) == 5
        assert store.judge(PROGRAMS[4][1]).lexical.nearest == PROGRAMS[4][0]


def test_a_database_that_another_program_keeps_locked_is_named_and_nothing_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_S", 0.1)
    with NoveltyStore.open(tmp_path / "index.db", CONFIG) as store:
        with closing(sqlite3.connect(tmp_path / "index.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match=r"index\.db cannot be written: database is locked"):
                store.add(PROGRAMS[:1])
        assert store.add(PROGRAMS[:1]) == 1
