"""Data sets as people have them are read as they were meant, or refused with what to do."""

import os
import re
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.evaluation.data.awkward_folders import (
    CLASSES,
    FOLDERS,
    classes_in,
    picture,
    save,
    write_csv,
    zipped,
)

from archwright.errors import DataError, UsageError
from archwright.evaluation.data import TaskData, load_task_data, open_test_split
from archwright.task import DataFacts, Task


def load(path: Path, **data: object) -> TaskData:
    return load_task_data(Task.model_validate({"name": str(path), "data": data}))


def sizes(path: Path) -> tuple[int, int]:
    """Images that are not in the test split, and in it."""
    spec = load(path).spec
    return spec.train_images, spec.test_images


def facts_of(data: TaskData) -> DataFacts:
    assert data.spec.facts is not None
    return data.spec.facts


EXPECTED = {
    "splits_in_other_words": (30, 12),
    "wrapped_and_littered": (30, 12),
    "flat_with_csv": (24, 6),
    "grey_of_16_bits": (24, 6),
    "transparent_only": (24, 6),
    "zipped": (30, 12),
    "emnist": (78, 78),
    "arrays": (30, 9),
    "photographs": (10, 2),
    "tarred_tiff": (24, 6),
    "zip_for_each_split": (30, 12),
    "table_of_another_country": (24, 6),
    "column_for_each_class": (24, 6),
    "films": (25, 6),
    "same_images_in_both_splits": (30, 15),
    "links_in_circles": (24, 6),
    "spelled_otherwise": (20, 8),
}
REFUSED = {
    "one_class": r"one class only \('cat', read as class folders\)",
    "corrupt_files": r"3 of 30 images cannot be decoded: .*3\.png \(it is empty\), .*4\.png .*5\.png",
    "test_without_labels": r"test, the test split, holds 5 images in no class folder — sort",
    "hdf5": r"data\.h5 is HDF5\) — turn it into \.npz",
    "shard_missing": r"data lacks 1 of 3 shards: train-00001-of-00003\.parquet",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_awkward_data_set_is_read_with_its_splits_and_classes(name: str, here: Path) -> None:
    path = FOLDERS[name](here)
    assert sizes(path) == EXPECTED[name]
    spec = load(path).spec
    assert spec.classes == {"emnist": 26, "spelled_otherwise": 2}.get(name, 3)
    assert len(open_test_split(Task(name=str(path)))) == spec.test_images


@pytest.mark.parametrize("name", REFUSED)
def test_a_data_set_that_lacks_something_is_refused_before_a_search(name: str, here: Path) -> None:
    with pytest.raises(DataError, match=REFUSED[name]):
        load(FOLDERS[name](here))


def test_every_awkward_data_set_is_expected_to_be_read_or_refused() -> None:
    assert set(FOLDERS) == set(EXPECTED) | set(REFUSED)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        *[("Train", "Test"), ("TRAINING", "testing"), ("train_set", "test_set"), ("trainImages", "testImages")],
        *[
            ("training_data", "eval"),
            ("train", "valid"),
            ("train", "Validation"),
            ("my-train", "dev"),
            ("train2", "val"),
        ],
    ],
)
def test_splits_are_named_in_any_words_and_case(train: str, test: str, here: Path) -> None:
    classes_in(here / train, 5)
    classes_in(here / test, 2)
    assert sizes(here) == (15, 6)
    assert load(here).spec.class_names == CLASSES


def test_validation_images_beside_a_test_split_are_said_not_to_be_used(here: Path) -> None:
    for split, each in (("train", 5), ("val", 2), ("test", 3)):
        classes_in(here / split, each)
    assert sizes(here) == (15, 9)
    assert any(f"{here / 'val'} is not used (6 images)" in note for note in facts_of(load(here)).warnings)


def test_classes_may_be_called_like_splits(here: Path) -> None:
    classes_in(here, 5, names=("apple", "train", "wolf"))
    assert load(here).spec.class_names == ("apple", "train", "wolf")


def test_a_test_folder_without_a_training_folder_is_refused(here: Path) -> None:
    classes_in(here / "test", 5)
    classes_in(here / "pictures", 5)
    with pytest.raises(DataError, match="has a folder test but none for training — call"):
        load(here)


