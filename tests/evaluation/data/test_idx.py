import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.idx import find, read
from archwright.evaluation.data.sources import Source, SplitName


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture(params=["plain", "gz"])
def mnist(request: pytest.FixtureRequest, tmp_path: Path, pictures: Callable) -> Path:
    """12 training and 6 test images, grey, three classes; plain and compressed."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for seed, (prefix, size) in enumerate((("train", 12), ("t10k", 6))):
        images, labels = pictures(size, shape=(1, 5, 4), seed=seed)
        for name, array in (("images-idx3", images[:, 0]), ("labels-idx1", labels.astype(np.uint8))):
            data = idx(array)
            if request.param == "gz":
                (folder / f"{prefix}-{name}-ubyte.gz").write_bytes(gzip.compress(data))
            else:
                (folder / f"{prefix}-{name}-ubyte").write_bytes(data)
    return folder


def found(path: Path) -> Source:
    source = find(path)
    assert source is not None
    return source


def test_images_and_labels_are_read(mnist: Path, pictures: Callable) -> None:
    source = found(mnist)
    raw = read(source, SplitName.TRAIN)
    images, labels = pictures(12, shape=(1, 5, 4))
    assert isinstance(raw.images, np.ndarray)
    assert (raw.images == images).all()
    assert (raw.labels == labels).all()
    assert raw.class_names == ("0", "1", "2")
    assert len(read(source, SplitName.TEST).labels) == 6


def test_any_of_its_files_names_the_data_set(mnist: Path) -> None:
    assert found(next(mnist.glob("t10k-labels*"))) == found(mnist)


def test_names_with_a_dot_as_other_tools_write_them_are_recognised(tmp_path: Path) -> None:
    for name in ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"):
        (tmp_path / name).touch()
    assert found(tmp_path).test == ()


def test_images_without_labels_are_not_a_data_set(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").touch()
    assert find(tmp_path) is None


def test_test_images_without_labels_are_said_not_to_be_used(mnist: Path) -> None:
    next(mnist.glob("t10k-labels*")).unlink()
    source = find(mnist)
    assert source is not None
    assert not source.test
    assert "t10k-images-idx3-ubyte" in source.notes[0]
    assert "is not used, as its companion of labels is not there" in source.notes[0]


@pytest.mark.parametrize("damage", ["truncated", "empty", "rubbish", "of other dimensions", "too long"])
def test_a_damaged_file_is_named(damage: str, mnist: Path) -> None:
    path = next(mnist.glob("train-images*"))
    is_compressed = path.suffix == ".gz"
    data = gzip.decompress(path.read_bytes()) if is_compressed else path.read_bytes()
    damaged = {
        "truncated": data[:-3],
        "empty": b"",
        "rubbish": b"rubbish" * 9,
        "of other dimensions": idx(np.zeros(3, np.uint8)) + bytes(20),
        "too long": data + b"x",
    }[damage]
    path.write_bytes(gzip.compress(damaged) if is_compressed else damaged)
    with pytest.raises(DataError, match="train-images.* is not an IDX file we can read"):
        read(found(mnist), SplitName.TRAIN)


def test_a_cut_off_or_false_gz_file_is_named(tmp_path: Path) -> None:
    data = gzip.compress(idx(np.random.default_rng(0).integers(0, 256, (50, 9, 9), dtype=np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(50, np.uint8))))
    for contents in (data[: len(data) // 2], b"not gz"):
        (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(contents)
        with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is not an IDX file we can read"):
            read(found(tmp_path), SplitName.TRAIN)


def test_images_and_labels_must_be_as_many(mnist: Path) -> None:
    path = next(mnist.glob("train-labels*"))
    data = idx(np.zeros(5, np.uint8))
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    with pytest.raises(DataError, match="has 12 images, .* 5 labels"):
        read(found(mnist), SplitName.TRAIN)


def test_a_test_label_the_training_images_lack_is_refused(mnist: Path) -> None:
    path = next(mnist.glob("t10k-labels*"))
    data = idx(np.array([0, 1, 2, 0, 1, 9], np.uint8))
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    with pytest.raises(
        DataError, match="image 5 of the test split has class '9', which is not among the training images"
    ):
        read(found(mnist), SplitName.TEST)


def test_a_file_is_unpacked_by_what_it_holds_and_not_by_its_name(mnist: Path) -> None:
    for file in sorted(mnist.iterdir()):
        data = file.read_bytes()
        is_packed = data.startswith(b"\x1f\x8b")
        file.write_bytes(gzip.decompress(data) if is_packed else gzip.compress(data))
    source = find(mnist)
    assert source is not None
    assert len(read(source, SplitName.TRAIN).labels) == 12


def test_each_file_may_lie_in_a_folder_of_its_name(mnist: Path) -> None:
    for file in sorted(mnist.iterdir()):
        contents = file.read_bytes()
        file.unlink()
        file.mkdir()
        (file / file.name).write_bytes(contents)
    source = find(mnist)
    assert source is not None
    assert [len(read(source, split).labels) for split in SplitName] == [12, 6]
