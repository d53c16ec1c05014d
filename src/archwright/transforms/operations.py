"""What an augmentation is given as `op`: the operations of the catalogue on uint8 batches (N, C, H, W).

Every operation returns a new batch of the same shape. What is random is drawn for every image by itself, from a
generator of ours, so that the same seed gives the same images whatever a program draws besides.
"""

from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from torch import Tensor

from archwright.transforms import geometry, pixels
from archwright.transforms.catalogue import OPERATIONS

NumberOrSpread = float | tuple[float, float]
TensorChange = Callable[[Tensor], Tensor]


@final
class Operations:
    """The operations; parameters are given by name. Raises ValueError for a value that the catalogue does not allow."""

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator

    def center_crop(self, images: Tensor, *, size: float) -> Tensor:
        """Return the middle of each image, a square of `size` of its side, enlarged."""
        _check("center_crop", images, size=size)
        height, width = images.shape[2:]
        rows, columns = max(1, round(size * height)), max(1, round(size * width))
        top, left = round((height - rows) / 2), round((width - columns) / 2)
        return self._parts(images, *(torch.full((len(images),), v) for v in (top, left, rows, columns)))

    def pad(
        self, images: Tensor, *, padding: float, fill: tuple[float, ...] = (0, 0, 0), mode: str = "constant"
    ) -> Tensor:
        """Return each image in a frame of `padding` of its side, shrunk to its size."""
        _check("pad", images, padding=padding, fill=fill, mode=mode)
        height, width = images.shape[2:]
        frame = min(round(padding * max(height, width)), min(height, width) - 1)
        return geometry.shrunk(geometry.framed(images, frame, mode, fill), height, width) if frame else images.clone()

    def random_crop(self, images: Tensor, *, size: float, padding: float = 0.0) -> Tensor:
        """Return a square of `size` of the side of each image, anywhere in it and in a black frame of `padding`."""
        _check("random_crop", images, size=size, padding=padding)
        height, width = images.shape[2:]
        frame = round(padding * max(height, width))
        rows, columns = max(1, round(size * height)), max(1, round(size * width))
        top = self._whole(images, height + 2 * frame - rows + 1) - frame
        left = self._whole(images, width + 2 * frame - columns + 1) - frame
        sizes = torch.full_like(top, rows), torch.full_like(left, columns)
        return self._parts(images, top, left, *sizes)

    def horizontal_flip(self, images: Tensor, *, p: float = 0.5) -> Tensor:
        """Return the images, left and right swapped with probability `p`."""
        _check("horizontal_flip", images, p=p)
        return self._perhaps(images, images.flip(3), p)

    def vertical_flip(self, images: Tensor, *, p: float = 0.5) -> Tensor:
        """Return the images, top and bottom swapped with probability `p`."""
        _check("vertical_flip", images, p=p)
        return self._perhaps(images, images.flip(2), p)

    def resized_crop(self, images: Tensor, *, scale: tuple[float, float], ratio: tuple[float, float]) -> Tensor:
        """Return a part of each image of a random share `scale` of the area and a random `ratio` of its sides."""
        _check("resized_crop", images, scale=scale, ratio=ratio)
        height, width = images.shape[2:]
        n, tries = len(images), 10  # as torchvision: the first of ten that fits, else the middle
        area = height * width * self._drawn(images, scale, tries * n).view(n, tries)
        logs = torch.log(torch.tensor(ratio, dtype=torch.float32))
        shape = torch.exp(self._drawn(images, (float(logs[0]), float(logs[1])), tries * n).view(n, tries))
        columns, rows = (area * shape).sqrt().round().clamp(min=1), (area / shape).sqrt().round().clamp(min=1)
        fits = (columns <= width) & (rows <= height)
        first = fits.int().argmax(1, keepdim=True)
        rows, columns = rows.gather(1, first)[:, 0], columns.gather(1, first)[:, 0]
        own = width / height
        middle = (
            min(height, round(width / max(ratio[0], own))),
            min(width, round(height * min(ratio[1], max(ratio[0], own)))),
        )
        is_found = fits.any(1)
        rows = torch.where(is_found, rows, torch.full_like(rows, middle[0]))
        columns = torch.where(is_found, columns, torch.full_like(columns, middle[1]))
        top, left = (
            (torch.rand(n, **self._at(images)) * (side + 1)).floor() for side in (height - rows, width - columns)
        )
        top = torch.where(is_found, top, ((height - rows) / 2).floor())
        left = torch.where(is_found, left, ((width - columns) / 2).floor())
        return self._parts(images, top, left, rows, columns)

    def color_jitter(
        self,
        images: Tensor,
        *,
        brightness: NumberOrSpread = 0.0,
        contrast: NumberOrSpread = 0.0,
        saturation: NumberOrSpread = 0.0,
        hue: NumberOrSpread = 0.0,
    ) -> Tensor:
        """Return the images with all four changed, in an order drawn for the batch."""
        _check("color_jitter", images, brightness=brightness, contrast=contrast, saturation=saturation, hue=hue)
        changes: list[tuple[Callable[[Tensor, Tensor], Tensor], NumberOrSpread, float]] = [
            (pixels.brightness, brightness, 1.0),
            (pixels.contrast, contrast, 1.0),
            (pixels.saturation, saturation, 1.0),
            (pixels.hue, hue, 0.0),
        ]
        order = torch.randperm(4, generator=self._generator, device=self._generator.device).tolist()
        for change, spread, neutral in (changes[number] for number in order):
            if spread not in (0, (neutral, neutral)):
                images = change(images, self._spread(images, spread, neutral))
        return images

    def rotation(self, images: Tensor, *, degrees: NumberOrSpread) -> Tensor:
        """Return the images turned counter-clockwise by an angle in -degrees..degrees or the range given."""
        _check("rotation", images, degrees=degrees)
        none = torch.zeros(len(images), 2, device=images.device)
        turn = -self._spread(images, degrees, 0.0)
        return geometry.warp(images, geometry.affine_maps(turn, none, none[:, 0] + 1, none), is_smooth=False)

    def affine(
        self,
        images: Tensor,
        *,
        degrees: NumberOrSpread = 0.0,
        translate: tuple[float, float] = (0.0, 0.0),
        scale: tuple[float, float] = (1.0, 1.0),
        shear: tuple[float, float] = (0.0, 0.0),
        shear_y: tuple[float, float] = (0.0, 0.0),
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> Tensor:
        """Return the images turned clockwise, sheared, scaled, moved by up to `translate` (x, y) and by `shift`."""
        values = {"degrees": degrees, "translate": translate, "scale": scale, "shear": shear}
        _check("affine", images, **values, shear_y=shear_y, shift=shift)
        height, width = images.shape[2:]
        sides = torch.tensor([width, height], device=images.device)
        most = sides * torch.tensor(translate, device=images.device)
        drawn = torch.stack([self._drawn(images, (-1.0, 1.0)) for _ in range(2)], 1)
        move = (drawn * most + sides * torch.tensor(shift, device=images.device)).round()
        both = torch.stack((self._drawn(images, shear), self._drawn(images, shear_y)), 1)
        maps = geometry.affine_maps(self._spread(images, degrees, 0.0), move, self._drawn(images, scale), both)
        return geometry.warp(images, maps, is_smooth=False)

    def grayscale(self, images: Tensor) -> Tensor:
        """Return the images in grey."""
        _check("grayscale", images)
        return pixels.grayscale(images)

    def random_grayscale(self, images: Tensor, *, p: float = 0.1) -> Tensor:
        """Return the images, in grey with probability `p`."""
        _check("random_grayscale", images, p=p)
        return self._perhaps(images, pixels.grayscale(images), p)

    def perspective(self, images: Tensor, *, distortion: float, p: float = 0.5) -> Tensor:
        """Return the images, corners moved inwards by up to half of `distortion` of a side, with probability `p`."""
        _check("perspective", images, distortion=distortion, p=p)
        height, width = images.shape[2:]
        reach = torch.tensor([int(distortion * width / 2), int(distortion * height / 2)], device=images.device)
        inwards = (torch.rand(len(images), 4, 2, **self._at(images)) * (reach + 1)).floor()
        signs = torch.tensor([[1, 1], [-1, 1], [-1, -1], [1, -1]], device=images.device)
        corners = -signs * torch.tensor([width / 2, height / 2], device=images.device) + signs * inwards
        maps = geometry.perspective_maps(corners, height, width)
        return self._perhaps(images, geometry.warp(images, maps, is_smooth=True), p)

    def gaussian_blur(self, images: Tensor, *, kernel: int, sigma: tuple[float, float]) -> Tensor:
        """Return the images blurred by a Gaussian of a random `sigma`, `kernel` pixels wide."""
        _check("gaussian_blur", images, kernel=kernel, sigma=sigma)
        return pixels.gaussian_blur(images, kernel, self._drawn(images, sigma))

    def invert(self, images: Tensor, *, p: float = 0.5) -> Tensor:
        """Return the images, as negatives with probability `p`."""
        _check("invert", images, p=p)
        return self._perhaps(images, pixels.invert(images), p)

    def posterize(self, images: Tensor, *, bits: int, p: float = 0.5) -> Tensor:
        """Return the images, with only the highest `bits` of every value with probability `p`."""
        _check("posterize", images, bits=bits, p=p)
        return self._perhaps(images, pixels.posterize(images, int(bits)), p)

    def solarize(self, images: Tensor, *, threshold: int, p: float = 0.5) -> Tensor:
        """Return the images, with values from `threshold` on inverted with probability `p`."""
        _check("solarize", images, threshold=threshold, p=p)
        return self._perhaps(images, pixels.solarize(images, int(threshold)), p)

    def sharpness(self, images: Tensor, *, factor: NumberOrSpread, p: float = 0.5) -> Tensor:
        """Return the images, sharpened (factor above 1) or smoothed with probability `p`."""
        _check("sharpness", images, factor=factor, p=p)
        pair = factor if isinstance(factor, tuple | list) else (factor, factor)
        return self._perhaps(images, pixels.sharpness(images, self._drawn(images, pair)), p)

    def autocontrast(self, images: Tensor, *, p: float = 0.5) -> Tensor:
        """Return the images, each channel stretched to the whole range with probability `p`."""
        _check("autocontrast", images, p=p)
        return self._perhaps(images, pixels.autocontrast(images), p)

    def equalize(self, images: Tensor, *, p: float = 0.5) -> Tensor:
        """Return the images, all values about equally frequent with probability `p`."""
        _check("equalize", images, p=p)
        return self._perhaps(images, pixels.equalize(images), p)

    def one_of(self, images: Tensor, changes: Sequence[TensorChange]) -> Tensor:
        """Return the images, each changed by one of `changes`, all equally likely."""
        _check(None, images)
        if not changes:
            raise ValueError("op.one_of needs a list of functions of images; give at least one")
        chosen = self._whole(images, len(changes))
        result = images.clone()
        for number, change in enumerate(changes):
            rows = (chosen == number).nonzero()[:, 0]
            if len(rows):
                result[rows] = change(images[rows])
        return result

    def _parts(self, images: Tensor, top: Tensor, left: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        top, left, rows, columns = (part.to(images.device).float() for part in (top, left, rows, columns))
        maps = geometry.part_maps(top, left, rows, columns, *images.shape[2:])
        return geometry.warp(images, maps, is_smooth=True, is_part=True)

    def _perhaps(self, images: Tensor, changed: Tensor, p: float) -> Tensor:
        is_changed = torch.rand(len(images), **self._at(images)) < p
        return torch.where(is_changed.view(-1, 1, 1, 1), changed, images)

    def _spread(self, images: Tensor, spread: NumberOrSpread, neutral: float) -> Tensor:
        if isinstance(spread, tuple | list):
            return self._drawn(images, spread)
        low = neutral - spread
        return self._drawn(images, (max(0.0, low) if neutral else low, neutral + spread))

    def _drawn(self, images: Tensor, between: Sequence[float], n: int | None = None) -> Tensor:
        """Return a number for each image, uniform between two."""
        low, high = between
        return low + (high - low) * torch.rand(len(images) if n is None else n, **self._at(images))

    def _whole(self, images: Tensor, below: int) -> Tensor:
        return torch.randint(below, (len(images),), **self._at(images))

    def _at(self, images: Tensor) -> dict[str, Any]:
        return {"generator": self._generator, "device": images.device}


def _check(name: str | None, images: object, **values: object) -> None:
    """Raise ValueError or TypeError for anything that an operation does not take."""
    called = f"op.{name or 'one_of'}"
    if not isinstance(images, torch.Tensor) or images.dtype != torch.uint8 or images.ndim != 4:
        what = f"{images.dtype} {tuple(images.shape)}" if isinstance(images, torch.Tensor) else type(images).__name__
        raise TypeError(f"{called} takes a uint8 batch (N, C, H, W), not {what}")
    for parameter, value in values.items():
        if problem := OPERATIONS[str(name)].parameters[parameter].problem(value):
            raise ValueError(f"{called}: {parameter}={value!r} {problem}")
