import errno
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archwright.errors import DataError, StorageError
from archwright.evaluation.data.cache import (
    Contents,
    Decoded,
    channel_statistics,
    open_decoded,
)
from archwright.evaluation.data.images import Allocate
from archwright.evaluation.data.sources import Source, SplitName
from archwright.evaluation.data.storage import cache_folder

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 3, 16, 16), dtype=np.uint8)
LABELS = np.arange(40, dtype=np.int64) % 4


class Store:
    """A source of one file and a count of how often it was decoded."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "source.bin"
        self.file.write_bytes(b"some data")
        self.source = Source("test", self.file, (self.file,), ())
        self.decodings = 0

    def open(self) -> Decoded:
        return open_decoded(self.source, SplitName.TRAIN, 0, self.decode)

    def decode(self, allocate: Allocate) -> Contents:
        self.decodings += 1
        allocate(IMAGES.shape)[:] = IMAGES
        return Contents(LABELS, ("a", "b", "c", "d"), "PNG", 7)

    @property
    def folder(self) -> Path:
        (folder,) = (entry for entry in (cache_folder() / "decoded").iterdir() if entry.is_dir())
        return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_split_is_decoded_once_and_mapped_read_only(store: Store) -> None:
    for _ in range(3):
        decoded = store.open()
        assert isinstance(decoded.images, np.memmap)
        assert (decoded.images == IMAGES).all()
        assert (decoded.labels == LABELS).all()
        assert not decoded.images.flags.writeable
        assert not decoded.labels.flags.writeable
        assert (decoded.manifest.class_names, decoded.manifest.test_images) == (("a", "b", "c", "d"), 7)
    assert store.decodings == 1


def test_a_changed_source_is_decoded_again_in_the_same_place(store: Store) -> None:
    before = store.open()
    store.file.write_bytes(b"other data!")
    store.open()
    assert store.decodings == 2
    # Also raises if there were two.
    assert store.folder.is_dir()
    # Whoever still has the old one mapped keeps it.
    assert (before.images == IMAGES).all()


def test_only_the_time_of_the_source_having_changed_is_enough(store: Store) -> None:
    store.open()
    os.utime(store.file, ns=(1, 1))
    store.open()
    assert store.decodings == 2


def truncate_images(folder: Path) -> None:
    path = folder / "images.npy"
    os.truncate(path, path.stat().st_size - 100)


def flip_labels(folder: Path) -> None:
    np.save(folder / "labels.npy", LABELS[::-1])


def reshape_images(folder: Path) -> None:
    np.save(folder / "images.npy", IMAGES.reshape(40, 3, 8, 32))


def shorten_labels(folder: Path) -> None:
    np.save(folder / "labels.npy", LABELS[:-1])


def blacken_images(folder: Path) -> None:
    np.save(folder / "images.npy", np.zeros_like(IMAGES))


def break_header(folder: Path) -> None:
    data = (folder / "images.npy").read_bytes()
    (folder / "images.npy").write_bytes(b"XXXX" + data[4:])


def empty_labels(folder: Path) -> None:
    (folder / "labels.npy").write_bytes(b"")


def remove_images(folder: Path) -> None:
    (folder / "images.npy").unlink()


def break_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"version": 1, ')


def shorten_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"version": 1}')


def make_manifest_a_list(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


DAMAGES = [
    *(truncate_images, flip_labels, reshape_images, shorten_labels, blacken_images, break_header, empty_labels),
    *(remove_images, break_manifest, shorten_manifest, make_manifest_a_list),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_cache_is_told_and_rebuilt(
    damage: Callable[[Path], None], store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.open()
    damage(store.folder)
    with caplog.at_level(logging.WARNING):
        decoded = store.open()
    assert (decoded.images == IMAGES).all()
    assert (decoded.labels == LABELS).all()
    assert store.decodings == 2
    assert "is damaged" in caplog.text
    store.open()
    assert store.decodings == 2


def test_another_version_of_the_decoded_form_is_replaced_without_complaint(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.open()
    manifest = store.folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": 0}))
    with caplog.at_level(logging.WARNING):
        store.open()
    assert store.decodings == 2
    assert not caplog.text


def test_a_decoding_that_fails_leaves_nothing_behind(store: Store) -> None:
    def fail(allocate: Allocate) -> Contents:
        allocate(IMAGES.shape)
        raise DataError("no", "never")

    with pytest.raises(DataError):
        open_decoded(store.source, SplitName.TRAIN, 0, fail)
    assert [entry.suffix for entry in (cache_folder() / "decoded").iterdir()] == [".lock"]


def test_what_a_killed_process_left_is_swept_away(store: Store) -> None:
    store.open()
    left = store.folder.with_name(f"{store.folder.name}.abc.tmp")
    left.mkdir()
    (left / "images.npy").write_bytes(b"half")
    store.file.write_bytes(b"changed")
    store.open()
    assert not left.exists()


def test_a_full_disk_is_a_storage_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with pytest.raises(StorageError, match="the disk is full.*ARCHWRIGHT_CACHE"):
        store.open()


def test_a_cache_that_cannot_be_created_is_a_storage_error(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="cannot be written"):
        store.open()


def test_a_source_that_vanished_is_a_data_error(store: Store) -> None:
    store.file.unlink()
    with pytest.raises(DataError, match=r"source\.bin cannot be read"):
        store.open()


def test_channel_statistics_are_exact() -> None:
    mean, std = channel_statistics(IMAGES)
    scaled = IMAGES / 255
    assert mean == pytest.approx(scaled.mean(axis=(0, 2, 3)), abs=1e-6)
    assert std == pytest.approx(scaled.std(axis=(0, 2, 3)), abs=1e-6)


def test_a_channel_that_never_changes_is_divided_by_one() -> None:
    assert channel_statistics(np.full((5, 1, 2, 2), 255, np.uint8)) == ((1.0,), (1.0,))


DECODE = """
import sys, time
from pathlib import Path
import numpy as np
from archwright.evaluation.data.cache import Contents, open_decoded
from archwright.evaluation.data.sources import Source, SplitName

file = Path(sys.argv[1])

def decode(allocate):
    with open(file.with_name("decodings"), "a") as log:
        log.write("x")
    allocate((20, 1, 4, 4))[:] = 7
    time.sleep(0.3)
    return Contents(np.zeros(20, np.int64), ("a",), "PNG", 0)

print(open_decoded(Source("test", file, (file,), ()), SplitName.TRAIN, 0, decode).images.sum())
"""


def test_processes_that_want_the_same_split_decode_it_once(store: Store, tmp_path: Path) -> None:
    command = [sys.executable, "-c", DECODE, str(store.file)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert answers == [str(20 * 16 * 7)] * 3
    assert (tmp_path / "decodings").read_text() == "x"
