from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from archwright.errors import DataError
from archwright.evaluation.data.sources import Source, SplitName
from archwright.evaluation.data.svhn import find, read


@pytest.fixture
def svhn(tmp_path: Path, pictures: Callable) -> Path:
    """20 training and 10 test images as published: (H, W, C, N), labels 1 to 10, compressed MATLAB 5."""
    for seed, (name, size) in enumerate((("train", 20), ("test", 10))):
        images, labels = pictures(size, classes=10, shape=(3, 32, 32), seed=seed)
        contents = {"X": images.transpose(2, 3, 1, 0), "y": (labels + 1).astype(np.uint8)[:, None]}
        savemat(tmp_path / f"{name}_32x32.mat", contents, do_compression=True)
    return tmp_path


def found(path: Path) -> Source:
    source = find(path)
    assert source is not None
    return source


def test_images_are_turned_and_label_ten_is_the_digit_zero(svhn: Path, pictures: Callable) -> None:
    source = found(svhn)
    raw = read(source, SplitName.TRAIN)
    assert isinstance(raw.images, np.ndarray)
    assert (raw.images == pictures(20, shape=(3, 32, 32))[0]).all()
    assert raw.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] * 2
    assert len(read(source, SplitName.TEST).labels) == 10


def test_either_file_names_the_data_set_and_the_test_file_may_be_missing(svhn: Path) -> None:
    assert found(svhn / "test_32x32.mat") == found(svhn)
    (svhn / "test_32x32.mat").unlink()
    assert found(svhn).test == ()


def test_a_folder_without_the_training_file_is_something_else(svhn: Path) -> None:
    (svhn / "train_32x32.mat").unlink()
    assert find(svhn) is None


@pytest.mark.parametrize("damage", ["truncated", "empty", "rubbish", "without images", "of other shape", "label 11"])
def test_a_damaged_file_is_named(damage: str, svhn: Path) -> None:
    path = svhn / "train_32x32.mat"
    images, labels = np.zeros((32, 32, 3, 4), np.uint8), np.ones((4, 1), np.uint8)
    if damage == "without images":
        savemat(path, {"y": labels})
    elif damage == "of other shape":
        savemat(path, {"X": images[..., :3], "y": labels})
    elif damage == "label 11":
        savemat(path, {"X": images, "y": labels + 10})
    else:
        contents = {"truncated": path.read_bytes()[:9_000], "empty": b"", "rubbish": b"rubbish" * 99}
        path.write_bytes(contents[damage])
    with pytest.raises(DataError, match=r"train_32x32\.mat"):
        read(found(svhn), SplitName.TRAIN)
