"""Turns images, compressed or not, into one uint8 array (N, C, H, W) of one size and one number of channels.

Most data sets have images of one size and mode, so the first image decides and the rest are decoded straight into
place; only when one differs are all of them looked at, the most common size taken and the others resized to it.
Images that cannot be decoded are all named at once.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from archwright.errors import DataError
from archwright.evaluation.data.pixels import (
    DECODING_ERRORS,
    WHITE,
    BrightnessError,
    as_bytes,
    check_brightness,
    check_white,
    has_picture_in_alpha,
    is_animated,
    is_deep,
    is_grey,
    opened,
    quiet,
    reason_of,
    size_of,
    to_pixels,
    white_of,
)
from archwright.evaluation.data.sources import EncodedImages, listed

MAX_SIDE = 4096
"""Images beyond it are made smaller while they are decoded."""
MOST_NAMED = 200

Allocate = Callable[[tuple[int, int, int, int]], NDArray[np.uint8]]
"""Returns the array to fill, for example a memory-mapped file, given its shape."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What every image of a data set is turned into."""

    channels: int
    height: int
    width: int
    white: float = WHITE
    """The number that becomes 255 where images have more than 8 bits."""


@dataclass(frozen=True, slots=True)
class ImageRemarks:
    """What there is to say of the images beside their pixels."""

    encoding: str
    """PIL's name of the format of the first image (`JPEG`, `PNG` ...), or `array`."""
    white: float = WHITE
    alpha_only: int = 0
    """Images of one colour whose picture is in the alpha channel, which is not read."""
    animated: tuple[str, ...] = ()
    """Where files with several frames or pages are, of which the first is read."""


class _UnevenError(Exception):
    """An image differs from the first one in size, channels or depth."""


def write_images(
    images: NDArray[Any] | EncodedImages,
    rows: NDArray[np.int64],
    side: int,
    allocate: Allocate,
    *,
    layout: Layout | None = None,
    checks_all: bool = False,
    where: object = "the data set",
) -> ImageRemarks:
    """Write image `rows[k]` to place k of the allocated array.

    `side` > 0 resizes all of them to side x side with antialiased bilinear interpolation; `layout` is that of the
    training images, where these are of the test split. Images outside `rows` are not decoded unless `checks_all`.
    Raises DataError naming all images that cannot be decoded, or `where` they are when their numbers are no brightness.
    """
    with _naming(where):
        if not isinstance(images, EncodedImages):
            return _write_array(images, rows, side, allocate, layout)
        with quiet():
            return _write_encoded(images, rows, side, allocate, layout, checks_all=checks_all)


def check_scale(images: NDArray[Any] | EncodedImages, white: float, where: object) -> None:
    """Raise DataError for arrays of test images on another scale than training images whose `white` is given."""
    with _naming(where):
        if not isinstance(images, EncodedImages):
            check_white(images, white)


def find_corrupt(images: EncodedImages) -> dict[int, str]:
    """Return the rows of the images that cannot be decoded, each with where it is and why."""
    corrupt = {}
    with quiet():
        for row, where, data in images.read():
            try:
                with opened(data) as image:
                    image.load()
            except DECODING_ERRORS as error:
                corrupt[row] = f"{where} ({reason_of(error)})"
    return corrupt


@contextmanager
def _naming(where: object) -> Iterator[None]:
    try:
        yield
    except BrightnessError as error:
        raise DataError(f"{where}: {error}", "store them as 0 to 255, 0 to 65535 or 0 to 1") from None


def _write_array(
    images: NDArray[Any], rows: NDArray[np.int64], side: int, allocate: Allocate, layout: Layout | None
) -> ImageRemarks:
    count, channels, height, width = len(rows), *images.shape[1:]
    if layout is None:
        layout = Layout(channels, side or height, side or width, white_of(images, rows))
    target = allocate((count, layout.channels, layout.height, layout.width))
    size = (layout.width, layout.height)
    for start in range(0, count, 4096):
        block = as_bytes(images[rows[start : start + 4096]], layout.white)
        if channels != layout.channels:
            grey = np.rint(block.mean(axis=1, keepdims=True)).astype(np.uint8)
            block = np.broadcast_to(grey, (len(block), layout.channels, height, width))
        target[start : start + 4096] = block if (width, height) == size else _resize_block(block, size)
    return ImageRemarks("array", layout.white)


