"""More of what people bring: archives that belong together, tables of any country, spellings, leaks and films."""

import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.evaluation.data.awkward_folders import CLASSES, classes_in, picture, save, write_csv
from tests.evaluation.data.test_field import facts_of, load, sizes

from archwright.errors import DataError

COUNT = 12


def packed(folder: Path, path: Path, inside: str = "") -> Path:
    """Pack a folder, below a folder `inside` the archive, and remove it."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, Path(inside) / file.relative_to(folder))
    shutil.rmtree(folder)
    return path


def pictures_in(folder: Path, form: str = "{}.png") -> None:
    for number in range(COUNT):
        save(picture(number, number % 3), folder / form.format(number))


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(form: str = "{}.png", separator: str = ",") -> str:
    lines = [f"{form.format(number)}{separator}{CLASSES[number % 3]}" for number in range(COUNT)]
    return "\r\n".join([f"file{separator}label", *lines, ""])


def warnings(path: Path, **data: object) -> str:
    return "\n".join(facts_of(load(path, **data)).warnings)


@pytest.mark.parametrize("inside", ["", "train"])
def test_archives_that_say_their_splits_are_one_data_set(inside: str, here: Path) -> None:
    packed(classes_in(here / "train", 5), here / "train.zip", inside)
    packed(classes_in(here / "test", 2), here / "Test.zip")
    assert sizes(here) == (15, 6)


def test_an_archive_of_images_beside_a_table_of_them_is_one_data_set(here: Path) -> None:
    pictures_in(here / "images")
    packed(here / "images", here / "images.zip")
    table(here / "labels.csv", rows())
    assert load(here).spec.class_names == CLASSES


def test_archives_in_an_archive_are_unpacked_and_named_by_the_outer_one(here: Path) -> None:
    classes_in(here / "outer" / "train", 5)
    (here / "outer" / "train" / "cat" / "0.png").write_bytes(b"broken")
    packed(here / "outer" / "train", here / "outer" / "train.zip")
    packed(classes_in(here / "outer" / "test", 2), here / "outer" / "test.zip")
    path = packed(here / "outer", here / "pets.zip")
    with pytest.raises(DataError, match=rf"^{path}/train/cat/0\.png is not an image"):
        load(path)


def test_archives_of_single_classes_are_refused_as_before(here: Path) -> None:
    for name in CLASSES[:2]:
        packed(classes_in(here / name, 3, names=(name,)), here / f"{name}.zip")
    with pytest.raises(DataError, match=r"holds several archives: .* — name one of them, or unpack there"):
        load(here)


@pytest.mark.parametrize(
    ("name", "contents", "message"),
    [
        ("data.h5", b"\x89HDF\r\n\x1a\n", r"data\.h5 is HDF5\) — turn it into \.npz.*h5py\.File\('data\.h5'\)"),
        ("data.bin", b"\x89HDF\r\n\x1a\n", r"data\.bin is HDF5"),
        ("train.pkl", b"\x80\4", r"a pickle, which is never loaded because it can run code"),
        ("train.pt", b"PK", r"a pickle, which is never loaded"),
        ("pets.7z", b"7z", r"packed in a form that is not read\) — unpack it"),
        ("train.tfrecord-00000-of-00001", b"", r"a record file of TensorFlow"),
        ("data-00000-of-00001.arrow", b"", r"an Arrow file\) — write parquet"),
        ("cat.mp4", b"", r"a film\) — store single pictures"),
    ],
)
def test_forms_that_are_not_read_are_named_with_how_to_convert_them(
    name: str, contents: bytes, message: str, here: Path
) -> None:
    (here / name).write_bytes(contents)
    for path in (here, here / name):
        with pytest.raises(DataError, match=message):
            load(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (rows(), "utf-16"),
        (rows(), "utf-32"),
        (rows(separator=";"), "utf-16-be"),
        (rows(separator="\t"), "utf-16-le"),
        (rows(separator=";"), "utf-8-sig"),
        (rows(separator="|"), "utf-8"),
        ("sep=;\r\n" + rows(separator=";"), "utf-8"),
        ("# written by hand\n" + rows(), "utf-8"),
        (rows("C:\\pets\\{}.png"), "utf-8"),
        (rows('"/home/somebody/pets/{}.png"'), "utf-8"),
        (rows("{}.PNG"), "utf-8"),
        (rows() + "\0\0\n", "utf-8"),
    ],
)
def test_a_table_is_read_however_it_was_written(text: str, encoding: str, here: Path) -> None:
    pictures_in(here / "pets")
    table(here / "labels.csv", text, encoding)
    data = load(here)
    assert data.spec.class_names == CLASSES
    assert facts_of(data).class_counts == (4, 3, 3)


def test_a_table_in_the_letters_of_windows_has_its_classes_and_files(here: Path) -> None:
    pictures_in(here, "Bär {}.png")
    lines = [f"Bär {number}.png;{('Käse', 'Öl')[number % 2]}" for number in range(COUNT)]
    table(here / "labels.csv", "\n".join(["Datei;label", *lines]), "cp1252")
    assert load(here, image_column="Datei").spec.class_names == ("Käse", "Öl")


def test_letters_that_are_guessed_are_said_to_be(here: Path) -> None:
    pictures_in(here)
    table(here / "labels.csv", rows().replace("dog", "пес"), "cp1251")
    assert "labels.csv is not UTF-8: its letters are read as Windows has them in Western Europe" in warnings(here)
    table(here / "labels.csv", rows().replace("dog", "пес"))
    assert "UTF-8" not in warnings(here)


def test_accents_may_be_written_either_way(here: Path) -> None:
    pictures_in(here / "pets", unicodedata.normalize("NFD", "é{}.png"))
    table(here / "labels.csv", rows(unicodedata.normalize("NFC", "é{}.png")))
    assert load(here).spec.class_names == CLASSES
    names = ["café", "tree"]
    both = {form: [unicodedata.normalize(form, name) for name in names] for form in ("NFC", "NFD")}
    classes_in(here / "folders" / "train", 5, names=both["NFC"])
    classes_in(here / "folders" / "test", 2, names=both["NFD"])
    assert sizes(here / "folders") == (10, 4)


def test_json_lines_are_a_table(here: Path) -> None:
    pictures_in(here / "train")
    lines = [json.dumps({"file_name": f"{number}.png", "label": number % 3}) for number in range(COUNT)]
    table(here / "train" / "metadata.jsonl", "\n".join(lines))
    assert load(here).spec.class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (None, "1 of 12 rows have no class"),
        ([0, 1], r"1 of 12 rows have a list or an object as their class \(such as 5\.png\)"),
        ({"animal": 1}, "1 of 12 rows have a list or an object"),
    ],
)
def test_what_is_no_class_in_json_lines_is_refused(here: Path, label: object, words: str) -> None:
    pictures_in(here / "train")
    labels = [[label if number == 5 else number % 3] for number in range(COUNT)]
    lines = [json.dumps({"file_name": f"{number}.png", "label": each}) for number, each in enumerate(labels)]
    table(here / "train" / "metadata.jsonl", "\n".join(lines))
    with pytest.raises(DataError, match=words):
        load(here)


@pytest.mark.parametrize("one", ["1", "1.0"])
def test_a_column_for_each_class_is_one_label(one: str, here: Path) -> None:
    pictures_in(here)
    marks = {
        number: [one if kind == number % 3 else one.replace("1", "0") for kind in range(3)] for number in range(COUNT)
    }
    write_csv(here / "labels.csv", ("image", *CLASSES), [(f"{number}", *marks[number]) for number in marks])
    assert facts_of(load(here)).class_counts == (4, 3, 3)
    write_csv(here / "labels.csv", ("image", *CLASSES), [(f"{number}", one, one, "0") for number in marks])
    with pytest.raises(DataError, match=r"12 of 12 rows have several classes or none \(cat, dog, owl\)"):
        load(here)


def test_numbers_written_with_a_point_are_whole_classes_in_the_order_of_numbers(here: Path) -> None:
    pictures_in(here)
    write_csv(here / "labels.csv", ("file", "label"), [(f"{n}.png", f"{(2, 10, 1)[n % 3]}.0") for n in range(COUNT)])
    assert load(here).spec.class_names == ("1", "2", "10")


def test_a_table_of_images_that_are_not_there_is_named_in_the_refusal(here: Path) -> None:
    pictures_in(here / "pets")
    table(here / "labels.csv", rows("{}.jpg"))
    with pytest.raises(
        DataError, match=r"one class only .* lists images that are not there \(such as 0\.jpg, though 0\.png"
    ):
        load(here)


def test_a_full_path_out_of_the_data_set_is_not_taken_for_a_file_of_the_same_name_in_it(here: Path) -> None:
    pictures_in(here.parent / "elsewhere")
    pictures_in(here / "others")
    path = table(here / "labels.csv", rows(f"{here.parent}/elsewhere/{{}}.png"))
    with pytest.raises(DataError, match=r"lists images that are not there"):
        load(path)


def test_classes_of_the_test_split_may_be_spelled_otherwise(here: Path) -> None:
    classes_in(here / "train", 5, names=("Cat", "big_dog"))
    classes_in(here / "test", 2, names=("cat ", "Big dog"))
    assert sizes(here) == (10, 4)
    assert "spelled otherwise are read: 'Big dog' as 'big_dog', 'cat ' as 'Cat'" in warnings(here)


@pytest.mark.parametrize(("name", "other"), [("1", "-1"), ("A", "a"), ("cat", "cats")])
def test_a_sign_before_a_number_and_the_case_of_a_letter_make_another_class(name: str, other: str, here: Path) -> None:
    classes_in(here / "train", 5, names=(name, "dog"))
    classes_in(here / "test", 2, names=(other, "dog"))
    with pytest.raises(DataError, match=f"class '{other}' is in the test split but not among"):
        load(here)


def test_an_archive_of_test_images_without_classes_is_refused(here: Path) -> None:
    packed(classes_in(here / "train", 5), here / "train.zip")
    pictures_in(here / "test")
    packed(here / "test", here / "test.zip", "test")
    with pytest.raises(DataError, match=r"test, the test split, holds 12 images in no class folder"):
        load(here)


def test_classes_that_are_spelled_alike_are_warned_of(here: Path) -> None:
    classes_in(here, 5, names=("Cat", "cat", "dog"))
    assert "2 classes differ from another in case, blanks or signs alone: 'Cat', 'cat'" in warnings(here)


def test_classes_that_the_test_split_lacks_are_named(here: Path) -> None:
    classes_in(here / "train", 5)
    classes_in(here / "test", 4, names=("cat", "owl"))
    assert "1 of 3 classes have no image in the test split: dog" in warnings(here)
    classes_in(here / "test", 4)
    assert "no image in the test split" not in warnings(here)


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (("0.5", "1.5", "2"), "numbers with fractions (0.5, 1.5, 2)"),
        (("cat", "dog", "cat|dog"), "1 classes read like several of the others and are classes of their own: cat|dog"),
        (
            ("scab", "rust", "scab rust"),
            "1 classes read like several of the others and are classes of their own: scab rust",
        ),
    ],
)
def test_labels_that_are_probably_no_classes_are_warned_of(classes: tuple[str, ...], words: str, here: Path) -> None:
    for number in range(COUNT):
        save(picture(number), here / f"{number}.png")
    write_csv(here / "labels.csv", ("file", "label"), [(f"{n}.png", classes[n % 3]) for n in range(COUNT)])
    assert words in warnings(here)


@pytest.mark.parametrize("classes", [("1", "2.0", "3"), ("cat", "dog", "wild cat"), ("0", "1", "10")])
def test_ordinary_classes_are_not_warned_of(classes: tuple[str, ...], here: Path) -> None:
    for number in range(COUNT):
        save(picture(number), here / f"{number}.png")
    write_csv(here / "labels.csv", ("file", "label"), [(f"{n}.png", classes[n % 3]) for n in range(COUNT)])
    assert not {"measure", "several"} & set(re.findall(r"\w+", warnings(here)))


def test_a_channel_that_never_changes_is_warned_of(here: Path, pictures: Callable[..., Any]) -> None:
    images = np.random.default_rng(0).integers(0, 255, (COUNT, 8, 8, 3), dtype=np.uint8)
    images[..., 2] = 7
    np.savez(here / "set.npz", x_train=images, y_train=np.arange(COUNT) % 3)
    assert "1 of 3 channels have one value in all images" in warnings(here / "set.npz")


def test_a_table_beside_images_that_it_does_not_name_is_said_to_name_none(here: Path) -> None:
    pictures_in(here / "train", "{:04}.png")
    write_csv(here / "train.csv", ("id", "label"), [(n, CLASSES[n % 3]) for n in range(COUNT)])  # lost its zeros
    with pytest.raises(DataError, match="in no class folder, and no row of train.csv names one of them"):
        load(here)


def test_test_images_that_are_training_images_too_are_counted(here: Path) -> None:
    classes_in(here / "train", 5)
    classes_in(here / "test", 2)
    assert "training images" not in warnings(here)
    shutil.copy(here / "train" / "cat" / "0.png", here / "test" / "cat" / "again.png")
    shutil.copy(here / "train" / "dog" / "1.png", here / "test" / "owl" / "other.png")
    assert "2 of the 8 test images are training images as well (the same bytes)" in warnings(here)


def test_images_that_a_split_of_our_own_tears_apart_are_counted(here: Path) -> None:
    classes_in(here, 5)
    for file in sorted(here.glob("*/*.png")):
        shutil.copy(file, file.with_name(f"copy{file.name}"))
    assert "of the 6 test images are training images as well" in warnings(here)


def test_arrays_that_are_in_both_splits_are_counted(here: Path, pictures: Callable) -> None:
    (images, labels), (others, _) = pictures(30), pictures(9, seed=1)
    others[:2] = images[4:6]
    np.savez(here / "set.npz", x_train=images, y_train=labels, x_test=others, y_test=labels[:9])
    assert "2 of the 9 test images are training images as well" in warnings(here / "set.npz")


@pytest.mark.parametrize(("suffix", "form"), [(".gif", "GIF"), (".png", "PNG"), (".webp", "WEBP"), (".tif", "TIFF")])
def test_the_first_frame_is_read_and_the_file_named(suffix: str, form: str, here: Path) -> None:
    classes_in(here, 5)
    first = picture(1)
    first.save(here / "cat" / f"film{suffix}", form, save_all=True, append_images=[picture(2), picture(3)])
    assert f"only the first is read (1): {here / 'cat' / f'film{suffix}'}" in warnings(here)
    if form in ("PNG", "TIFF"):
        wanted = np.asarray(first).transpose(2, 0, 1).tobytes()
        assert wanted in {image.tobytes() for image in load(here).train.images}


def test_the_second_picture_of_a_telephone_is_no_film(here: Path) -> None:
    classes_in(here, 5)
    picture(1).save(here / "cat" / "phone.jpg", "MPO", save_all=True, append_images=[picture(2)])
    assert "first is read" not in warnings(here)


def test_links_in_circles_and_to_nowhere_stop_nothing(here: Path) -> None:
    classes_in(here, 5)
    for link, target in (
        ("cat/self.png", "self.png"),
        ("cat/gone.png", "nowhere"),
        ("dog/loop", here),
        ("loop", "loop"),
    ):
        (here / link).symlink_to(target)
    assert sizes(here) == (12, 3)
    assert f"2 links to images lead nowhere and are left out: {here}/cat/gone.png" in warnings(here)


def test_a_data_set_beside_a_folder_of_other_pictures_is_no_class(here: Path) -> None:
    classes_in(here / "pets" / "train", 5)
    classes_in(here / "pets" / "test", 2)
    save(picture(0), here / "docs" / "logo.png")
    with pytest.raises(DataError, match=rf"{here}/pets has splits of its own.* — name {here}/pets as the task"):
        load(here)


def test_splits_in_words_that_nobody_knows_are_warned_of(here: Path) -> None:
    classes_in(here / "lernen", 5)
    classes_in(here / "pruefen", 2)
    assert "lernen, pruefen are read as classes, though each holds the folders cat, dog, owl" in warnings(here)


def test_masks_beside_their_images_are_warned_of(here: Path) -> None:
    classes_in(here, 5)
    for number in range(5):
        save(picture(number).convert("1"), here / "cat" / f"{number}_mask.png")
    assert "5 images are named like masks of others and count as images" in warnings(here)


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (np.full((9, 4, 4), np.nan), np.zeros((3, 4, 4)), "hold NaN or infinite numbers"),
        (np.ones((9, 4, 4)), np.full((3, 4, 4), np.nan), "hold NaN or infinite numbers"),
        (np.ones((9, 4, 4)), np.full((3, 4, 4), 255.0), "test images hold numbers up to 255, but 1 is white"),
        (np.full((9, 4, 4), 200.0), np.full((3, 4, 4), 0.5), "test images hold numbers up to 0.5, but 255 is white"),
        (np.ones((9, 0, 4)), np.ones((3, 0, 4)), "its images have no pixels"),
    ],
)
def test_arrays_on_scales_that_do_not_agree_are_refused_before_a_search(
    train: Any, test: Any, message: str, here: Path
) -> None:
    np.savez(here / "set.npz", x_train=train, y_train=np.arange(9) % 3, x_test=test, y_test=np.arange(3))
    with pytest.raises(DataError, match=message):
        load(here / "set.npz")


def test_images_of_numbers_that_are_no_brightness_are_named(here: Path) -> None:
    for kind, name in enumerate(CLASSES):
        for number in range(4):
            pixels = np.asarray(picture(number, kind).convert("L")).astype(np.float32) / 255
            if (name, number) == ("dog", 2):
                pixels[0, 0] = np.nan
            save(Image.fromarray(pixels), here / name / f"{number}.tif")
    with pytest.raises(DataError, match=r"dog/2\.tif: the images hold NaN"):
        load(here)


def test_texts_in_arrays_may_be_bytes_in_utf_8(here: Path, pictures: Callable) -> None:
    images, labels = pictures(30)
    names = np.array([name.encode() for name in ("Bär", "Ente", "Uhu")])
    np.savez(here / "set.npz", images=images, labels=names[labels])
    assert load(here / "set.npz").spec.class_names == ("Bär", "Ente", "Uhu")


@pytest.mark.parametrize("name", ["data.npz", "train.parquet", "images.zip", "data/train-00000-of-00001.parquet"])
def test_a_pointer_of_git_lfs_is_told_from_a_damaged_file(here: Path, name: str) -> None:
    file = here / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n")
    with pytest.raises(DataError, match="is a pointer of Git LFS.*run `git lfs pull`"):
        load(here if "/" in name else file)


def test_a_pointer_of_git_lfs_is_told_from_a_damaged_image(here: Path) -> None:
    classes_in(here, 5)
    (here / "cat" / "0.png").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n")
    with pytest.raises(DataError, match="pointer of Git LFS: run `git lfs pull`"):
        load(here)


def test_parquet_labels_may_be_marks_or_numbers_in_text(
    here: Path, pictures: Callable, write_parquet: Callable
) -> None:
    images, labels = pictures(30)
    for name, values in (("marks", np.eye(3, dtype=int)[labels].tolist()), ("text", [f"{n}.0" for n in labels])):
        assert load(write_parquet(here / f"{name}.parquet", images, values)).spec.class_names == ("0", "1", "2")


def test_parquet_of_paths_says_to_list_them_in_a_table(here: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"image": ["a.png", "b.png"], "label": [0, 1]}), here / "train.parquet")
    with pytest.raises(DataError, match=r"column 'image' is of type string, .* list them .* in a CSV file"):
        load(here)


@pytest.mark.parametrize("name", ["meta/test.txt", "train_test_split.txt", "test.csv"])
def test_a_list_of_splits_beside_class_folders_is_not_passed_over_in_silence(name: str, here: Path) -> None:
    classes_in(here / "images", 8)
    (here / name).parent.mkdir(exist_ok=True)
    table(here / name, "cat/0 1\n")
    assert f"{Path(name).name} may say which images are for the test" in warnings(here)


def test_a_data_set_that_is_there_twice_is_not_taken_for_two_classes_in_silence(here: Path) -> None:
    classes_in(here / "pets", 5)
    classes_in(here / "data" / "pets", 5)
    assert "data, pets are read as classes, though each holds the folders" in warnings(here)


def test_files_with_one_array_each_are_called_what_they_are_called(here: Path) -> None:
    labels = np.arange(12) % 3
    images = np.stack([np.full((8, 8), 80 * label, np.uint8) for label in labels])
    for split in ("train", "test"):
        np.savez(here / f"kmnist-{split}-imgs.npz", images)
        np.savez(here / f"kmnist-{split}-labels.npz", labels)
    assert sizes(here) == (12, 12)
