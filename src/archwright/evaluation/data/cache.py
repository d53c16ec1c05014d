"""Splits decoded once: uint8 arrays on disk, checked and memory-mapped read-only ever after.

One folder per (source, split, size) holds `images.npy` (N, C, H, W) in stratified order, `labels.npy` and
`manifest.json`. It is written beside its place and renamed into it, under a lock, so that many processes decode a data
set once; it is rebuilt when the source's files change (`identify`) or when the folder is damaged. Damage is found by
exact file sizes, array headers and a digest of the labels and of blocks spread over the images; a flipped bit between
those blocks is not.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from archwright.errors import DataError, StorageError
from archwright.evaluation.data.images import Allocate
from archwright.evaluation.data.looking import look_at
from archwright.evaluation.data.sources import Source, SplitName
from archwright.evaluation.data.storage import cache_folder, writing
from archwright.evaluation.data.tree import files_below
from archwright.resumable import publish
from archwright.task import DataFacts

log = logging.getLogger(__name__)

VERSION = 6
"""Of the decoded form; raising it decodes everything again."""
BLOCK_BYTES = 4096
BLOCKS = 32


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the cache says about one decoded split."""

    version: int
    source: str
    """Digest of the identity of the source's files."""
    shape: tuple[int, int, int, int]
    class_names: tuple[str, ...]
    mean: tuple[float, ...]
    """Per channel, over all images of the split scaled to [0, 1]."""
    std: tuple[float, ...]
    encoding: str
    """How the images were compressed in the source: `JPEG`, `PNG` ..., or `array`."""
    test_images: int
    """Size of the test split that belongs to the same source."""
    digest: str
    """Of the labels and of blocks of the images."""
    white: float
    """The number that became 255 where images have more than 8 bits."""
    facts: DataFacts