def test_splits_inside_of_the_classes_are_refused(here: Path) -> None:
    for name in CLASSES:
        classes_in(here / name, 3, names=("train", "test"))
    with pytest.raises(DataError, match=r"splits inside of its classes \(cat/test\) — put the splits above: test/cat"):
        load(here)


def test_images_in_no_class_folder_are_refused_by_what_they_lack(here: Path) -> None:
    for number in range(3):
        save(picture(number), here / f"{number}.png")
    with pytest.raises(DataError, match="its 3 images are in no class folders, and no CSV file"):
        load(here)


def test_the_only_image_of_a_class_is_learned_from(here: Path) -> None:
    classes_in(here / "train", 20)
    classes_in(here / "train", 1, names=("yak",))
    classes_in(here / "test", 2)
    data = load(here)
    assert np.bincount(data.train.labels, minlength=4)[3] == 1
    assert facts_of(data).warnings == ("1 of 4 classes have one image only, which is for training: yak",)


def test_identical_and_empty_images_are_warned_of(here: Path) -> None:
    classes_in(here / "train", 10)
    classes_in(here / "test", 2)
    shutil.copy(here / "train" / "cat" / "0.png", here / "train" / "dog" / "copy.png")
    save(Image.new("RGB", (12, 12), "white"), here / "train" / "owl" / "white.png")
    facts = facts_of(load(here))
    assert facts.class_counts == (10, 11, 11)
    assert facts.pixel_range == (0, 255)
    assert facts.warnings == (
        "1 of 32 images are the same as one before them, 1 of them with another class",
        "1 of 32 images are empty: one colour from edge to edge",
    )


def test_corrupt_images_are_left_out_where_that_is_wanted(here: Path) -> None:
    data = load(FOLDERS["corrupt_files"](here), skip_corrupt=True)
    assert data.spec.train_images + data.spec.test_images == 27
    assert "3 images cannot be read and are left out: " in facts_of(data).warnings[0]


def test_folders_that_exchange_their_names_are_read_again(here: Path) -> None:
    classes_in(here, 5)
    before = load(here)
    images = {image.tobytes(): label for image, label in zip(before.train.images, before.train.labels, strict=True)}
    (here / "cat").rename(here / "other")
    (here / "dog").rename(here / "cat")
    (here / "other").rename(here / "dog")
    after = load(here)
    exchanged = {0: 1, 1: 0, 2: 2}
    both = [
        (images[image.tobytes()], label)
        for image, label in zip(after.train.images, after.train.labels, strict=True)
        if image.tobytes() in images
    ]
    assert both
    assert all(exchanged[int(old)] == new for old, new in both)


def test_a_file_with_other_contents_and_the_same_size_and_time_is_read_again(here: Path) -> None:
    classes_in(here, 5, suffix=".bmp")
    load(here)
    file = here / "cat" / "0.bmp"
    status = file.stat()
    file.write_bytes(b"x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(DataError, match=r"0\.bmp is not an image"):
        load(here)


def test_a_test_split_looks_like_the_training_images(here: Path) -> None:
    classes_in(here / "train", 5)
    for kind, name in enumerate(CLASSES):
        save(picture(kind, kind, side=20).convert("L"), here / "test" / name / "0.png")
    load(here)
    assert open_test_split(Task(name=str(here))).images.shape == (3, 3, 12, 12)


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        (("filepath", "target"), "images/{n}.png"),
        (("image_id", "breed"), "{n}"),
        (("file", "class"), "C:\\data\\images\\{n}.png"),
        (("path", "whatever"), "./images/{n}.png"),
    ],
)
def test_a_csv_file_names_its_images_in_many_ways(heading: tuple[str, str], row: str, here: Path) -> None:
    rows = []
    for number in range(12):
        save(picture(number), here / "images" / f"{number}.png")
        rows.append((row.format(n=number), CLASSES[number % 3]))
    write_csv(here / "labels.csv", heading, rows)
    for path in (here, here / "labels.csv"):
        assert load(path).spec.class_names == CLASSES


