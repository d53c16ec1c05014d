import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from archwright.errors import DataError
from archwright.evaluation.data.images import write_images
from archwright.evaluation.data.sources import EncodedImages


def as_file(image: Image.Image, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()


def encoded(files: Sequence[bytes]) -> EncodedImages:
    def read() -> Iterator[tuple[int, str, bytes]]:
        return ((row, f"image {row}", data) for row, data in enumerate(files))

    return EncodedImages(len(files), read)


def written(
    images: NDArray[np.uint8] | EncodedImages, rows: Sequence[int], side: int = 0
) -> tuple[NDArray[np.uint8], str]:
    arrays: list[NDArray[np.uint8]] = []

    def allocate(shape: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        arrays.append(np.zeros(shape, np.uint8))
        return arrays[-1]

    encoding = write_images(images, np.array(rows, dtype=np.int64), side, allocate)
    return arrays[-1], encoding


def test_images_land_in_the_order_asked_for(pictures: Callable[..., tuple[NDArray[np.uint8], object]]) -> None:
    images, _ = pictures(5)
    files = [as_file(Image.fromarray(image.transpose(1, 2, 0))) for image in images]
    for source in (images, encoded(files)):
        result, _ = written(source, [4, 0, 2])
        assert (result == images[[4, 0, 2]]).all()


def test_images_nobody_asked_for_are_not_decoded() -> None:
    result, encoding = written(encoded([b"rubbish", as_file(Image.new("RGB", (4, 4), "red")), b"rubbish"]), [1])
    assert result.shape == (1, 3, 4, 4)
    assert encoding == "PNG"


def test_grey_images_have_one_channel_whatever_their_mode() -> None:
    grey = Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4) * 16)
    palette = grey.convert("P")
    result, _ = written(encoded([as_file(grey), as_file(grey.convert("LA")), as_file(palette)]), range(3))
    assert result.shape == (3, 1, 4, 4)
    assert (result[0] == result[1]).all()
    assert (result[0] == result[2]).all()


def test_one_colour_image_makes_all_of_them_colour() -> None:
    files = [as_file(Image.new("L", (4, 4), 7)), as_file(Image.new("RGB", (4, 4), "red"))]
    result, _ = written(encoded(files), [0, 1])
    assert result.shape == (2, 3, 4, 4)
    assert (result[0] == 7).all()
    assert result[1, :, 0, 0].tolist() == [255, 0, 0]


def test_images_of_several_sizes_become_the_most_common_one() -> None:
    files = [as_file(Image.new("RGB", size, "red")) for size in ((6, 6), (4, 5), (4, 5), (9, 2))]
    assert written(encoded(files), range(4))[0].shape == (4, 3, 5, 4)


@pytest.mark.parametrize("is_encoded", [True, False])
def test_a_side_resizes_with_antialiased_bilinear_interpolation(
    is_encoded: bool, pictures: Callable[..., tuple[NDArray[np.uint8], object]]
) -> None:
    images, _ = pictures(3, shape=(3, 12, 12))
    wanted = [Image.fromarray(image.transpose(1, 2, 0)).resize((5, 5), Image.Resampling.BILINEAR) for image in images]
    files = encoded([as_file(Image.fromarray(image.transpose(1, 2, 0))) for image in images])
    result, _ = written(files if is_encoded else images, range(3), side=5)
    assert (result == np.stack([np.asarray(image).transpose(2, 0, 1) for image in wanted])).all()


def test_the_name_of_an_image_that_cannot_be_decoded_is_told() -> None:
    good = as_file(Image.new("RGB", (32, 32), "red"), "JPEG")
    for bad in (b"", b"not an image", good[: len(good) // 2]):
        with pytest.raises(DataError, match="image 1 is not an image we can decode"):
            written(encoded([good, bad]), [0, 1])


def test_a_gigantic_image_is_refused_by_its_header() -> None:
    with pytest.raises(DataError, match="the limit is 4096 pixels a side"):
        written(encoded([as_file(Image.new("1", (5000, 1)))]), [0])


def test_fewer_images_than_labels_is_an_error() -> None:
    files = EncodedImages(3, encoded([as_file(Image.new("L", (4, 4)))]).read)
    with pytest.raises(DataError, match="1 of 3 images"):
        written(files, [0, 1, 2])
