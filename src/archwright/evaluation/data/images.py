"""Turns images, compressed or not, into one uint8 array (N, C, H, W) of one size and one number of channels.

Most data sets have images of one size and mode, so the first image decides and the rest are decoded straight into
place; only when one differs are all of them looked at, the most common size taken and the others resized to it.
"""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from archwright.errors import DataError
from archwright.evaluation.data.sources import EncodedImages

GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "F"})
MAX_SIDE = 4096
# All that PIL raises for bytes that are not, or not all of, an image.
DECODING_ERRORS = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)

Allocate = Callable[[tuple[int, int, int, int]], NDArray[np.uint8]]
"""Returns the array to fill, for example a memory-mapped file, given its shape."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What every image of a data set is turned into."""

    channels: int
    height: int
    width: int


class _UnevenError(Exception):
    """An image differs in size or channels from the first one."""


def write_images(
    images: NDArray[np.uint8] | EncodedImages,
    rows: NDArray[np.int64],
    side: int,
    allocate: Allocate,
) -> str:
    """Write image `rows[k]` to place k of the allocated array and return how the images were compressed.

    `side` > 0 resizes all of them to side x side with antialiased bilinear interpolation. Images outside `rows` are not
    decoded. The answer is PIL's name of the format of the first image (`JPEG`, `PNG` ...), or `array`.
    Raises DataError naming the image that cannot be decoded.
    """
    if isinstance(images, EncodedImages):
        return _write_encoded(images, rows, side, allocate)
    count, channels, height, width = len(rows), *images.shape[1:]
    target = allocate((count, channels, side or height, side or width))
    for start in range(0, count, 4096):
        block = images[rows[start : start + 4096]]
        target[start : start + 4096] = _resize_block(block, side) if side else block
    return "array"


def _write_encoded(images: EncodedImages, rows: NDArray[np.int64], side: int, allocate: Allocate) -> str:
    places = np.full(images.count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    layout, encoding = _first_layout(images, places, side)
    try:
        _decode_all(images, places, layout, allocate, may_resize=side > 0)
    except _UnevenError:
        _decode_all(images, places, _common_layout(images, places, side), allocate, may_resize=True)
    return encoding


def _decode_all(
    images: EncodedImages, places: NDArray[np.int64], layout: Layout, allocate: Allocate, *, may_resize: bool
) -> None:
    """Decode into place; raise _UnevenError at an image that `layout` does not fit."""
    count = int((places >= 0).sum())
    target = allocate((count, layout.channels, layout.height, layout.width))
    mode = "L" if layout.channels == 1 else "RGB"
    size = (layout.width, layout.height)
    seen = 0
    for row, where, data in images.read():
        seen += 1
        place = places[row]
        if place < 0:
            continue
        try:
            with Image.open(io.BytesIO(data)) as image:
                if layout.channels == 1 and not _is_grey(image):
                    raise _UnevenError
                if image.size != size and not may_resize:
                    raise _UnevenError
                converted = image if image.mode == mode else image.convert(mode)
                if image.size != size:
                    converted = converted.resize(size, Image.Resampling.BILINEAR)
                pixels = np.asarray(converted)
        except DECODING_ERRORS as error:
            raise _undecodable(where, error) from None
        target[place] = pixels if layout.channels == 1 else pixels.transpose(2, 0, 1)
    if seen != images.count:
        raise DataError(f"{seen} of {images.count} images could be read", "the data set is incomplete: copy it again")


def _first_layout(images: EncodedImages, places: NDArray[np.int64], side: int) -> tuple[Layout, str]:
    for row, where, data in images.read():
        if places[row] >= 0:
            channels, size, encoding = _look_at(where, data)
            width, height = (side, side) if side else size
            return Layout(channels, height, width), encoding
    raise DataError("the data set has no images", "give a data set with at least one image per class")


def _common_layout(images: EncodedImages, places: NDArray[np.int64], side: int) -> Layout:
    sizes: Counter[tuple[int, int]] = Counter()
    channels = 1
    for row, where, data in images.read():
        if places[row] >= 0:
            found, size, _ = _look_at(where, data)
            channels = max(channels, found)
            sizes[size] += 1
    if side:
        return Layout(channels, side, side)
    # Ties go to the smaller image, so that the answer does not depend on the order of the files.
    width, height = min(sizes, key=lambda size: (-sizes[size], size))
    return Layout(channels, height, width)


def _look_at(where: str, data: bytes) -> tuple[int, tuple[int, int], str]:
    """Return channels, (width, height) and encoding from the header alone."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            channels = 1 if _is_grey(image) else 3
            if max(image.size) > MAX_SIDE:
                raise DataError(
                    f"{where} is {image.size[0]} x {image.size[1]}", f"the limit is {MAX_SIDE} pixels a side"
                )
            return channels, image.size, image.format or "unknown"
    except DECODING_ERRORS as error:
        raise _undecodable(where, error) from None


def _is_grey(image: Image.Image) -> bool:
    if image.mode != "P":
        return image.mode in GREY_MODES
    colours = np.asarray(image.getpalette("RGB") or [], dtype=np.int16).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _resize_block(block: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return (N, C, side, side) from (N, C, H, W); each channel on its own, which is what PIL does to RGB as well."""
    resized = np.empty((*block.shape[:2], side, side), dtype=np.uint8)
    for index, image in enumerate(block):
        for channel, plane in enumerate(image):
            resized[index, channel] = np.asarray(Image.fromarray(plane).resize((side, side), Image.Resampling.BILINEAR))
    return resized


def _undecodable(where: str, error: Exception) -> DataError:
    return DataError(f"{where} is not an image we can decode ({error})", "replace or remove that image")
