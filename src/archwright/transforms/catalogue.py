"""The 19 operations of the published search with their ranges, and what a program may say besides.

"Transforms" (arXiv 2601.03808) draws 1 to 3 of them in order. `drawn` is what that search draws; `allowed` is what
runs here. Sizes are shares of the image's side (the published ones are pixels of 32), so that one program fits every
data set.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = float | str | tuple[float, ...]
"""Of a parameter, as it stands in a program."""
Range = tuple[float, float]
ParameterKind = Literal["number", "whole", "range", "spread", "numbers", "word"]
"""`range`: (low, high). `spread`: that, or a number b for b around what changes nothing. `numbers`: one per axis."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    kind: ParameterKind
    allowed: Range = (0.0, 0.0)
    """Smallest and largest number in a value."""
    drawn: tuple[Range, ...] = ()
    """What each number of a value is drawn from; empty where the published search leaves the default."""
    words: tuple[str | int, ...] = ()
    """The values of a `word`."""
    count: int = 2
    """How many `numbers`."""
    is_required: bool = False

    def problem(self, value: object) -> str | None:
        """Return what a value must be when `value` is not that; None for one that runs."""
        if self.kind == "word":
            return None if value in self.words else f"must be one of {', '.join(map(repr, self.words))}"
        is_one = not isinstance(value, tuple | list)
        numbers = tuple(value) if isinstance(value, tuple | list) else (value,)
        fits = {"number": is_one, "whole": is_one, "spread": is_one or len(numbers) == 2}.get(
            self.kind, not is_one and len(numbers) == self.count
        )
        low, high = self.allowed
        if not fits or not all(low <= number <= high for number in numbers if _is_number(number)):
            return f"must be {self._form}"
        if not all(map(_is_number, numbers)) or (self.kind == "whole" and numbers[0] != int(numbers[0])):
            return f"must be {self._form}"
        is_range = self.kind in ("range", "spread") and len(numbers) == 2
        return f"must be {self._form}, the smaller first" if is_range and numbers[0] > numbers[1] else None

    @property
    def _form(self) -> str:
        low, high = self.allowed
        form = {"number": "a number", "whole": "a whole number", "range": "(low, high)"}
        form |= {"spread": "a number or (low, high)", "numbers": f"{self.count} numbers in brackets"}
        return f"{form[self.kind]} from {low:g} to {high:g}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a batch of images."""

    name: str
    published: str
    """What the published search calls it."""
    words: str
    """What it does, for a prompt."""
    parameters: Mapping[str, Parameter]


def _chance() -> Parameter:
    return Parameter("number", (0.0, 1.0), ((0.1, 0.9),))


_JITTER = Parameter("spread", (0.0, 10.0), ((0.8, 1.2),))

_SIZE = Parameter("number", (0.1, 1.0), ((0.75, 1.0),), is_required=True)
_ALL = (
    Operation("center_crop", "CenterCrop", "the middle, enlarged", {"size": _SIZE}),
    Operation(
        "pad",
        "Pad",
        "a frame around the image, then shrunk",
        {
            "padding": Parameter("number", (0.0, 0.5), ((0.0, 0.16),), is_required=True),
            "fill": Parameter("numbers", (0, 255), ((0, 255),) * 3, count=3),
            "mode": Parameter("word", words=("constant", "edge", "reflect", "symmetric")),
        },
    ),
    Operation(
        "random_crop",
        "RandomCrop",
        "a part at random, enlarged; padding adds a black frame first",
        {"size": _SIZE, "padding": Parameter("number", (0.0, 0.5))},
    ),
    Operation("horizontal_flip", "RandomHorizontalFlip", "left and right swapped", {"p": _chance()}),
    Operation("vertical_flip", "RandomVerticalFlip", "top and bottom swapped", {"p": _chance()}),
    Operation(
        "resized_crop",
        "RandomResizedCrop",
        "a part of random area and shape, stretched",
        {
            "scale": Parameter("range", (0.05, 1.0), ((0.5, 0.8), (0.8, 1.0)), is_required=True),
            "ratio": Parameter("range", (0.2, 5.0), ((0.75, 1.33), (1.33, 3.0)), is_required=True),
        },
    ),
    Operation(
        "color_jitter",
        "ColorJitter",
        "brightness, contrast, saturation and hue at random",
        {
            "brightness": _JITTER,
            "contrast": _JITTER,
            "saturation": _JITTER,
            "hue": Parameter("spread", (-0.5, 0.5), ((0.0, 0.1),)),
        },
    ),
    Operation(
        "rotation",
        "RandomRotation",
        "turned by up to so many degrees",
        {"degrees": Parameter("spread", (-180, 180), ((0, 30),), is_required=True)},
    ),
    Operation(
        "affine",
        "RandomAffine",
        "turned, moved, scaled and sheared",
        {
            "degrees": Parameter("spread", (-180, 180), ((0, 30),)),
            "translate": Parameter("numbers", (0.0, 1.0), ((0.0, 0.2), (0.0, 0.2))),
            "scale": Parameter("range", (0.1, 10.0), ((0.8, 1.2), (1.2, 2.0))),
            "shear": Parameter("range", (-60, 60), ((0, 5), (5, 10))),
            "shear_y": Parameter("range", (-60, 60)),
            "shift": Parameter("numbers", (-1.0, 1.0)),
        },
    ),
    Operation("grayscale", "Grayscale", "all images grey", {}),
    Operation("random_grayscale", "RandomGrayscale", "some images grey", {"p": _chance()}),
    Operation(
        "perspective",
        "RandomPerspective",
        "seen from the side",
        {"distortion": Parameter("number", (0.0, 1.0), ((0.1, 0.3),), is_required=True), "p": _chance()},
    ),
    Operation(
        "gaussian_blur",
        "GaussianBlur",
        "blurred",
        {
            "kernel": Parameter("word", words=(3, 5), is_required=True),
            "sigma": Parameter("range", (0.01, 10.0), ((0.1, 1.0), (1.0, 2.0)), is_required=True),
        },
    ),
    Operation("invert", "RandomInvert", "the negative", {"p": _chance()}),
    Operation(
        "posterize",
        "RandomPosterize",
        "fewer bits per value",
        {"bits": Parameter("whole", (1, 8), ((4, 8),), is_required=True), "p": _chance()},
    ),
    Operation(
        "solarize",
        "RandomSolarize",
        "values from a threshold on inverted",
        {"threshold": Parameter("whole", (0, 256), ((0, 255),), is_required=True), "p": _chance()},
    ),
    Operation(
        "sharpness",
        "RandomAdjustSharpness",
        "sharper above 1, smoother below",
        {"factor": Parameter("spread", (0.0, 10.0), ((0.5, 2.0),), is_required=True), "p": _chance()},
    ),
    Operation("autocontrast", "RandomAutocontrast", "values stretched to the whole range", {"p": _chance()}),
    Operation("equalize", "RandomEqualize", "all values equally frequent", {"p": _chance()}),
)
OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _ALL}
"""By name, in the order of the published list."""
COMBINATORS = ("one_of",)
"""What `op` offers besides: each image goes to one of several functions at random."""
MOST_OPERATIONS = 3
"""A composition of the published search has 1 to this many."""