@dataclass(frozen=True, slots=True)
class Contents:
    """What decoding a split yields beside the images, which it writes itself."""

    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    encoding: str
    test_images: int
    white: float = 255.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """A split from the cache; `images` is memory-mapped and read-only, `labels` read-only."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    manifest: Manifest


Decode = Callable[[Allocate], Contents]
"""Writes the images into the array it asks for and returns the rest."""


def open_decoded(source: Source, split: SplitName, side: int, decode: Decode) -> Decoded:
    """Return the split of `source` at `side` pixels (0: its own size), decoding it when the cache cannot serve it.

    Raises StorageError when the cache cannot be written, and whatever `decode` raises.
    """
    folder = cache_folder() / "decoded" / _entry_name(source, split, side)
    identity = identify(source)
    decoded = _load(folder, identity)
    if decoded is not None:
        return decoded
    with writing(folder.parent, f"{folder.name}.lock"):
        # Another process may have decoded it while this one waited for the lock.
        decoded = _load(folder, identity)
        if decoded is None:
            _rebuild(folder, identity, decode)
            decoded = _load(folder, identity)
    if decoded is None:
        raise StorageError(
            f"{folder} changed while it was written", "check that disk, or set ARCHWRIGHT_CACHE elsewhere"
        )
    return decoded


def identify(source: Source) -> str:
    """Return a digest of everything in `source` that may be data, and of how it is to be read.

    Of each file the name, size, times and inode count: two folders that exchange their names keep sizes and times.
    """
    facts = [source.format, str(source.root.absolute()), f"{len(source.train)} {len(source.test)}", str(source.reading)]
    try:
        for path in sorted({*source.train, *source.test}):
            for file in files_below(path) if path.is_dir() else [path]:
                status = file.stat()
                times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
                facts.append(f"{file.relative_to(path.parent)} {status.st_size} {times} {status.st_ino}")
    except OSError as error:
        raise DataError(f"{source.root} cannot be read ({error})", "correct its permissions or copy it again") from None
    return hashlib.sha256("\n".join(facts).encode("utf-8", "surrogateescape")).hexdigest()


def _entry_name(source: Source, split: SplitName, side: int) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", source.root.absolute().name.lower()).strip("-")[:40]
    # Files that lie in one folder may be different data sets, and columns of one file as well.
    whose = "\0".join((*map(str, (source.root.absolute(), *source.train)), str(source.reading)))
    place = hashlib.sha256(whose.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return f"{stem}-{place}-{split}{f'-{side}px' if side else ''}"


def _load(folder: Path, identity: str) -> Decoded | None:
    """Return what is in `folder`, or None when it is not there, out of date, or damaged (which is logged)."""
    if not folder.is_dir():
        return None
    try:
        manifest = TypeAdapter(Manifest).validate_json((folder / "manifest.json").read_bytes())
        if (manifest.version, manifest.source) != (VERSION, identity):
            log.info("%s is out of date: its source changed", folder)
            return None
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        if images.shape != manifest.shape or images.dtype != np.uint8:
            raise ValueError(f"images are {images.dtype} {images.shape}, not uint8 {manifest.shape}")
        if labels.shape != manifest.shape[:1] or labels.dtype != np.int64:
            raise ValueError(f"labels are {labels.dtype} {labels.shape}, not int64 {manifest.shape[:1]}")
        if _digest(images, labels) != manifest.digest:
            raise ValueError("the contents do not match their digest")
    except (OSError, ValueError, EOFError) as error:
        log.warning("the decoded data in %s is damaged (%s); decoding it again", folder, error)
        return None
    labels.flags.writeable = False
    return Decoded(images, labels, manifest)


def _rebuild(folder: Path, identity: str, decode: Decode) -> None:
    for left_over in folder.parent.glob(f"{folder.name}.*.tmp"):
        # Of a process that was killed: whoever writes holds the lock, and that is us.
        shutil.rmtree(left_over, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".tmp", dir=folder.parent))
    try:
        contents = decode(lambda shape: _create_array(temporary / "images.npy", shape))
        images = np.load(temporary / "images.npy", mmap_mode="r+")
        images.flush()
        labels = np.ascontiguousarray(contents.labels, dtype=np.int64)
        mean, std = channel_statistics(images)
        manifest = Manifest(
            version=VERSION,
            source=identity,
            shape=images.shape,
            class_names=contents.class_names,
            mean=mean,
            std=std,
            encoding=contents.encoding,
            test_images=contents.test_images,
            digest=_digest(images, labels),
            white=contents.white,
            facts=look_at(images, labels, contents.class_names, contents.warnings),
        )
        np.save(temporary / "labels.npy", labels)
        (temporary / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        if folder.exists():
            # Processes that have the old arrays mapped keep them until they let go.
            old = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".tmp", dir=folder.parent))
            folder.rename(old / "old")
            publish(temporary, folder)
            shutil.rmtree(old)
        else:
            publish(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _create_array(path: Path, shape: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    # Writing a mapped page on a full disk kills the process (SIGBUS); reserving the space first raises instead.
    if sys.platform == "linux":
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def channel_statistics(images: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation per channel of uint8 images (N, C, H, W) scaled to [0, 1]; exact counts."""
    counts = np.zeros((images.shape[1], 256), dtype=np.int64)
    for start in range(0, len(images), 2048):
        block = images[start : start + 2048]
        for channel in range(images.shape[1]):
            counts[channel] += np.bincount(block[:, channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    total = np.maximum(counts.sum(axis=1), 1)
    mean = counts @ values / total
    variance = counts @ values**2 / total - mean**2
    # A channel that never changes is centred, not divided by nothing.
    std = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 0)), 1.0)
    return tuple(round(float(m), 6) for m in mean), tuple(round(float(s), 6) for s in std)


def _digest(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> str:
    digest = hashlib.sha256(labels.tobytes())
    flat = images.reshape(-1)
    for start in np.linspace(0, max(flat.size - BLOCK_BYTES, 0), BLOCKS, dtype=np.int64):
        digest.update(flat[start : start + BLOCK_BYTES].tobytes())
    return digest.hexdigest()
