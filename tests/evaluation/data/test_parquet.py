from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archwright.errors import DataError
from archwright.evaluation.data.parquet import find, read
from archwright.evaluation.data.sources import EncodedImages, Source, SplitName


def found(path: Path) -> Source:
    source = find(path)
    assert source is not None
    return source


def read_all(source: Source) -> list[bytes | str]:
    raw = read(source, SplitName.TRAIN)
    assert isinstance(raw.images, EncodedImages)
    return [data for _, _, data in raw.images.read()]


def test_splits_are_told_apart_by_the_names_the_hub_uses(tmp_path: Path) -> None:
    for names in (
        ("train.parquet", "test.parquet"),
        ("data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"),
        ("train-00000-of-00001-b513d9e388d3d5d6.parquet", "test-00000-of-00001-3f2a9b1c4d5e6f70.parquet"),
        ("default/train/0000.parquet", "default/test/0000.parquet"),
        ("plain_text/train-0.parquet", "plain_text/validation-0.parquet"),
    ):
        folder = tmp_path / names[0].replace("/", "-")
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        source = found(folder)
        assert (source.train, source.test) == ((folder / names[0],), (folder / names[1],))


def test_a_validation_file_beside_a_test_file_is_not_the_test_split(tmp_path: Path) -> None:
    for name in ("train", "validation", "test"):
        (tmp_path / f"{name}.parquet").touch()
    assert found(tmp_path).test == (tmp_path / "test.parquet",)


def test_a_folder_without_parquet_files_is_something_else(tmp_path: Path) -> None:
    assert find(tmp_path) is None


def test_labels_names_and_image_bytes_are_read(parquet_folder: Path, pictures: Callable) -> None:
    source = found(parquet_folder)
    raw = read(source, SplitName.TRAIN)
    assert raw.class_names == ("ant", "bee", "cat")
    assert (raw.labels == pictures(30)[1]).all()
    assert isinstance(raw.images, EncodedImages)
    rows, wheres, data = zip(*raw.images.read(), strict=True)
    assert rows == tuple(range(30))
    assert wheres[8] == f"{parquet_folder / 'train.parquet'} row 8"
    assert data[0].startswith(b"\x89PNG")
    assert len(read(source, SplitName.TEST).labels) == 12


