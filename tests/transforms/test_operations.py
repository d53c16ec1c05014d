"""Every operation of the catalogue: values by hand or by Pillow, shapes and types kept, draws from the seed."""

import inspect
import random

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from archwright.transforms import geometry, pixels
from archwright.transforms.catalogue import COMBINATORS, OPERATIONS, Parameter
from archwright.transforms.operations import Operations


def noise(n: int = 3, channels: int = 3, side: int = 12) -> Tensor:
    return torch.randint(256, (n, channels, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def operations(seed: int = 0) -> Operations:
    return Operations(torch.Generator().manual_seed(seed))


def as_pil(image: Tensor) -> Image.Image:
    return Image.fromarray(image.permute(1, 2, 0).numpy())


def from_pil(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)


ONES = torch.ones(1)
AS_PILLOW = {
    "grayscale": (pixels.grayscale, lambda image: image.convert("L").convert("RGB")),
    "brightness": (
        lambda images: pixels.brightness(images, 0.7 * ONES),
        lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    ),
    "brighter": (
        lambda images: pixels.brightness(images, 1.6 * ONES),
        lambda image: ImageEnhance.Brightness(image).enhance(1.6),
    ),
    "contrast": (
        lambda images: pixels.contrast(images, 0.5 * ONES),
        lambda image: ImageEnhance.Contrast(image).enhance(0.5),
    ),
    "saturation": (
        lambda images: pixels.saturation(images, 1.5 * ONES),
        lambda image: ImageEnhance.Color(image).enhance(1.5),
    ),
    "sharpness": (
        lambda images: pixels.sharpness(images, 2.0 * ONES),
        lambda image: ImageEnhance.Sharpness(image).enhance(2.0),
    ),
    "smoother": (
        lambda images: pixels.sharpness(images, 0.25 * ONES),
        lambda image: ImageEnhance.Sharpness(image).enhance(0.25),
    ),
    "invert": (pixels.invert, ImageOps.invert),
    "posterize": (lambda images: pixels.posterize(images, 5), lambda image: ImageOps.posterize(image, 5)),
    "solarize": (lambda images: pixels.solarize(images, 100), lambda image: ImageOps.solarize(image, 100)),
    "autocontrast": (
        lambda images: pixels.autocontrast(images // 2 + 40),
        lambda image: ImageOps.autocontrast(image.point(lambda value: value // 2 + 40)),
    ),
    "equalize": (pixels.equalize, ImageOps.equalize),
    "horizontal flip": (lambda images: operations().horizontal_flip(images, p=1.0), ImageOps.mirror),
    "vertical flip": (lambda images: operations().vertical_flip(images, p=1.0), ImageOps.flip),
    "a quarter turn": (
        lambda images: operations().rotation(images, degrees=(90, 90)),
        lambda image: image.rotate(90),
    ),
    "a turn of 30 degrees": (
        lambda images: operations().rotation(images, degrees=(30, 30)),
        lambda image: image.rotate(30),
    ),
    "a shift": (
        lambda images: operations().affine(images, shift=(0.25, -0.25)),
        lambda image: image.transform(image.size, Image.Transform.AFFINE, (1, 0, -8, 0, 1, 8)),
    ),
}


@pytest.mark.parametrize("name", AS_PILLOW)
def test_it_computes_what_pillow_computes(name: str) -> None:
    ours, pillows = AS_PILLOW[name]
    image = noise(1, side=32)
    assert torch.equal(ours(image)[0], from_pil(pillows(as_pil(image[0]))))


def test_a_hue_turned_by_a_third_makes_red_green() -> None:
    red = torch.tensor([200, 0, 0], dtype=torch.uint8).view(1, 3, 1, 1)
    assert pixels.hue(red, torch.tensor([1 / 3])).flatten().tolist() == [0, 200, 0]
    images = noise()
    assert torch.equal(pixels.hue(images, torch.zeros(3)), images)


def test_a_blur_spreads_a_point_by_the_gaussian_and_leaves_a_plain_image() -> None:
    point = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
    point[0, 0, 2, 2] = 255
    blurred = pixels.gaussian_blur(point, 3, torch.tensor([1.0]))
    weights = np.exp(-0.5 * np.array([1.0, 0.0, 1.0]))
    weights /= weights.sum()
    assert blurred[0, 0, 1:4, 1:4].tolist() == np.round(255 * np.outer(weights, weights)).tolist()
    plain = torch.full((1, 3, 6, 6), 77, dtype=torch.uint8)
    assert torch.equal(pixels.gaussian_blur(plain, 5, torch.tensor([2.0])), plain)


def test_a_crop_of_the_whole_image_in_a_frame_is_a_shift() -> None:
    image = noise(1, 1, 8)
    moved = operations(4).random_crop(image, size=1.0, padding=0.25)
    framed = torch.nn.functional.pad(image, (2, 2, 2, 2))
    shifts = [framed[:, :, y : y + 8, x : x + 8] for y in range(5) for x in range(5)]
    assert any(torch.equal(moved, shift) for shift in shifts)


def test_the_middle_of_an_image_is_enlarged() -> None:
    image = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    image[:, :, 2:6, 2:6] = 200
    assert operations().center_crop(image, size=0.5).eq(200).all()


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("constant", [9, 9, 1, 2, 3, 9, 9]),
        ("edge", [1, 1, 1, 2, 3, 3, 3]),
        ("reflect", [3, 2, 1, 2, 3, 2, 1]),
        ("symmetric", [2, 1, 1, 2, 3, 3, 2]),
    ],
)
def test_a_frame_repeats_the_edge_as_its_mode_says(mode: str, row: list[int]) -> None:
    image = torch.tensor([1, 2, 3], dtype=torch.uint8).repeat(1, 1, 3, 1)
    assert geometry.framed(image, 2, mode, (9, 9, 9))[0, 0, 2].tolist() == row


def test_a_perspective_takes_corners_to_corners() -> None:
    seen = torch.tensor([[[-3.0, -4.0], [4.0, -2.0], [3.0, 3.0], [-4.0, 4.0]]])
    maps = geometry.perspective_maps(seen, 8, 8)
    read = maps[0] @ torch.cat((seen[0], torch.ones(4, 1)), 1).T
    own = torch.tensor([[-4.0, 4.0, 4.0, -4.0], [-4.0, -4.0, 4.0, 4.0]])
    assert torch.allclose(read[:2] / read[2], own, atol=1e-4)
    straight = torch.tensor([[[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]]])
    image = noise(1, side=8)
    assert torch.equal(geometry.warp(image, geometry.perspective_maps(straight, 8, 8), is_smooth=True), image)


def test_a_shear_moves_rows_by_the_tangent() -> None:
    image = torch.zeros(1, 1, 9, 9, dtype=torch.uint8)
    image[:, :, :, 4] = 255
    sheared = operations().affine(image, shear=(45.0, 45.0))
    assert [int(row.argmax()) for row in sheared[0, 0]] == [8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_there_are_the_19_operations_and_each_has_its_method() -> None:
    assert len(OPERATIONS) == 19
    methods = {name for name in vars(Operations) if not name.startswith("_")}
    assert methods == {*OPERATIONS, *COMBINATORS}
    for name, operation in OPERATIONS.items():
        arguments = inspect.signature(getattr(Operations, name)).parameters
        named = {each.name: each for each in arguments.values() if each.kind is inspect.Parameter.KEYWORD_ONLY}
        assert named.keys() == operation.parameters.keys()
        for parameter, each in operation.parameters.items():
            assert each.is_required is (named[parameter].default is inspect.Parameter.empty)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_keeps_shape_and_type_and_follows_its_seed(name: str, channels: int) -> None:
    from archwright.transforms.writing import drawn_values

    images = noise(5, channels, 8)
    for seed in range(3):
        values = drawn_values(OPERATIONS[name], random.Random(seed))
        changed, again = (getattr(operations(seed), name)(images.clone(), **values) for _ in range(2))
        assert (changed.shape, changed.dtype) == (images.shape, torch.uint8)
        assert torch.equal(changed, again)


def test_each_image_goes_to_one_of_the_functions() -> None:
    images = torch.zeros(200, 1, 2, 2, dtype=torch.uint8)
    mixed = operations().one_of(images, [lambda some: some + 1, lambda some: some + 2])
    values = mixed[:, 0, 0, 0]
    assert set(values.tolist()) == {1, 2}
    assert 70 < int((values == 1).sum()) < 130


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda op: op.rotation(noise(), degrees=400), r"op.rotation: degrees=400 must be a number or \(low, high\)"),
        (lambda op: op.resized_crop(noise(), scale=(0.9, 0.5), ratio=(1, 1)), "the smaller first"),
        (lambda op: op.posterize(noise(), bits=4.5), "must be a whole number from 1 to 8"),
        (lambda op: op.gaussian_blur(noise(), kernel=4, sigma=(1, 1)), "must be one of 3, 5"),
        (lambda op: op.invert(noise(), p=float("nan")), "must be a number from 0 to 1"),
        (lambda op: op.affine(noise(), translate=(0.1,)), "must be 2 numbers in brackets from 0 to 1"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call(operations())


def test_images_that_are_no_uint8_batch_are_refused() -> None:
    with pytest.raises(TypeError, match=r"op.invert takes a uint8 batch \(N, C, H, W\), not torch.float32"):
        operations().invert(noise().float())


def test_corners_in_one_place_leave_an_image_as_it_is() -> None:
    corners = torch.tensor([[[0.0, 0.0]] * 4, [[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]]])
    assert torch.equal(geometry.perspective_maps(corners, 8, 8), torch.eye(3).expand(2, 3, 3))
    for seed in range(50):
        assert operations(seed).perspective(noise(64, 1, 8), distortion=1.0).shape == (64, 1, 8, 8)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_empty_batch_stays_empty(name: str) -> None:
    parameters = OPERATIONS[name].parameters.items()
    given = {each: value_of(parameter) for each, parameter in parameters if parameter.is_required}
    assert getattr(operations(), name)(noise(0, 3, 8), **given).shape == (0, 3, 8, 8)


def value_of(parameter: Parameter) -> object:
    low, high = parameter.allowed
    if parameter.kind == "word":
        return parameter.words[0]
    return (low, high) if parameter.kind == "range" else high