def test_class_folders_are_read_where_a_csv_file_only_repeats_some_of_them(here: Path) -> None:
    classes_in(here, 5)
    rows = [(f"{name}/{number}.png", 12, name) for name in CLASSES for number in range(3)]
    write_csv(here / "annotations.csv", ("filename", "width", "class"), rows)
    assert sizes(here) == (12, 3)
    write_csv(here / "annotations.csv", ("filename", "width", "class"), [(n, w, n[-5]) for n, w, _ in rows])
    data = load(here)
    assert data.spec.class_names == ("0", "1", "2")
    assert any("6 images below" in note and "not used" in note for note in facts_of(data).warnings)


def test_a_csv_file_says_the_split_in_a_column(here: Path) -> None:
    rows = []
    for number in range(20):
        save(picture(number), here / "images" / f"{number}.png")
        rows.append((number, "test" if number < 6 else "train", number % 2))
    write_csv(here / "meta.csv", ("id", "split", "label"), rows)
    assert sizes(here) == (14, 6)
    assert load(here).spec.class_names == ("0", "1")


def test_a_csv_file_with_images_or_classes_that_are_not_there_names_them_all(here: Path) -> None:
    for number in range(12):
        save(picture(number), here / "train" / f"{number}.png")
    rows = [(f"{number}.png", CLASSES[number % 3]) for number in range(14)]
    write_csv(here / "train.csv", ("file", "label"), rows)
    with pytest.raises(DataError, match=r"train\.csv lists 2 images that are not below .*: 12\.png, 13\.png"):
        load(here)
    assert sum(facts_of(load(here, skip_corrupt=True)).class_counts) == 10
    write_csv(here / "train.csv", ("file", "label"), [("0.png", "cat"), ("1.png", ""), ("2.png", "owl")])
    with pytest.raises(DataError, match=r"1 of 3 rows have no class \(such as 1\.png\)"):
        load(here)


def test_columns_that_are_not_called_as_usual_can_be_named(here: Path) -> None:
    rows = []
    for number in range(12):
        save(picture(number), here / "images" / f"{number}.png")
        rows.append((f"{number}.png", 7.5, CLASSES[number % 3]))
    write_csv(here / "all.csv", ("Bild", "Gewicht", "Art"), rows)
    with pytest.raises(DataError, match=r"no column of classes \(data\.label_column\).*Bild, Gewicht, Art — set"):
        load(here)
    assert load(here, label_column="Art").spec.class_names == CLASSES
    assert load(here, image_column="Bild", label_column="Art").spec.class_names == CLASSES
    with pytest.raises(DataError, match=r"no column 'Arten' \(data\.label_column\)"):
        load(here, image_column="Bild", label_column="Arten")


@pytest.mark.parametrize("heading", [("photo", "kind"), ("0", "1"), ("x", "y"), ("Picture ID", "ClassId")])
def test_the_column_that_names_images_is_known_by_what_it_holds(heading: tuple[str, str], here: Path) -> None:
    rows = [(f"{number}.png", CLASSES[number % 3]) for number in range(12)]
    for name, _ in rows:
        save(picture(int(name[:-4])), here / name)
    write_csv(here / "all.csv", heading, rows)
    assert load(here).spec.class_names == CLASSES


@pytest.mark.parametrize(
    ("column", "marks"), [("is_valid", ("False", "True")), ("is_train", ("1", "0")), ("test", ("no", "yes"))]
)
def test_a_column_of_marks_says_the_split(column: str, marks: tuple[str, str], here: Path) -> None:
    rows = [(f"{number}.png", CLASSES[number % 3], marks[number >= 12]) for number in range(18)]
    for number in range(18):
        save(picture(number), here / f"{number}.png")
    write_csv(here / "all.csv", ("file", "label", column), rows)
    data = load(here)
    assert (len(data.train) + len(data.validation), data.spec.test_images) == (12, 6)


