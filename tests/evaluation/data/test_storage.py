from pathlib import Path

import pytest

from archwright.evaluation.data.storage import cache_folder


def test_the_cache_is_in_the_users_cache_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere/data")
    monkeypatch.delenv("ARCHWRIGHT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/archwright/data")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "archwright" / "data"
