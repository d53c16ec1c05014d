"""Tiny real data sets, written in every form we read, and a cache of their own for every test."""

import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from archwright.task import SplitProtocol, Task

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

# Read before the fixture below hides it from every test that does not ask for it.
SHARED_DATA = os.environ.get("ARCHWRIGHT_DATA", "")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no data folder and no mirror."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(folder))
    monkeypatch.delenv("ARCHWRIGHT_DATA", raising=False)
    monkeypatch.delenv("ARCHWRIGHT_DATA_URL", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return folder / "data"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder without the cache in it."""
    folder = tmp_path / "set"
    folder.mkdir()
    return folder


@pytest.fixture
def shared_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data sets, as ARCHWRIGHT_DATA; the test is skipped where there is none."""
    if not Path(SHARED_DATA, "cifar10").is_dir():
        pytest.skip("no real data: set ARCHWRIGHT_DATA to a folder with the data sets of shared/data/README.md")
    monkeypatch.setenv("ARCHWRIGHT_DATA", SHARED_DATA)
    return Path(SHARED_DATA)


@pytest.fixture
def pictures() -> Callable[..., tuple[Images, Labels]]:
    """Returns `count` different images with labels 0, 1, 2, 0, 1 ..."""

    def make(
        count: int = 30, classes: int = 3, shape: tuple[int, int, int] = (3, 8, 8), seed: int = 0
    ) -> tuple[Images, Labels]:
        images = np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)
        return images, np.arange(count, dtype=np.int64) % classes

    return make


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Returns the bytes of an image file showing an array (C, H, W)."""

    def write(image: Images, form: str = "PNG", **options: object) -> bytes:
        pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, form, **options)
        return stream.getvalue()

    return write


@pytest.fixture
def write_parquet(encode: Callable[..., bytes]) -> Callable[..., Path]:
    """Writes images and labels as the hub does; `images` may already be bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def write(
        path: Path,
        images: Images | Sequence[bytes | None],
        labels: Sequence[object] | Labels,
        names: Sequence[str] | None = None,
        form: str = "PNG",
        columns: tuple[str, str] = ("image", "label"),
        is_struct: bool = True,
    ) -> Path:
        data = [encode(image, form) if isinstance(image, np.ndarray) else image for image in images]
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())]) if is_struct else pa.binary()
        values = pa.array([{"bytes": d, "path": None} for d in data] if is_struct else data, kind)
        labels = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
        table = pa.table({columns[0]: values, columns[1]: pa.array(labels, None if labels else pa.int64())})
        if names is not None:
            features = {columns[0]: {"_type": "Image"}, columns[1]: {"names": list(names), "_type": "ClassLabel"}}
            table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, row_group_size=7)
        return path

    return write


@pytest.fixture
def parquet_folder(
    tmp_path: Path, pictures: Callable[..., tuple[Images, Labels]], write_parquet: Callable[..., Path]
) -> Path:
    """30 training and 12 test images of three classes, 8 x 8 in colour."""
    folder = tmp_path / "tiny"
    write_parquet(folder / "train.parquet", *pictures(30), names=("ant", "bee", "cat"))
    write_parquet(folder / "test.parquet", *pictures(12, seed=1), names=("ant", "bee", "cat"))
    return folder


@pytest.fixture
def task_at() -> Callable[..., Task]:
    """Returns the task at a path, with `data.*` options as keywords."""

    def make(path: Path | str, **data: object) -> Task:
        return Task.model_validate({"name": str(path), "data": {"protocol": SplitProtocol.HOLDOUT, **data}})

    return make
