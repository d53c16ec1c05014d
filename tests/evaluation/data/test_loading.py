import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from archwright.errors import DataError, UsageError
from archwright.evaluation.data import Split, load_spec, load_task_data, open_test_split
from archwright.evaluation.data import digits as digits_data
from archwright.evaluation.data.sources import SplitName
from archwright.task import SplitProtocol, Task


def fingerprints(split: Split) -> set[bytes]:
    return {image.tobytes() for image in split.images}


def digits(**data: object) -> Task:
    return Task.model_validate({"name": "digits", "data": data})


@pytest.fixture(scope="module")
def digits_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the tests that only look at digits, so that they are decoded once."""
    return tmp_path_factory.mktemp("digits")


@pytest.fixture
def warm(digits_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(digits_cache))


@pytest.mark.usefixtures("warm")
def test_digits_are_those_of_scikit_learn() -> None:
    source = digits_data.installed()
    assert source is not None
    split, expected = digits_data.read(source, SplitName.TRAIN), load_digits()
    np.testing.assert_array_equal(split.images[:, 0], np.rint(expected.images * 255 / 16))
    np.testing.assert_array_equal(split.labels, expected.target)


def test_digits_are_always_there_and_split_three_ways() -> None:
    data, test = load_task_data(digits()), open_test_split(digits())
    assert data.spec == load_spec("digits")
    assert (data.spec.title, data.spec.image_shape, data.spec.classes) == ("Digits", (1, 8, 8), 10)
    assert (len(data.train), len(data.validation), len(test)) == (1295, 143, 359)
    assert (data.spec.train_images, data.spec.test_images) == (1438, 359)
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.dtype == np.int64
    assert data.train.images.max() == 255
    parts = [fingerprints(part) for part in (data.train, data.validation, test)]
    assert sum(len(part) for part in parts) == len(set.union(*parts)) == 1797


@pytest.mark.usefixtures("warm")
def test_every_part_holds_every_class_in_proportion() -> None:
    data = load_task_data(digits(train_size=500))
    for part in (data.train, data.validation, open_test_split(digits())):
        counts = np.bincount(part.labels, minlength=10)
        assert counts.min() >= 0.95 * len(part) / 10 - 1
        assert counts.max() <= 1.05 * len(part) / 10 + 1


@pytest.mark.usefixtures("warm")
def test_images_are_mapped_from_the_cache_and_read_only() -> None:
    data = load_task_data(digits(train_size=100))
    for split in (data.train, data.validation):
        assert isinstance(split.images, np.memmap)
        assert not split.images.flags.writeable
        assert not split.labels.flags.writeable
        assert len(split) == len(split.images)


@pytest.mark.usefixtures("warm")
@settings(deadline=None, max_examples=30)
@given(st.data())
def test_a_smaller_part_is_inside_every_larger_one(data: st.DataObject) -> None:
    held_out = sorted(data.draw(st.tuples(st.integers(1, 400), st.integers(1, 400))))
    sizes = sorted(data.draw(st.tuples(st.integers(1, 1000), st.integers(1, 1000))))
    # The sizes of one part never change the other: the small training set goes with the large validation set.
    small = load_task_data(digits(train_size=sizes[0], validation_size=held_out[1]))
    large = load_task_data(digits(train_size=sizes[1], validation_size=held_out[0]))
    assert fingerprints(small.train) <= fingerprints(large.train)
    assert fingerprints(large.validation) <= fingerprints(small.validation)
    assert not fingerprints(large.train) & fingerprints(small.validation)
    assert (len(small.train), len(large.validation)) == (sizes[0], held_out[0])


@pytest.mark.usefixtures("warm")
def test_protocol_lemur_trains_on_everything_and_selects_on_the_test_split() -> None:
    data, test = load_task_data(digits(protocol="lemur")), open_test_split(digits())
    assert len(data.train) == 1438
    assert fingerprints(data.validation) == fingerprints(test)
    smaller = load_task_data(digits(protocol="lemur", train_size=200, validation_size=50))
    assert (len(smaller.train), len(smaller.validation)) == (200, 50)
    assert fingerprints(smaller.validation) < fingerprints(test)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"train_size": 1296}, r"data.train_size = 1,296 is more than the 1,295 images the split leaves for training"),
        ({"validation_size": 1438}, r"data.validation_size = 1,438 leaves no training image of the 1,438"),
        ({"protocol": "lemur", "train_size": 1439}, "more than the 1,438 images"),
        ({"protocol": "lemur", "validation_size": 360}, "more than the 359 images the test split has"),
        ({"image_size": 1025}, "data.image_size = 1,025 is more than we resize to — set it to at most 1024"),
    ],
)
def test_sizes_the_data_set_does_not_have_are_refused_with_the_limit(data: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_task_data(digits(**data))


@pytest.mark.usefixtures("warm")
def test_another_image_size_is_another_entry_of_the_same_split() -> None:
    small, large = load_task_data(digits()), load_task_data(digits(image_size=12))
    assert large.spec.image_shape == large.train.images.shape[1:] == (1, 12, 12)
    assert (large.train.labels == small.train.labels).all()
    assert open_test_split(digits(image_size=12)).images.shape[1:] == (1, 12, 12)


def test_a_holdout_search_never_opens_a_test_image(parquet_folder: Path, write_parquet: Callable, cache: Path) -> None:
    # Every test image is rubbish: whoever decodes one fails.
    labels = [0, 1, 2]
    write_parquet(parquet_folder / "test.parquet", [b"rubbish"] * 3, labels, names=("ant", "bee", "cat"))
    task = Task(name=str(parquet_folder))
    data = load_task_data(task)
    assert (len(data.train), len(data.validation), data.spec.test_images) == (27, 3, 3)
    assert [entry.name.rsplit("-", 1)[1] for entry in (cache / "decoded").iterdir() if entry.is_dir()] == ["train"]
    for reader in (
        lambda: open_test_split(task),
        lambda: load_task_data(Task.model_validate({"name": str(parquet_folder), "data": {"protocol": "lemur"}})),
    ):
        with pytest.raises(DataError, match=r"3 of 3 images cannot be decoded: .*test\.parquet row 0"):
            reader()


def test_the_split_of_a_data_set_without_test_images_is_made_before_decoding(
    tmp_path: Path, pictures: Callable, write_parquet: Callable
) -> None:
    path = write_parquet(tmp_path / "all.parquet", *pictures(50))
    data, test = load_task_data(Task(name=str(path))), open_test_split(Task(name=str(path)))
    assert (len(data.train), len(data.validation), len(test)) == (36, 4, 10)
    assert not (fingerprints(data.train) | fingerprints(data.validation)) & fingerprints(test)


def test_a_path_is_named_as_it_was_asked_for(parquet_folder: Path, task_at: Callable) -> None:
    spec = load_spec(str(parquet_folder))
    assert (spec.name, spec.title) == (str(parquet_folder), "tiny")
    assert (spec.image_shape, spec.class_names) == ((3, 8, 8), ("ant", "bee", "cat"))
    assert (spec.train_images, spec.test_images) == (30, 12)


def test_normalisation_is_computed_where_none_is_published(parquet_folder: Path, pictures: Callable) -> None:
    data = load_task_data(Task(name=str(parquet_folder)))
    scaled = pictures(30)[0] / 255
    assert data.normalisation == "computed"
    assert data.mean == pytest.approx(scaled.mean(axis=(0, 2, 3)), abs=1e-6)
    assert data.std == pytest.approx(scaled.std(axis=(0, 2, 3)), abs=1e-6)


def test_nothing_depends_on_the_order_of_calls_or_on_global_random_state(parquet_folder: Path) -> None:
    task = Task(name=str(parquet_folder))
    first = load_task_data(task)
    np.random.seed(1)
    second = load_task_data(task)
    assert (first.train.images == second.train.images).all()
    assert (first.validation.labels == second.validation.labels).all()


@pytest.mark.parametrize(
    ("form", "title"),
    [
        ("JPEG", "CIFAR-10 (JPEG copy, 40 of 50,000 training images)"),
        ("PNG", "CIFAR-10 (40 of 50,000 training images)"),
    ],
)
def test_a_title_says_where_a_copy_is_less_than_the_original(
    form: str, title: str, tmp_path: Path, pictures: Callable, write_parquet: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    names = [str(number) for number in range(10)]
    for split in ("train", "test"):
        images = pictures(40, classes=10, shape=(3, 32, 32))
        write_parquet(tmp_path / "cifar10" / f"{split}.parquet", *images, names=names, form=form)
    data = load_task_data(Task(name="cifar10"))
    assert data.spec.title == title
    assert data.spec.class_names[:2] == ("airplane", "automobile")
    assert (data.normalisation, data.mean) == ("published", (0.4914, 0.4822, 0.4465))


def test_another_data_set_under_a_known_name_is_refused(
    tmp_path: Path, parquet_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    parquet_folder.rename(tmp_path / "cifar10")
    with pytest.raises(DataError, match="cifar10 has 3 classes, but cifar10 has 10"):
        load_task_data(Task(name="cifar10"))


def test_grey_copies_of_a_colour_data_set_get_their_own_normalisation(
    tmp_path: Path, pictures: Callable, write_parquet: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    for split in ("train", "test"):
        images = pictures(20, classes=10, shape=(1, 32, 32))
        write_parquet(tmp_path / "svhn" / f"{split}.parquet", *images, names=list("0123456789"))
    data = load_task_data(Task(name="svhn"))
    assert (data.normalisation, len(data.mean), data.spec.image_shape) == ("computed", 1, (1, 32, 32))


def test_a_data_set_without_images_is_told(tmp_path: Path, write_parquet: Callable) -> None:
    path = write_parquet(tmp_path / "none.parquet", [], [])
    with pytest.raises(DataError, match=r"none\.parquet has no images in its train split"):
        load_task_data(Task(name=str(path)))


def test_one_image_cannot_be_split(tmp_path: Path, write_parquet: Callable, pictures: Callable) -> None:
    path = write_parquet(tmp_path / "one.parquet", *pictures(1))
    with pytest.raises(DataError, match=r"too few images to split \(1\)"):
        load_task_data(Task(name=str(path)))


@pytest.mark.slow
def test_the_shared_mnist_copy_is_the_original(shared_data: Path) -> None:
    mnist = load_task_data(Task(name="mnist"))
    assert mnist.spec.title == "MNIST"
    assert (len(mnist.train), len(mnist.validation), mnist.spec.test_images) == (54_000, 6_000, 10_000)
    assert (mnist.normalisation, mnist.mean, mnist.std) == ("published", (0.1307,), (0.3081,))


def test_the_shared_imagenette_copy_has_64_pixels_a_side(shared_data: Path) -> None:
    imagenette = load_task_data(Task(name="imagenette"))
    assert imagenette.spec.title == "Imagenette"
    assert imagenette.spec.image_shape == (3, 64, 64)
    assert (imagenette.spec.train_images, imagenette.spec.test_images) == (9_469, 3_925)


@pytest.mark.slow
@pytest.mark.slow
def test_the_shared_cifar_copy_has_45000_5000_images_and_says_that_it_is_jpeg(shared_data: Path) -> None:
    data = load_task_data(Task(name="cifar10"))
    assert (data.spec.title, data.spec.wording) == ("CIFAR-10 (JPEG copy)", "CIFAR-10")
    assert np.bincount(data.train.labels).tolist() == [4_500] * 10
    assert np.bincount(data.validation.labels).tolist() == [500] * 10
    subset = Task.model_validate({"name": "cifar10", "data": {"train_size": 5_000, "protocol": SplitProtocol.HOLDOUT}})
    assert np.bincount(load_task_data(subset).train.labels).tolist() == [500] * 10


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("digits", "fe5dbae5e62cbffb42bbb91b"),
        pytest.param("cifar10", "cfcde4320c4bbf5234bd79b3", marks=pytest.mark.slow),
        pytest.param("mnist", "cef5472311717b6f6d7de9f5", marks=pytest.mark.slow),
        pytest.param("imagenette", "bbe593d35fc1ce3bd694a57a", marks=pytest.mark.slow),
    ],
)
def test_known_data_sets_are_decoded_to_the_arrays_of_old(
    name: str, digest: str, request: pytest.FixtureRequest
) -> None:
    if name != "digits":
        request.getfixturevalue("shared_data")
    task, found = Task(name=name), hashlib.sha256()
    data = load_task_data(task)
    for split in (data.train, data.validation, open_test_split(task)):
        found.update(split.images.tobytes())
        found.update(split.labels.tobytes())
    assert found.hexdigest()[:24] == digest
