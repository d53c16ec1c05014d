import hashlib
import importlib.util
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from archwright.errors import DataError, UnknownNameError
from archwright.evaluation.data import load_task_data
from archwright.evaluation.data.catalog import CATALOG
from archwright.evaluation.data.resolve import find_known, resolve, what_to_put_where
from archwright.task import TASK_NAMES, Task

UNREACHABLE = "http://127.0.0.1:9"
IDX_NAMES = [file.name for file in CATALOG["mnist"].files]


def write_idx(folder: Path, test: bool = True) -> Path:
    """Writes 20 training and 20 test digits, 28 x 28, as MNIST comes (not compressed)."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    labels = np.arange(20, dtype=np.uint8) % 10
    for prefix in ("train", "t10k") if test else ("train",):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (folder / f"{prefix}-{name}-ubyte").write_bytes(header + array.tobytes())
    return folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ARCHWRIGHT_DATA, and no network."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(folder))
    monkeypatch.setenv("ARCHWRIGHT_DATA_URL", UNREACHABLE)
    return folder


def test_every_task_name_is_in_the_catalogue() -> None:
    assert tuple(CATALOG) == TASK_NAMES


def test_the_catalogue_does_not_contradict_itself() -> None:
    for entry in CATALOG.values():
        assert len(set(entry.class_names)) == entry.classes in (10, 100)
        assert all(len(file.md5) == 32 and int(file.md5, 16) and file.mirrors for file in entry.files)
        if entry.normalisation is not None:
            assert len(entry.normalisation.mean) == len(entry.normalisation.std) == entry.image_shape[0]


def test_the_data_folder_comes_before_the_cache_and_the_cache_before_the_system(
    data: Path, cache: Path, tmp_path: Path
) -> None:
    entry = replace(CATALOG["fashion-mnist"], system_folders=(write_idx(tmp_path / "system"),))
    for folder, origin in ((tmp_path / "system", "system package"), (cache, "cache"), (data, "ARCHWRIGHT_DATA")):
        place = folder if origin == "system package" else write_idx(folder / "fashion-mnist")
        found = find_known(entry)
        assert found is not None
        assert found.origin == f"{origin}: {place}"


@pytest.mark.parametrize("place", ["mnist", "MNIST/raw", "MNIST"])
def test_the_folders_of_other_tools_are_known(place: str, data: Path) -> None:
    write_idx(data / place)
    assert resolve(Task(name="mnist")).source.root == data / ("MNIST/raw" if place == "MNIST/raw" else place)


def test_a_data_set_one_folder_further_down_is_found(data: Path) -> None:
    write_idx(data / "mnist" / "copied")
    assert resolve(Task(name="mnist")).source.root == data / "mnist" / "copied"


def test_a_missing_data_set_without_network_says_what_to_put_where(data: Path) -> None:
    with pytest.raises(DataError) as caught:
        resolve(Task(name="cifar10"))
    assert "the data set cifar10 is not on this machine" in caught.value.what
    assert f"{UNREACHABLE}/cifar10/cifar-10-python.tar.gz: the server cannot be reached" in caught.value.what
    assert caught.value.remedy == (
        f"put cifar-10-python.tar.gz (or train.parquet and test.parquet) into {data / 'cifar10'}"
    )


def test_without_a_data_folder_the_cache_is_where_to_put_it(cache: Path) -> None:
    assert what_to_put_where(CATALOG["svhn"]) == (
        f"put train_32x32.mat, test_32x32.mat (or train.parquet and test.parquet) into {cache / 'svhn'}"
    )


def test_digits_need_scikit_learn_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert find_known(CATALOG["digits"]) is None
    with pytest.raises(DataError, match="pip install scikit-learn"):
        resolve(Task(name="digits"))


def test_a_known_data_set_without_its_test_split_is_not_used(data: Path) -> None:
    write_idx(data / "mnist", test=False)
    with pytest.raises(DataError, match=f"{data / 'mnist'} has no test split"):
        resolve(Task(name="mnist"))


def test_an_unknown_name_suggests_the_nearest(data: Path) -> None:
    with pytest.raises(
        UnknownNameError,
        match="unknown task 'cifar-10', and no file or folder — did you mean 'cifar10'",
    ):
        resolve(Task(name="cifar-10"))


def test_a_path_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no data set at .*nowhere"):
        resolve(Task(name=str(tmp_path / "nowhere")))


def test_a_path_to_something_else_says_what_we_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(
            DataError, match="is not in a form we read.* — give parquet files, an original CIFAR archive"
        ):
            resolve(Task(name=str(path)))


def test_a_path_that_holds_nothing_is_called_empty(tmp_path: Path) -> None:
    (folder := tmp_path / "folder").mkdir()
    (file := tmp_path / "files.csv").touch()
    for path in (folder, file):
        with pytest.raises(DataError, match=f"{path} is empty"):
            resolve(Task(name=str(path)))


def test_a_path_to_several_data_sets_asks_which(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_idx(tmp_path / name)
    with pytest.raises(
        DataError, match=f"holds several data sets — name one of: {tmp_path / 'one'}, {tmp_path / 'two'}"
    ):
        resolve(Task(name=str(tmp_path)))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a real server on loopback serves as ARCHWRIGHT_DATA_URL, with a tiny `mnist` of known checksums."""
    folder = tmp_path / "mirror"
    write_idx(folder / "mnist")
    files = tuple(
        replace(file, name=name, md5=hashlib.md5((folder / "mnist" / name).read_bytes()).hexdigest())
        for file in CATALOG["mnist"].files
        for name in [file.name.removesuffix(".gz")]
    )
    monkeypatch.setitem(CATALOG, "mnist", replace(CATALOG["mnist"], files=files))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        monkeypatch.setenv("ARCHWRIGHT_DATA_URL", f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder
        server.shutdown()
        thread.join()


def test_a_missing_data_set_is_downloaded_once_and_then_loads_without_network(
    mirror: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    data = load_task_data(Task(name="mnist"), on_progress=lambda name, done, total: names.append(name))
    assert data.train.images.shape == (18, 1, 28, 28)
    assert list(dict.fromkeys(names)) == [name.removesuffix(".gz") for name in IDX_NAMES]
    monkeypatch.setenv("ARCHWRIGHT_DATA_URL", UNREACHABLE)
    again = load_task_data(Task(name="mnist"))
    assert (again.train.images == data.train.images).all()
    assert resolve(Task(name="mnist")).origin == f"cache: {cache / 'mnist'}"


def test_a_mirror_with_other_contents_is_refused(mirror: Path) -> None:
    file: Path = mirror / "mnist" / "t10k-labels-idx1-ubyte"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(DataError, match="the published one is"):
        resolve(Task(name="mnist"))


def test_a_path_in_the_home_folder_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_idx(tmp_path / "letters")
    assert resolve(Task(name="~/letters")).source.root == tmp_path / "letters"


def test_an_archive_beside_its_extracted_folder_is_no_conflict(data: Path, write_parquet: Callable) -> None:
    write_idx(data / "mnist" / "raw")
    write_idx(data / "mnist" / "raw2")
    assert resolve(Task(name="mnist")).source.root == data / "mnist" / "raw"
