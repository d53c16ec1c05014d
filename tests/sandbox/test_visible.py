"""What a box may read includes no labels, wherever an installation keeps them."""

from pathlib import Path

import pytest

from archwright.sandbox.visible import Visible, find_hidden, find_visible


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An installation in the style of conda, of Debian and of an image with everything in /usr/local."""
    for name in (
        "lib/python3.11/site-packages/sklearn/datasets/data/digits.csv.gz",
        "lib/python3.11/site-packages/torch/version.py",
        "lib/python3.11/site-packages/vendored/data/train-labels-idx1-ubyte",
        "lib/python3.11/site-packages/torchvision/datasets/mnist.py",
        "lib/python3.11/random.py",
        "lib/python3/dist-packages/sklearn/__init__.py",
        "lib/libpython.so",
        "lib/scikit/sklearn/datasets/data/iris.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("content")
    (tmp_path / "lib" / "link").symlink_to(tmp_path / "lib/python3.11/site-packages/sklearn")
    return tmp_path


def test_labels_are_found_anywhere_below(prefix: Path) -> None:
    lib = prefix / "lib"
    packages = lib / "python3.11/site-packages"
    assert set(find_hidden([lib], {packages})) == {
        packages / "sklearn",
        packages / "vendored/data/train-labels-idx1-ubyte",
        lib / "python3/dist-packages",
        lib / "scikit/sklearn",
    }


def test_what_holds_something_hidden_is_never_allowed_as_a_whole(prefix: Path) -> None:
    lib = prefix / "lib"
    packages = lib / "python3.11/site-packages"
    readable = dict(Visible((lib,), frozenset(find_hidden([lib], {packages}))).readable())
    assert {Path(path).relative_to(prefix).as_posix() for path, is_read in readable.items() if is_read} == {
        "lib/libpython.so",
        "lib/python3.11/random.py",
        "lib/python3.11/site-packages/torch",
        "lib/python3.11/site-packages/torchvision",
    }
    assert readable[str(lib)] is False
    assert str(packages / "sklearn") not in readable


def test_here_nothing_hidden_is_below_what_is_allowed() -> None:
    visible = find_visible()
    allowed = [Path(path) for path, is_read in visible.readable() if is_read]
    assert not [(path, folder) for path in visible.hidden for folder in allowed if path.is_relative_to(folder)]


def test_packages_that_a_pth_file_adds_are_seen_and_their_labels_are_not(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = prefix / "lib/python3.11/site-packages"
    monkeypatch.syspath_prepend(packages)
    readable = dict(find_visible.__wrapped__().readable())
    assert readable[str(packages / "torch")]
    assert str(packages / "sklearn") not in readable
