from pathlib import Path

import pytest

from archwright.evaluation.data import TaskEntry, describe_tasks
from archwright.evaluation.data import resolve as resolving
from archwright.task import TASK_NAMES


def described() -> dict[str, TaskEntry]:
    return {entry.name: entry for entry in describe_tasks()}


def test_every_task_is_described_in_order() -> None:
    assert tuple(described()) == TASK_NAMES


def test_digits_are_always_there() -> None:
    digits = described()["digits"]
    assert (digits.is_available, digits.where, digits.download_bytes) == (True, "scikit-learn", 0)
    assert (digits.image_shape, digits.classes, digits.train_images, digits.test_images) == ((1, 8, 8), 10, 1438, 359)


def test_a_missing_one_says_what_to_put_where_and_what_a_download_costs(tmp_path: Path) -> None:
    cifar = described()["cifar10"]
    assert not cifar.is_available
    assert cifar.where.startswith("put cifar-10-python.tar.gz (or train.parquet and test.parquet) into ")
    assert cifar.download_bytes == 170_498_071


def test_one_that_is_there_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    (tmp_path / "cifar10").mkdir()
    for split in ("train", "test"):
        # Not even a parquet file: nothing is read.
        (tmp_path / "cifar10" / f"{split}.parquet").write_bytes(b"")
    cifar = described()["cifar10"]
    assert cifar.is_available
    assert cifar.where == f"ARCHWRIGHT_DATA: {tmp_path / 'cifar10'}"
    assert cifar.download_bytes == 0


def test_nothing_is_downloaded_or_written(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "download", lambda *_: pytest.fail("a download"))
    describe_tasks()
    assert not cache.exists()
