"""One image: opened without surprises, and turned into bytes of one size and number of channels."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

WHITE = 255.0
ORIENTATION = 0x0112
"""The EXIF tag that says how a picture is turned."""
DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
"""Grey with more than 8 bits."""
GREY_MODES = DEEP_MODES | {"1", "L", "LA", "La"}
_WHITES = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""What is white with 8, 10, 12, 14 and 16 bits."""
# All that PIL raises for bytes that are not, or not all of, an image.
DECODING_ERRORS = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)


class BrightnessError(Exception):
    """Images hold numbers that are no brightness."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep PIL's warnings about odd images to itself while the body decodes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def opened(data: bytes | str) -> Image.Image:
    """Return the image in `data`, its pixels not decoded; raises one of DECODING_ERRORS, also for a reason (text)."""
    if isinstance(data, str):
        raise ValueError(data)
    if not data:
        raise ValueError("it is empty")
    return Image.open(io.BytesIO(data))


def reason_of(error: Exception) -> str:
    """Return why an image could not be decoded, without the memory address that PIL's words have in them."""
    return "its contents are no image" if isinstance(error, UnidentifiedImageError) else str(error)


def is_deep(image: Image.Image) -> bool:
    """Return whether an image has more than 8 bits."""
    return image.mode in DEEP_MODES


def is_grey(image: Image.Image) -> bool:
    """Return whether an image has no colours, from its header and palette."""
    if image.mode != "P":
        return image.mode in GREY_MODES
    colours = np.asarray(image.getpalette("RGB") or [], dtype=np.int16).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def to_pixels(image: Image.Image, channels: int, size: tuple[int, int], white: float) -> NDArray[np.uint8]:
    """Return an image as (H, W), which fits a (1, H, W), or (3, H, W), resized with antialiased bilinear interpolation.

    It is turned as it is meant to be seen. Numbers beyond 8 bits are divided so that `white` becomes 255.
    """
    mode = "L" if channels == 1 else "RGB"
    if _orientation(image) != 1:
        image = ImageOps.exif_transpose(image)
    if is_deep(image):
        image = Image.fromarray(as_bytes(np.asarray(image), white))
    converted = image if image.mode == mode else image.convert(mode)
    if converted.size != size:
        converted = converted.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(converted)
    return pixels if channels == 1 else pixels.transpose(2, 0, 1)


def size_of(image: Image.Image) -> tuple[int, int]:
    """Return width and height as the picture is meant to be seen; cameras store it lying and say so (EXIF)."""
    return (image.height, image.width) if _orientation(image) in (5, 6, 7, 8) else image.size


def _orientation(image: Image.Image) -> object:
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Looking for it behind the pixels would decode them.
    try:
        return image.getexif().get(ORIENTATION, 1)
    except (*DECODING_ERRORS, struct.error, KeyError, TypeError):
        return 1  # What is said beside the pixels is damaged, not they.


def has_picture_in_alpha(image: Image.Image) -> bool:
    """Return whether all that differs from pixel to pixel is the alpha channel."""
    if image.mode not in ("LA", "RGBA", "PA"):
        return False
    *colours, alpha = (image.convert("RGBA") if image.mode == "PA" else image).split()
    (low, high) = alpha.getextrema()
    return low != high and all(a == b for a, b in (colour.getextrema() for colour in colours))


def white_of(
    values: NDArray[Any], rows: NDArray[np.int64] | None = None, *, is_fractional: bool | None = None
) -> float:
    """Return which number is white among the numbers that images hold: of 8 to 16 bits, or 1 for fractions of it.

    Raises BrightnessError for numbers that are no brightness: negative ones, infinity, NaN.
    """
    if values.dtype == np.uint8:
        return WHITE
    if values.dtype == bool:
        return 1.0
    highest, lowest = -np.inf, np.inf
    rows = np.arange(len(values)) if rows is None else np.sort(rows)
    for start in range(0, len(rows) if values.dtype.kind in "uif" else 0, 1024):
        block = values[rows[start : start + 1024]]
        highest, lowest = max(highest, float(block.max())), min(lowest, float(block.min()))
    if not (np.isfinite(highest) and np.isfinite(lowest) and lowest >= 0):
        found = f"from {lowest:g} to {highest:g}" if highest >= lowest else f"of type {values.dtype}"
        raise BrightnessError(f"the images hold numbers {found}, which are no brightness")
    if is_fractional or (is_fractional is None and values.dtype.kind == "f"):
        return 1.0 if highest <= 1 else _white_above(highest)
    return _white_above(highest)


def as_bytes(values: NDArray[Any], white: float) -> NDArray[np.uint8]:
    """Return numbers as bytes, `white` as 255; what is beyond is cut off."""
    if values.dtype == np.uint8:
        return values
    scaled = np.nan_to_num(values.astype(np.float64)) * (WHITE / white)
    return np.rint(np.clip(scaled, 0, WHITE)).astype(np.uint8)


def _white_above(highest: float) -> float:
    return next((white for white in _WHITES if highest <= white), highest)
