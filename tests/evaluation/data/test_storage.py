import zipfile
from pathlib import Path

import pytest
from tests.killed import nothing_named_before_it_is_on_disk

from archwright.evaluation.data.storage import cache_folder
from archwright.evaluation.data.unpack import unpacked


def test_the_cache_is_in_the_users_cache_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere/data")
    monkeypatch.delenv("ARCHWRIGHT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/archwright/data")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "archwright" / "data"


def test_what_is_unpacked_is_on_disk_before_it_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("cat/1.txt", "a cat")
    with nothing_named_before_it_is_on_disk(monkeypatch) as named:
        folder = unpacked(tmp_path / "images.zip")
    assert named == [folder]
    assert (folder / "cat" / "1.txt").read_text() == "a cat"