def test_shards_are_joined_in_the_order_of_their_names(
    tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    images, labels = pictures(10)
    write_parquet(tmp_path / "train-00001-of-00002.parquet", images[6:], labels[6:])
    write_parquet(tmp_path / "train-00000-of-00002.parquet", images[:6], labels[:6])
    raw = read(found(tmp_path), SplitName.TRAIN)
    assert (raw.labels == labels).all()
    assert isinstance(raw.images, EncodedImages)
    assert [row for row, _, _ in raw.images.read()] == list(range(10))


def test_bare_bytes_and_other_column_names_are_read(
    tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    path = write_parquet(tmp_path / "a.parquet", *pictures(6), columns=("img", "fine_label"), is_struct=False)
    raw = read(found(path), SplitName.TRAIN)
    assert raw.class_names == ("0", "1", "2")


def test_labels_in_words_are_numbered_as_in_the_training_file(
    tmp_path: Path,
    write_parquet: Callable,
    pictures: Callable,
) -> None:
    images, _ = pictures(3)
    write_parquet(tmp_path / "train.parquet", images, ["cat", "ant", "bee"])
    write_parquet(tmp_path / "test.parquet", images[:1], ["cat"])
    source = found(tmp_path)
    assert read(source, SplitName.TRAIN).labels.tolist() == [2, 0, 1]
    assert read(source, SplitName.TEST).labels.tolist() == [2]
    write_parquet(tmp_path / "test.parquet", images[:1], ["dog"])
    with pytest.raises(DataError, match="class 'dog', which is not among the training images"):
        read(source, SplitName.TEST)


def test_a_label_out_of_range_is_told_with_its_row(tmp_path: Path, write_parquet: Callable, pictures: Callable) -> None:
    path = write_parquet(tmp_path / "a.parquet", pictures(3)[0], [0, 5, 1], names=("ant", "bee"))
    with pytest.raises(DataError, match=r"image 1 has label 5, but there are 2 classes \(0 to 1\)"):
        read(found(path), SplitName.TRAIN)


def test_labels_that_cannot_be_class_numbers_are_refused(
    tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    path = write_parquet(tmp_path / "a.parquet", pictures(3)[0], [0, 1, 10**12])
    with pytest.raises(DataError, match="every one of the 3 images has a label of its own"):
        read(found(path), SplitName.TRAIN)


def test_a_missing_label_or_image_is_told(tmp_path: Path, write_parquet: Callable, pictures: Callable) -> None:
    images, _ = pictures(2)
    with pytest.raises(DataError, match="1 images have no label"):
        read(found(write_parquet(tmp_path / "a.parquet", images, [0, None])), SplitName.TRAIN)
    with pytest.raises(DataError, match="1 images have no label"):
        read(found(write_parquet(tmp_path / "a.parquet", images, [1.0, float("nan")])), SplitName.TRAIN)
    raw = read(found(write_parquet(tmp_path / "b.parquet", [b"x", None], [0, 1])), SplitName.TRAIN)
    assert isinstance(raw.images, EncodedImages)
    assert [data for _, _, data in raw.images.read()] == [b"x", "this row has no image bytes"]


def test_the_columns_of_a_file_without_images_or_labels_are_told(tmp_path: Path, write_parquet: Callable) -> None:
    path = write_parquet(tmp_path / "a.parquet", [b"x"], [0], columns=("image", "weight"))
    with pytest.raises(DataError, match="no label column; its columns are image, weight"):
        read(found(path), SplitName.TRAIN)


def test_a_label_column_of_fractions_is_refused(tmp_path: Path, write_parquet: Callable) -> None:
    path = write_parquet(tmp_path / "a.parquet", [b"x"], [0.5])
    with pytest.raises(DataError, match="labels of type double"):
        read(found(path), SplitName.TRAIN)


@pytest.mark.parametrize("damage", ["truncated", "empty", "rubbish", "a flipped page"])
def test_a_damaged_file_is_named(damage: str, parquet_folder: Path) -> None:
    path = parquet_folder / "train.parquet"
    data = bytearray(path.read_bytes())
    if damage == "a flipped page":
        data[4:400] = bytes(396)
    contents = {"truncated": data[: len(data) // 2], "empty": b"", "rubbish": b"PAR1 rubbish", "a flipped page": data}
    path.write_bytes(contents[damage])
    with pytest.raises(DataError, match=r"train\.parquet is not a parquet file we can read"):
        read_all(found(parquet_folder))


def test_a_file_without_rows_has_no_images(tmp_path: Path, write_parquet: Callable) -> None:
    path = write_parquet(tmp_path / "a.parquet", [], [])
    assert read(found(path), SplitName.TRAIN).labels.dtype == np.int64


def test_a_test_file_may_number_the_classes_in_another_order(
    tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    images, labels = pictures(6)
    write_parquet(tmp_path / "train.parquet", images, labels, names=("ant", "bee", "cat"))
    write_parquet(tmp_path / "test.parquet", images, 2 - labels, names=("cat", "bee", "ant"))
    source = found(tmp_path)
    assert (read(source, SplitName.TEST).labels == read(source, SplitName.TRAIN).labels).all()


def test_in_the_folder_of_a_split_the_names_of_files_say_nothing(
    tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    for split, job in (("train", "c0ffee"), ("test", "deadbeef")):
        for part in range(2):
            write_parquet(tmp_path / split / f"part-0000{part}-{job}-c000.snappy.PARQUET", *pictures(6))
    assert [len(read(found(tmp_path), split).labels) for split in SplitName] == [12, 12]


@pytest.mark.parametrize("kind", ["string_view", "binary", "list"])
def test_labels_in_words_have_many_types(
    kind: str, tmp_path: Path, write_parquet: Callable, pictures: Callable
) -> None:
    import pyarrow as pa

    types = {"string_view": pa.string_view(), "binary": pa.binary(), "list": pa.list_(pa.string())}
    words = {"string_view": "ant", "binary": b"ant", "list": ["ant"]}[kind]
    labels = pa.array([words] * 6, types[kind])
    path = write_parquet(tmp_path / "a.parquet", pictures(6)[0], labels)
    assert read(found(path), SplitName.TRAIN).class_names == ("ant",)


def test_a_column_of_splits_is_said_not_to_be_read(tmp_path: Path, write_parquet: Callable, pictures: Callable) -> None:
    import pyarrow.parquet as pq

    path = write_parquet(tmp_path / "a.parquet", *pictures(6))
    table = pq.read_table(path)
    for words, count in ((["train"] * 3 + ["test"] * 3, 1), (["train"] * 6, 0)):
        pq.write_table(table.append_column("split", [words]), path)
        notes = read(found(path), SplitName.TRAIN).notes
        assert len([note for note in notes if note.startswith("column 'split' (test, train) is not read")]) == count