def test_class_folders_beside_a_test_folder_that_a_table_names_are_read_by_the_tables(here: Path) -> None:
    for number in range(12):
        save(picture(number), here / "Train" / str(number % 3) / f"{number}.png")
        save(picture(number + 50), here / "Test" / f"{number}.png")
    rows = [(number % 3, f"Train/{number % 3}/{number}.png") for number in range(12)]
    write_csv(here / "Train.csv", ("ClassId", "Path"), rows)
    write_csv(here / "Test.csv", ("ClassId", "Path"), [(number % 3, f"Test/{number}.png") for number in range(12)])
    assert load(here).spec.test_images == 12


def test_a_list_beside_images_in_no_folder_is_named(here: Path) -> None:
    save(picture(1), here / "1.png")
    (here / "labels.txt").write_text("1.png 3\n")
    with pytest.raises(DataError, match=r"labels\.txt may say what is on the images.*write a CSV file"):
        load(here)


@pytest.mark.parametrize("text", ["{label},{file}", 'file, label\n{file}, "{label}"'])
def test_a_table_may_have_blanks_before_its_marks_and_the_class_first(text: str, here: Path) -> None:
    *heading, row = text.splitlines()
    for number in range(12):
        save(picture(number), here / f"{number}.png")
    rows = [row.format(label=CLASSES[number % 3], file=f"{number}.png") for number in range(12)]
    (here / "all.csv").write_text("\n".join([*heading, *rows]))
    assert load(here).spec.class_names == CLASSES