def _write_encoded(
    images: EncodedImages,
    rows: NDArray[np.int64],
    side: int,
    allocate: Allocate,
    layout: Layout | None,
    *,
    checks_all: bool,
) -> ImageRemarks:
    places = np.full(images.count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    first, encoding = _first_layout(images, places, side)
    try:
        hidden, animated = _decode_all(
            images, places, layout or first, allocate, may_resize=side > 0 or layout is not None, checks_all=checks_all
        )
    except _UnevenError:
        layout = _common_layout(images, places, side)
        hidden, animated = _decode_all(images, places, layout, allocate, may_resize=True, checks_all=checks_all)
    return ImageRemarks(encoding, (layout or first).white, hidden, tuple(animated))


def _decode_all(
    images: EncodedImages,
    places: NDArray[np.int64],
    layout: Layout,
    allocate: Allocate,
    *,
    may_resize: bool,
    checks_all: bool,
) -> tuple[int, list[str]]:
    """Decode into place and return how many have their picture in the alpha channel, and where several frames are.

    Raises _UnevenError at an image that `layout` does not fit, and DataError at the end for those that are no images.
    """
    target = allocate((int((places >= 0).sum()), layout.channels, layout.height, layout.width))
    corrupt: list[str] = []
    animated: list[str] = []
    hidden = seen = 0
    for row, where, data in images.read():
        seen += 1
        place = places[row]
        if place < 0 and not checks_all:
            continue
        try:
            with opened(data) as image:
                if place < 0:
                    image.load()
                else:
                    if not may_resize:
                        _check_even(image, layout)
                    if max(image.size) > MAX_SIDE:
                        # A JPEG is decoded at an eighth to a half of its size at no cost.
                        image.draft(None, (max(layout.width, layout.height),) * 2)
                    target[place] = to_pixels(image, layout.channels, (layout.width, layout.height), layout.white)
                    hidden += has_picture_in_alpha(image)
                if is_animated(image):
                    animated.append(where)
        except DECODING_ERRORS as error:
            corrupt.append(f"{where} ({reason_of(error)})")
    if corrupt:
        raise _corrupt(corrupt, images.count)
    if seen != images.count:
        raise DataError(f"{seen} of {images.count} images could be read", "the data set is incomplete: copy it again")
    return hidden, animated


def _check_even(image: Image.Image, layout: Layout) -> None:
    grey_in_colour = layout.channels == 1 and not is_grey(image)
    if grey_in_colour or size_of(image) != (layout.width, layout.height) or is_deep(image):
        raise _UnevenError


def _first_layout(images: EncodedImages, places: NDArray[np.int64], side: int) -> tuple[Layout, str]:
    corrupt = []
    for row, where, data in images.read():
        if places[row] >= 0:
            try:
                with opened(data) as image:
                    width, height = (side, side) if side else _within_limit(size_of(image))
                    layout = Layout(1 if is_grey(image) else 3, height, width)
                    return layout, image.format or "unknown"
            except DECODING_ERRORS as error:
                corrupt.append(f"{where} ({reason_of(error)})")
    if corrupt:
        raise _corrupt(corrupt, images.count)
    raise DataError("the data set has no images", "give a data set with at least one image per class")


def _common_layout(images: EncodedImages, places: NDArray[np.int64], side: int) -> Layout:
    sizes: Counter[tuple[int, int]] = Counter()
    channels, brightest, is_fractional = 1, -np.inf, False
    for row, where, data in images.read():
        if places[row] < 0:
            continue
        try:
            with opened(data) as image:
                sizes[size_of(image)] += 1
                channels = max(channels, 1 if is_grey(image) else 3)
                if is_deep(image):
                    values = np.asarray(image)
                    is_fractional = is_fractional or values.dtype.kind == "f"
                    brightest = max(brightest, float(values.max()))
                    check_brightness(values, where)
        except DECODING_ERRORS:
            # Named by the pass that decodes.
            continue
    # Ties go to the smaller image, so that the answer does not depend on the order of the files.
    width, height = (side, side) if side else _within_limit(min(sizes, key=lambda size: (-sizes[size], size)))
    white = WHITE if brightest == -np.inf else white_of(np.array([brightest]), is_fractional=is_fractional)
    return Layout(channels, height, width, white)


def _within_limit(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resize_block(block: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return (N, C, H, W) of another (W, H); each channel on its own, which is what PIL does to RGB as well."""
    resized = np.empty((*block.shape[:2], size[1], size[0]), dtype=np.uint8)
    for index, image in enumerate(block):
        for channel, plane in enumerate(image):
            resized[index, channel] = np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
    return resized


def _corrupt(corrupt: list[str], count: int) -> DataError:
    is_one = len(corrupt) == 1
    what = (
        f"{corrupt[0].replace(' (', ' is not an image we can decode (', 1)}"
        if is_one
        else (f"{len(corrupt):,} of {count:,} images cannot be decoded: {listed(corrupt, MOST_NAMED)}")
    )
    remedy = "replace or remove that image" if is_one else "replace or remove them"
    return DataError(what, f"{remedy}, or set data.skip_corrupt=true to leave out what cannot be read")
