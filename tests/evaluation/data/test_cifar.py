import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.cifar import find, read
from archwright.evaluation.data.sources import Source, SplitName


def python_2_batch(images: NDArray[np.uint8], labels: list[int], key: bytes = b"labels") -> bytes:
    """Return the pickle Python 2 wrote, opcode by opcode as in the published files."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    data = images.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n(K\x00t" + text(b"b") + b"\x87R"
        b"(K\x01" + number(len(images)) + number(images[0].size) + b"\x86"
        b"cnumpy\ndtype\n"
        + text(b"u1")
        + b"K\x00K\x01\x87R(K\x03"
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89T" + struct.pack("<i", len(data)) + data + b"tb"
    )
    codes = b"](" + b"".join(number(label) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(key) + codes + text(b"batch_label") + text(b"x") + b"u."


@pytest.fixture
def cifar10(tmp_path: Path, pictures: Callable[..., tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> Path:
    """The extracted folder: two training batches of 10 images, 5 test images, 3 classes."""
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for number, (name, size) in enumerate((("data_batch_1", 10), ("data_batch_2", 10), ("test_batch", 5))):
        images, labels = pictures(size, shape=(3, 32, 32), seed=number)
        (folder / name).write_bytes(python_2_batch(images, labels.tolist()))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": ["airplane", "bird", "cat"]}, protocol=2))
    return folder


def found(path: Path) -> Source:
    source = find(path)
    assert source is not None
    return source


def test_the_published_form_is_read(
    cifar10: Path, pictures: Callable[..., tuple[NDArray[np.uint8], NDArray[np.int64]]]
) -> None:
    source = found(cifar10)
    raw = read(source, SplitName.TRAIN)
    assert isinstance(raw.images, np.ndarray)
    assert raw.class_names == ("airplane", "bird", "cat")
    assert (raw.images[10:] == pictures(10, shape=(3, 32, 32), seed=1)[0]).all()
    assert raw.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0] * 2
    assert len(read(source, SplitName.TEST).labels) == 5


def test_cifar_100_is_read_with_its_fine_labels(
    tmp_path: Path, pictures: Callable[..., tuple[NDArray[np.uint8], NDArray[np.int64]]]
) -> None:
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        images, labels = pictures(6, shape=(3, 32, 32))
        batch = {"data": images.reshape(6, -1), "fine_labels": labels.tolist(), "coarse_labels": [0] * 6}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {"fine_label_names": ["apple", "baby", "bear"], "coarse_label_names": ["all"]}
    (folder / "meta").write_bytes(pickle.dumps(meta, protocol=2))
    raw = read(found(folder), SplitName.TRAIN)
    assert raw.class_names == ("apple", "baby", "bear")
    assert raw.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_folder_that_only_looks_a_little_like_it_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "train").touch()
    (tmp_path / "test").touch()
    assert find(tmp_path) is None


class Attack:
    """Runs a command when it is unpickled by anything that trusts it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.marker}",)


def test_a_pickle_that_runs_a_command_is_refused_and_nothing_runs(cifar10: Path, tmp_path: Path) -> None:
    marker = tmp_path / "owned"
    for contents in ({"data": Attack(marker), "labels": [0]}, Attack(marker), {"labels": [0], "data": eval}):
        (cifar10 / "test_batch").write_bytes(pickle.dumps(contents, protocol=2))
        with pytest.raises(DataError, match=r"it asks for .*\.\w+, which no CIFAR batch needs; it was not run"):
            read(found(cifar10), SplitName.TEST)
    assert not marker.exists()


def test_codecs_other_than_the_one_numpy_needs_are_refused(cifar10: Path) -> None:
    # A call of _codecs.encode("x", "zlib"): harmless here, but a decompression bomb's way in.
    (cifar10 / "test_batch").write_bytes(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00xX\x04\x00\x00\x00zlib\x86R.")
    with pytest.raises(DataError, match="encoding 'zlib'"):
        read(found(cifar10), SplitName.TEST)


BAD_BATCHES = {
    "not a pickle": b"rubbish",
    "cut off": pickle.dumps({"labels": [0]}, protocol=2)[:-8],
    "a list": pickle.dumps([1, 2], protocol=2),
    "without labels": pickle.dumps({"data": np.zeros((1, 3072), np.uint8)}, protocol=2),
    "with too little data": pickle.dumps({"data": np.zeros((1, 3071), np.uint8), "labels": [0]}, protocol=2),
    "with a label too high": pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [3]}, protocol=2),
}


@pytest.mark.parametrize("contents", BAD_BATCHES.values(), ids=BAD_BATCHES.keys())
def test_a_damaged_batch_is_named(contents: bytes, cifar10: Path) -> None:
    (cifar10 / "test_batch").write_bytes(contents)
    with pytest.raises(DataError, match="cifar-10-batches-py"):
        read(found(cifar10), SplitName.TEST)


def test_a_missing_batch_or_meta_file_is_told(cifar10: Path) -> None:
    (cifar10 / "batches.meta").unlink()
    with pytest.raises(DataError, match="no file with the class names"):
        read(found(cifar10), SplitName.TRAIN)
    (cifar10 / "data_batch_1").unlink()
    with pytest.raises(DataError, match="cifar-10-batches-py lacks data_batch_1"):
        find(cifar10)
