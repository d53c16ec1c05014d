"""What a disk refuses is named with the file, and nothing half-written is left there."""

import errno
import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archwright.analysis.experiments.rows import Row
from archwright.archive import Archive
from archwright.candidate import Candidate, Key, Outcome, Stage, Trial
from archwright.configuring import load_config
from archwright.testing.programs import GOOD
from archwright.testing.records import scored


@contextmanager
def no_file_above(size: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse what would make a file larger, as a full disk does."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # Python would keep the half of it.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def half_written(path: Path, text: str, *_: object, **__: object) -> int:
    path.write_bytes(text.encode()[: len(text) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "study", load_config("evolution").model_dump(mode="json")) as archive:
        archive.add_candidates([Candidate(Key(1, 0), GOOD, "test", 0)])
        archive.add_outcome(Key(1, 0), Trial(None, 0), Outcome(Stage.SCORE, scores=scored(0.75, 1.0, 50)))
    return tmp_path / "study"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "in.json"
    path.write_text(json.dumps([Row("a", 0, 1, 0, 0.5, "d", "c", True, False).as_json("accuracy")]))
    return path


def test_an_export_is_whole_files_or_none(run, study, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    words = ("export", study, "--format", "lemur", "--out", tmp_path / "out")
    with monkeypatch.context() as patch:  # A limit would end the reading of the archive, too.
        patch.setattr(Path, "write_text", half_written)
        ran = run(*words)
    assert ran.code == 1
    assert f"{tmp_path}/out/ab/nn/nn/archwright-" in ran.error
    assert "cannot be written: No space left on device — free space or choose another --out, then run" in ran.error
    assert not files_in(tmp_path / "out")
    assert run(*words).code == 0


def test_a_comparison_and_its_rows_name_the_file(run, rows, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "new" / "out"
    for option, file in (("--rows", out), ("--out", out / "comparison.md")):
        with no_file_above(10, monkeypatch):
            ran = run("compare", rows, option, out)
        assert (ran.code, ran.out) == (1, "")
        assert f"{file} cannot be written: File too large — free space, or give another place" in ran.error
        assert not files_in(tmp_path / "new")


def test_an_index_is_not_said_to_be_damaged(run, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    index = tmp_path / "index.db"
    (tmp_path / "net.py").write_text(GOOD.source)
    with no_file_above(0, monkeypatch):
        ran = run("novelty", tmp_path / "net.py", "--index", index, "--add")
    assert ran.code == 1
    assert f"the index {index} cannot be written: " in ran.error
    assert run("novelty", tmp_path / "net.py", "--index", index, "--add").code == 0


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo])
def test_rows_replace_nothing_but_a_file(run, rows, tmp_path, make) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "out")
    ran = run("compare", rows, "--rows", tmp_path / "out")
    assert ran.code == 1
    assert f"{tmp_path / 'out'} cannot be written: it is no file" in ran.error
    assert not (tmp_path / "out").is_file()


def test_a_device_is_kept(run, rows) -> None:  # type: ignore[no-untyped-def]
    ran = run("compare", rows, "--rows", "/dev/archwright-test")
    assert ran.code == 1
    assert "/dev/archwright-test cannot be written: it is no file" in ran.error
