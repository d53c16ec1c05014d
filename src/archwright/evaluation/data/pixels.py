"""One image: opened without surprises, and turned into bytes of one size and number of channels."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from archwright.evaluation.data.sources import POINTER

WHITE = 255.0
ORIENTATION = 0x0112
"""The EXIF tag that says how a picture is turned."""
_FORMATS = (
    *("PNG", "JPEG", "MPO", "TIFF", "WEBP", "BMP", "DIB", "GIF", "PPM"),
    *("JPEG2000", "AVIF", "ICO", "PCX", "QOI", "SGI", "TGA"),  # as bytes in a table
)
DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
"""Grey with more than 8 bits."""
GREY_MODES = DEEP_MODES | {"1", "L", "LA", "La"}
_WHITES = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""What is white with 8, 10, 12, 14 and 16 bits."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned to be seen, by its orientation."""
_FORESEEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
DECODING_ERRORS = (
    *_FORESEEN,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    struct.error,
    zlib.error,
)
"""All that PIL raises for bytes that are not, or not all of, an image: in words, or where a decoder trips over a number
that it did not check."""


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
    if data.startswith(POINTER):
        raise ValueError("it is a pointer of Git LFS: run `git lfs pull` where the data set is")
    return Image.open(io.BytesIO(data), formats=_formats())


@cache
def _formats() -> tuple[str, ...]:
    """Return PIL's names of the forms that it reads by itself. To read PostScript it runs a program."""
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def reason_of(error: Exception) -> str:
    """Return why an image could not be decoded, without the memory address that PIL's words have in them."""
    if isinstance(error, UnidentifiedImageError):
        return "its contents are no image"
    return str(error) if isinstance(error, _FORESEEN) else f"it is damaged: {type(error).__name__}, {error}"


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
    if (turn := _TURNS.get(_orientation(image))) is not None:
        image = image.transpose(turn)  # ImageOps.exif_transpose writes the other tags again, which may be damaged.
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


def _orientation(image: Image.Image) -> Any:
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # Looking for it behind the pixels would decode them.
    try:
        return image.getexif().get(ORIENTATION, 1)
    except DECODING_ERRORS:
        return 1  # What is said beside the pixels is damaged, not they.


def is_animated(image: Image.Image) -> bool:
    """Return whether a file has frames or pages after the first; the second picture of a telephone's JPEG is none.

    To be asked after the pixels: where a later frame is damaged, the first cannot be decoded any more.
    """
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except DECODING_ERRORS:
        return False  # What comes after the first is damaged, not it.


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
    highest = _highest(values, np.arange(len(values)) if rows is None else np.sort(rows))
    if is_fractional or (is_fractional is None and values.dtype.kind == "f"):
        return 1.0 if highest <= 1 else _white_above(highest)
    return _white_above(highest)


def check_brightness(values: NDArray[Any], where: str) -> None:
    """Raise BrightnessError for an image with numbers that are no brightness."""
    try:
        _highest(values, np.arange(len(values)))
    except BrightnessError as error:
        raise BrightnessError(f"{where}: {error}") from None


def check_white(values: NDArray[Any], white: float) -> None:
    """Raise BrightnessError for the numbers of test images that are not on the scale of the training images."""
    if values.dtype in (np.uint8, bool) or not len(values):
        return
    highest = _highest(values, np.arange(len(values)))
    is_fraction = values.dtype.kind == "f" and highest <= 1
    if (white == 1 and highest > 1.5) or (white > 1 and is_fraction and highest > 0) or highest > 2 * white:
        raise BrightnessError(
            f"the test images hold numbers up to {highest:g}, but {white:g} is white in the training images"
        )


def _highest(values: NDArray[Any], rows: NDArray[np.int64]) -> float:
    """Return the highest of the numbers in `rows`; raise BrightnessError where one of them is no brightness."""
    if values.dtype.kind not in "uif":
        raise BrightnessError(f"the images hold numbers of type {values.dtype}, which are no brightness")
    highest, lowest = -np.inf, np.inf
    for start in range(0, len(rows), 1024):
        block = values[rows[start : start + 1024]]
        if not np.isfinite(block).all():
            raise BrightnessError("the images hold NaN or infinite numbers, which are no brightness")
        highest, lowest = max(highest, float(block.max())), min(lowest, float(block.min()))
    if lowest < 0:
        raise BrightnessError(f"the images hold numbers from {lowest:g} to {highest:g}, which are no brightness")
    return highest


def as_bytes(values: NDArray[Any], white: float) -> NDArray[np.uint8]:
    """Return numbers as bytes, `white` as 255; what is beyond is cut off."""
    if values.dtype == np.uint8:
        return values
    scaled = np.nan_to_num(values.astype(np.float64)) * (WHITE / white)
    return np.rint(np.clip(scaled, 0, WHITE)).astype(np.uint8)


def _white_above(highest: float) -> float:
    return next((white for white in _WHITES if highest <= white), highest)
