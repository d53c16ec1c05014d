import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.errors import DataError
from archwright.evaluation.data.folders import find, read
from archwright.evaluation.data.sources import EncodedImages, Source, SplitName


@pytest.fixture
def pets(tmp_path: Path, pictures: Callable, encode: Callable) -> Path:
    """Three classes with 2 training images and 1 test image each, PNG and JPEG."""
    folder = tmp_path / "pets"
    for split, each in (("train", 2), ("val", 1)):
        for label, name in enumerate(("cat", "ant", "bee")):
            (folder / split / name).mkdir(parents=True)
            for number, image in enumerate(pictures(each, seed=label)[0]):
                form, suffix = (("PNG", "png"), ("JPEG", "JPG"))[number]
                (folder / split / name / f"{number}.{suffix}").write_bytes(encode(image, form))
    return folder


def found(path: Path) -> Source:
    source = find(path)
    assert source is not None
    return source


def images_of(source: Source, split: SplitName) -> dict[int, bytes | str]:
    images = read(source, split).images
    assert isinstance(images, EncodedImages)
    return {row: data for row, _, data in images.read()}


def test_class_folders_with_splits_are_read_in_the_order_of_their_names(pets: Path) -> None:
    source = found(pets)
    raw = read(source, SplitName.TRAIN)
    assert raw.class_names == ("ant", "bee", "cat")
    assert raw.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert images_of(source, SplitName.TRAIN)[3] == (pets / "train" / "bee" / "1.JPG").read_bytes()
    assert len(read(source, SplitName.TEST).labels) == 3


def test_class_folders_without_splits_have_no_test_split(pets: Path) -> None:
    source = found(pets / "train")
    assert source.test == ()
    assert read(source, SplitName.TRAIN).class_names == ("ant", "bee", "cat")


def test_classes_that_are_numbers_are_sorted_as_numbers(tmp_path: Path, pictures: Callable, encode: Callable) -> None:
    for name in ("0", "2", "10"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(encode(pictures(1)[0][0]))
    assert read(found(tmp_path), SplitName.TRAIN).class_names == ("0", "2", "10")


def test_files_that_are_not_named_like_images_and_hidden_folders_are_ignored(pets: Path) -> None:
    (pets / "train" / "ant" / "notes.txt").write_text("not an image")
    (pets / "train" / ".cache").mkdir()
    assert len(read(found(pets), SplitName.TRAIN).labels) == 6


def test_images_in_deeper_folders_belong_to_the_class_above(pets: Path) -> None:
    (pets / "train" / "ant" / "images").mkdir()
    (pets / "train" / "ant" / "0.png").rename(pets / "train" / "ant" / "images" / "0.png")
    assert read(found(pets), SplitName.TRAIN).labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_an_empty_class_folder_is_told(pets: Path) -> None:
    (pets / "train" / "dog").mkdir()
    with pytest.raises(DataError, match="the class folder .*dog has no images"):
        read(found(pets), SplitName.TRAIN)


def test_a_test_class_without_training_images_is_told(pets: Path) -> None:
    shutil.copytree(pets / "val" / "ant", pets / "val" / "dog")
    with pytest.raises(DataError, match="class 'dog' is in the test split but not among the training images"):
        read(found(pets), SplitName.TEST)


def test_a_folder_without_images_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    assert find(tmp_path) is None