def test_a_table_in_the_folder_of_its_split_means_the_images_there(here: Path) -> None:
    for split, first in (("train", 0), ("test", 100)):
        for number in range(12):
            save(picture(first + number), here / split / "images" / f"{number}.png")
        rows = [(f"{number}.png", CLASSES[number % 3]) for number in range(12)]
        write_csv(here / split / "labels.csv", ("file", "label"), rows)
    data = load(here)
    assert (data.spec.train_images, data.spec.test_images) == (12, 12)
    assert not facts_of(data).warnings


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (("train", "val", "test"), "4 rows of .* are for validation and not used"),
        ((0, 1, 2), r"\(0, 1, 2\) says no split"),
    ],
)
def test_what_a_column_says_of_splits_is_not_passed_over_in_silence(marks: tuple, words: str, here: Path) -> None:
    for number in range(24):
        save(picture(number), here / f"{number}.png")
    rows = [(f"{n}.png", CLASSES[n % 3], marks[max(0, n // 4 - 3)]) for n in range(24)]
    write_csv(here / "all.csv", ("file", "label", "split"), rows)
    assert re.search(words, "\n".join(facts_of(load(here)).warnings))


def test_data_sets_that_lie_beside_one_another_are_told_apart_from_classes(here: Path) -> None:
    for name in ("pets", "cars"):
        classes_in(here / name / "train", 3)
        classes_in(here / name / "test", 2)
    with pytest.raises(DataError, match=r"cars has splits of its own, .* — name .*cars as the task"):
        load(here)


def test_classes_of_a_table_that_joins_folders_are_the_table_s(here: Path) -> None:
    classes_in(here, 4, names=("terrier", "poodle", "tabby"))
    kinds = {"terrier": "dog", "poodle": "dog", "tabby": "cat"}
    rows = [(f"{name}/{number}.png", kind) for name, kind in kinds.items() for number in range(4)]
    write_csv(here / "all.csv", ("file", "label"), rows)
    assert load(here).spec.class_names == ("cat", "dog")


@pytest.mark.parametrize("column", ["author", "caption", "date", "class"])
def test_a_table_that_only_describes_the_images_of_class_folders_is_passed_over(column: str, here: Path) -> None:
    values = {"author": "p{}", "caption": "number {} of many", "date": "2026-12-01", "class": "object"}
    classes_in(here, 4)
    rows = [(f"{name}/{number}.png", values[column].format(number)) for name in CLASSES for number in range(4)]
    write_csv(here / "about.csv", ("file", column), rows)
    assert load(here).spec.class_names == CLASSES


def test_a_table_that_repeats_class_folders_with_folders_in_them_keeps_their_splits(here: Path) -> None:
    rows = []
    for split, count in (("train", 8), ("test", 4)):
        for kind, name in enumerate(CLASSES):
            for number in range(count):
                file = f"{split}/{name}/part{number % 2}/{number}.png"
                save(picture(len(rows), kind), here / file)
                rows.append((file, name))
    write_csv(here / "all.csv", ("file", "label"), rows)
    assert sizes(here) == (24, 12)


def test_a_table_without_a_heading_may_say_the_split(here: Path) -> None:
    for number in range(18):
        save(picture(number), here / "images" / f"{number}.png")
    rows = [("TEST" if n >= 12 else "TRAIN", f"gs://pets/images/{n}.png", CLASSES[n % 3]) for n in range(18)]
    write_csv(here / "all.csv", rows[0], rows[1:])
    assert sizes(here) == (12, 6)


def test_columns_are_refused_for_data_sets_without_any(here: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.label_column means nothing for .*class folders"):
        load(classes_in(here, 4), label_column="label")


@pytest.mark.parametrize("labels", [[-1] * 6, [0, 1, 2, 3, 0, 1], []])
def test_an_unusable_test_split_is_refused_before_the_search(
    labels: list[int], here: Path, pictures: Callable, write_parquet: Callable
) -> None:
    write_parquet(here / "train.parquet", *pictures(12))
    write_parquet(here / "test.parquet", pictures(6)[0][: len(labels)], labels)
    with pytest.raises(DataError, match="6 of 6 images have no class|'3', which is not among|no images in its test"):
        load(here)


def test_labels_from_1_make_no_class_of_0(here: Path, pictures: Callable, write_parquet: Callable) -> None:
    images, labels = pictures(12)
    write_parquet(here / "train.parquet", images, labels + 1)
    data = load(here)
    assert data.spec.class_names == ("1", "2", "3")
    assert data.train.labels.max() == 2


def test_of_several_configurations_one_has_to_be_named(here: Path, pictures: Callable, write_parquet: Callable) -> None:
    for name in ("coarse", "fine"):
        for split in ("train", "test"):
            write_parquet(here / name / f"{split}-00000-of-00001.parquet", *pictures(12))
    with pytest.raises(DataError, match=rf"coarse, fine\) — name one .*: {here / 'coarse'}, {here / 'fine'}"):
        load(here)
    assert sizes(here / "fine") == (12, 12)


def test_a_mask_is_not_taken_for_the_image(here: Path, encode: Callable, pictures: Callable) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    images, labels = pictures(12)
    grey = encode(np.zeros((1, 8, 8), np.uint8))
    columns = {"mask": [grey] * 12, "image": [encode(image) for image in images], "label": labels.tolist()}
    pq.write_table(pa.table(columns), here / "train.parquet")
    assert load(here).spec.image_shape == (3, 8, 8)
    assert load(here, image_column="mask").spec.image_shape == (1, 8, 8)
    pq.write_table(pa.table({"left": [grey] * 12} | columns).drop(["image"]), here / "train.parquet")
    with pytest.raises(DataError, match=r"several columns of images: left, mask — set data\.image_column"):
        load(here)


def test_the_binary_form_of_cifar_is_read(here: Path) -> None:
    random = np.random.default_rng(0)
    for name, count in (("data_batch_1", 8), ("data_batch_2", 8), ("test_batch", 4)):
        rows = random.integers(0, 256, (count, 3073), dtype=np.uint8)
        rows[:, 0] = np.arange(count) % 2
        (here / f"{name}.bin").write_bytes(rows.tobytes())
    (here / "batches.meta.txt").write_text("airplane\nautomobile\n\n")
    data = load(here)
    assert (data.spec.class_names, data.spec.train_images) == (("airplane", "automobile"), 16)
    assert data.spec.test_images == 4
    last = open_test_split(Task(name=str(here)))
    assert {image.tobytes() for image in last.images} == {row[1:].tobytes() for row in rows}


def test_an_archive_is_unpacked_once_and_named_in_messages(here: Path, cache: Path) -> None:
    path = zipped(here)
    assert load(path).spec.title == "pets"
    (folder,) = [entry for entry in (cache / "unpacked").iterdir() if entry.is_dir()]
    before = folder.stat().st_mtime_ns
    load(path)
    assert folder.stat().st_mtime_ns == before
    (here / "pets" / "training" / "cat" / "0.png").write_bytes(b"broken")
    with zipfile.ZipFile(path, "w") as archive:
        for file in (here / "pets").rglob("*.png"):
            archive.write(file, file.relative_to(here))
    with pytest.raises(DataError, match=rf"^{path}/pets/training/cat/0\.png is not an image"):
        load(path)
    assert len([entry for entry in (cache / "unpacked").iterdir() if entry.is_dir()]) == 1


@pytest.mark.parametrize("name", ["../outside.png", "/tmp/outside.png", "cat\\..\\..\\outside.png"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(name: str, here: Path, cache: Path) -> None:
    path = here / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(DataError, match="a file whose name leads out of it"):
        load(path)
    assert [entry.suffix for entry in (cache / "unpacked").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (("x_train", "y_train", "x_test", "y_test"), 30),
        (("XTrain", "YTrain", "XTest", "YTest"), 30),
        (("train_images", "train_labels", "test_images", "test_labels"), 30),
        (("X_tr", "y_tr", "X_te", "y_te"), 30),
        (("trainX", "trainy", "testX", "testy"), 30),
        (("train_imgs", "train_lbls", "test_imgs", "test_lbls"), 30),
        (("data", "target", "spare_1", "spare_2"), 24),
    ],
)
def test_arrays_are_known_by_usual_names(names: tuple[str, ...], count: int, here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    np.savez(here / "set.npz", **dict(zip(names, (images / 255, labels + 1, images, labels + 1), strict=True)))
    data = load(here / "set.npz")
    assert (data.spec.train_images, data.spec.class_names) == (count, ("1", "2", "3"))
    assert {image.tobytes() for image in data.train.images} < {image.tobytes() for image in images}


def test_arrays_lie_in_folders_of_their_splits(here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    for split in ("train", "test"):
        (here / split).mkdir()
        np.save(here / split / "images.npy", images)
        np.save(here / split / "labels.npy", labels)
    assert sizes(here) == (30, 30)


def test_the_name_of_a_folder_of_arrays_is_no_split(here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    folder = here / "test_data"
    folder.mkdir()
    np.savez(folder / "SET.NPZ", x=images, y=labels)
    for path in folder.iterdir():
        path.rename(folder / "SET.NPZ")
    assert sizes(folder) == sizes(folder / "SET.NPZ") == (24, 6)


def test_arrays_in_no_split_are_said_not_to_be_used(here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    np.savez(here / "set.npz", images, labels, images, labels)
    assert "arrays not used: arr_2, arr_3" in facts_of(load(here)).warnings
    np.savez(here / "set.npz", images, labels)
    assert not facts_of(load(here)).warnings


def test_arrays_of_any_names_can_be_named(here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    np.savez(here / "set.npz", frames=images, kinds=labels)
    for path in (here, here / "set.npz"):
        with pytest.raises(DataError, match=r"its arrays are frames, kinds — .*or set data\.image_column"):
            load(path)
        assert load(path, image_column="frames", label_column="kinds").spec.train_images == 24
    with pytest.raises(DataError, match=r"no array with the labels .*set data\.label_column"):
        load(here, image_column="frames", label_column="sorts")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((9, 64)), "labels": np.arange(9)}, r"images has shape \(9, 64\) — store images as"),
        ({"images": np.zeros((9, 4, 4)), "labels": np.arange(8)}, r"9 images \(images\) and 8 labels"),
        ({"images": np.zeros((9, 4, 4)) - 1, "labels": np.arange(9) % 2}, r"set\.npz: .* from -1 to -1, which are no"),
        ({"images": np.array([None] * 9), "labels": np.arange(9)}, r"holds Python objects \(pickled\)"),
        ({"images": np.zeros((9, 4, 4))}, "no array with the labels of the train split; its arrays are images"),
    ],
)
def test_arrays_that_are_no_data_set_are_refused(arrays: dict[str, Any], message: str, here: Path) -> None:
    np.savez(here / "set.npz", **arrays)
    with pytest.raises(DataError, match=message):
        load(here / "set.npz")


def test_links_in_an_archive_are_refused(here: Path) -> None:
    path = here / "evil.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("cat/1.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(DataError, match=r"holds a link \('cat/1\.png'\), which is not followed"):
        load(path)


def test_an_archive_that_grows_beyond_its_size_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archwright.evaluation.data.unpack.FREE_BYTES", 10_000)
    path = here / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", bytes(1_000_000))
    with pytest.raises(DataError, match=r"bomb\.zip holds far more than an archive of its size should"):
        load(path)


def test_a_damaged_archive_is_named(here: Path) -> None:
    for ending in ("zip", "tar.gz"):
        path = here / f"half.{ending}"
        path.write_bytes(b"PK\3\4 and no more")
        with pytest.raises(DataError, match=rf"half\.{ending} is damaged .* — copy or download the archive again"):
            load(path)


def test_a_photograph_that_was_stored_lying_is_read_upright(here: Path) -> None:
    picture_with_white_left = Image.new("RGB", (16, 8), "black")
    picture_with_white_left.paste("white", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be seen turned by 90 degrees clockwise: the left side is above
    for name in CLASSES[:2]:
        (here / name).mkdir()
        for number in range(5):
            picture_with_white_left.save(here / name / f"{number}.png", exif=exif)
    data = load(here)
    assert data.spec.image_shape == (3, 16, 8)
    image = data.train.images[0][0]
    assert (image[:8] == 255).all()
    assert (image[8:] == 0).all()


def test_images_of_forms_that_are_not_read_are_named(here: Path) -> None:
    classes_in(here, 5)
    for number in range(2):
        (here / "cat" / f"phone{number}.HEIC").write_bytes(b"ftypheic")
    warning = "images of forms that are not read are left out (2 .heic): convert them to PNG or JPEG first"
    assert warning in facts_of(load(here)).warnings
    for file in [*here.rglob("*.png")]:
        file.unlink()
    with pytest.raises(DataError, match=r"it holds \.heic images, which are not read: convert them"):
        load(here)


def test_a_missing_class_that_a_table_calls_nan_is_no_class(here: Path) -> None:
    for number in range(6):
        save(picture(number), here / f"{number}.png")
    rows = [(f"{number}.png", "NaN" if number == 4 else CLASSES[number % 2]) for number in range(6)]
    write_csv(here / "labels.csv", ("file", "label"), rows)
    with pytest.raises(DataError, match=r"1 of 6 rows have no class \(such as 4\.png\)"):
        load(here)


def test_a_csv_file_that_gives_an_image_two_classes_is_refused_and_one_that_repeats_itself_is_not(here: Path) -> None:
    for number in range(12):
        save(picture(number), here / "images" / f"{number}.png")
    rows = [(f"{number}.png", CLASSES[number % 3]) for number in range(12)]
    write_csv(here / "labels.csv", ("file", "label"), [*rows, rows[0], rows[1]])
    data = load(here)
    assert sum(sizes(here)) == 12
    assert any("2 rows of" in note for note in facts_of(data).warnings)
    write_csv(here / "labels.csv", ("file", "label"), [*rows, ("0.png", CLASSES[1])])
    with pytest.raises(DataError, match=r"labels\.csv gives 1 of 12 images several classes: 0\.png"):
        load(here)


@pytest.mark.parametrize("name", ["annotations.json", "train.txt"])
def test_a_list_in_a_form_that_is_not_read_is_named(here: Path, name: str) -> None:
    for number in range(12):
        save(picture(number), here / "images" / f"{number}.png")
    (here / "README.txt").write_text("pictures", "utf-8")
    (here / name).write_text("{}", "utf-8")
    with pytest.raises(DataError, match="one class only") as refused:
        load(here)
    assert f"{name} may say" in refused.value.remedy
    assert "CSV" in refused.value.remedy


@pytest.mark.parametrize("name", ["class_names", "label_names", "target_names"])
def test_the_names_of_classes_beside_the_labels_are_no_labels(name: str, here: Path) -> None:
    images = np.arange(12 * 16, dtype=np.uint8).reshape(12, 4, 4)
    np.savez(here / "set.npz", X=images, y=np.arange(12) % 3, **{name: np.array(CLASSES)})
    assert load(here).spec.classes == 3
