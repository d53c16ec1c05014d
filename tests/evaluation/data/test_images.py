import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from archwright.errors import DataError
from archwright.evaluation.data.images import ImageRemarks, find_corrupt, write_images
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
    images: NDArray[Any] | EncodedImages, rows: Sequence[int], side: int = 0
) -> tuple[NDArray[np.uint8], ImageRemarks]:
    arrays: list[NDArray[np.uint8]] = []

    def allocate(shape: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        arrays.append(np.zeros(shape, np.uint8))
        return arrays[-1]

    about = write_images(images, np.array(rows, dtype=np.int64), side, allocate)
    return arrays[-1], about


def test_images_land_in_the_order_asked_for(pictures: Callable[..., tuple[NDArray[np.uint8], object]]) -> None:
    images, _ = pictures(5)
    files = [as_file(Image.fromarray(image.transpose(1, 2, 0))) for image in images]
    for source in (images, encoded(files)):
        result, _ = written(source, [4, 0, 2])
        assert (result == images[[4, 0, 2]]).all()


def test_images_nobody_asked_for_are_not_decoded() -> None:
    result, about = written(encoded([b"rubbish", as_file(Image.new("RGB", (4, 4), "red")), b"rubbish"]), [1])
    assert result.shape == (1, 3, 4, 4)
    assert about.encoding == "PNG"


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


def test_a_photograph_beyond_the_limit_is_made_smaller_while_it_is_decoded() -> None:
    photograph = as_file(Image.new("RGB", (6000, 300), "red"), "JPEG")
    result, _ = written(encoded([photograph] * 2), [0, 1])
    assert result.shape == (2, 3, 205, 4096)
    result, _ = written(encoded([photograph] * 2), [0, 1], side=16)
    assert result[1, :, 8, 8].tolist() == pytest.approx([254, 0, 0], abs=2)


def test_all_images_that_cannot_be_decoded_are_named_at_once_without_memory_addresses() -> None:
    good = as_file(Image.new("RGB", (8, 8), "red"))
    with pytest.raises(DataError) as caught:
        written(encoded([b"no", good, b"", good, good[:-30]]), [0, 1, 2, 3, 4])
    assert caught.value.what.startswith("3 of 5 images cannot be decoded: image 0 (its contents are no image), image 2")
    assert "image 4" in caught.value.what
    assert "0x" not in caught.value.what
    assert "data.skip_corrupt=true" in caught.value.remedy


@pytest.mark.parametrize(
    ("highest", "white"), [(255, 255), (1000, 1023), (4095, 4095), (16_000, 16_383), (65_535, 65_535)]
)
def test_grey_of_16_bits_is_scaled_by_the_bits_that_are_used(highest: int, white: int) -> None:
    ramp = np.linspace(0, highest, 64).astype(np.uint16).reshape(8, 8)
    dark = Image.fromarray((ramp // 2).astype(np.uint16))
    result, _ = written(encoded([as_file(dark), as_file(Image.fromarray(ramp))]), [0, 1])
    assert np.abs(result[1, 0] - ramp * 255.0 / white).max() <= 0.5
    assert result[0].max() == pytest.approx(result[1].max() / 2, abs=1)


def test_grey_of_16_bits_among_images_of_8_is_scaled_and_not_cut_off() -> None:
    ramp = np.linspace(0, 65_535, 64).astype(np.uint16).reshape(8, 8)
    result, _ = written(encoded([as_file(Image.new("L", (8, 8), 100)), as_file(Image.fromarray(ramp), "TIFF")]), [0, 1])
    assert result[0].max() == 100
    assert (result[1, 0] == np.rint(ramp / 257)).all()


def test_numbers_from_0_to_1_become_bytes_and_negative_ones_are_refused() -> None:
    values = np.linspace(0, 1, 32, dtype=np.float32).reshape(2, 1, 4, 4)
    result, _ = written(values, [0, 1])
    assert (result == np.rint(values * 255)).all()
    with pytest.raises(DataError, match="from -1 to 0, which are no brightness — store them as 0 to 255"):
        written(values - 1, [0, 1])


def test_a_picture_in_the_transparency_alone_is_counted() -> None:
    hidden = Image.new("RGBA", (8, 8), "black")
    hidden.putalpha(Image.linear_gradient("L").resize((8, 8)))
    seen = Image.merge("RGBA", [Image.linear_gradient("L").resize((8, 8))] * 4)
    assert written(encoded([as_file(hidden), as_file(seen)]), [0, 1])[1].alpha_only == 1


def test_fewer_images_than_labels_is_an_error() -> None:
    files = EncodedImages(3, encoded([as_file(Image.new("L", (4, 4)))]).read)
    with pytest.raises(DataError, match="1 of 3 images"):
        written(files, [0, 1, 2])


def tiff_with_offsets_as(kind: int) -> bytes:
    """Return a TIFF whose header says that the places of its pixels are numbers of another `kind`."""
    data = bytearray(as_file(Image.new("RGB", (4, 4), "red"), "TIFF"))
    (directory,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, directory)
    (at,) = (at for at in range(directory + 2, directory + 2 + 12 * entries, 12) if data[at : at + 2] == b"\x11\x01")
    struct.pack_into("<H", data, at + 2, kind)
    return bytes(data)


@pytest.mark.parametrize("kind", [2, 5, 7, 12])  # text, fraction, bytes, float
def test_a_header_that_a_decoder_trips_over_is_that_of_a_damaged_image(kind: int) -> None:
    files = encoded([as_file(Image.new("RGB", (4, 4), "red")), tiff_with_offsets_as(kind)])
    assert list(find_corrupt(files)) == [1]
    with pytest.raises(DataError, match="image 1 is not an image we can decode .it is damaged: TypeError, "):
        written(files, [0, 1])


def test_damage_in_a_later_frame_leaves_the_first_as_it_is() -> None:
    frames, stream = [Image.effect_noise((8, 8), spread).convert("P") for spread in (20, 90)], io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    whole = stream.getvalue()
    second = whole.rindex(b",\x00\x00\x00\x00")
    for end in range(second, second + 10):
        files = encoded([whole[:end], whole])
        assert find_corrupt(files) == {}
        result, about = written(files, [0, 1])
        assert (result[0] == result[1]).all(), end
        assert "image 1" in about.animated


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_tag_says(orientation: int) -> None:
    image, tags, stream = Image.effect_noise((6, 4), 90), Image.Exif(), io.BytesIO()
    tags[0x0112] = orientation
    image.save(stream, "PNG", exif=tags)
    with Image.open(stream) as stored:
        wanted = np.asarray(ImageOps.exif_transpose(stored))
    assert (written(encoded([stream.getvalue()]), [0])[0][0, 0] == wanted).all()


def test_a_picture_is_turned_though_another_tag_is_damaged() -> None:
    image, tags, stream = Image.effect_noise((6, 4), 90), Image.Exif(), io.BytesIO()
    tags[0x0112], tags[0x011A] = 6, 72.0
    image.save(stream, "PNG", exif=tags)
    whole = stream.getvalue()
    start, kind = whole.index(b"eXIf"), struct.Struct(">HH")
    chunk = whole[start : start + 4 + len(tags.tobytes().removeprefix(b"Exif\0\0"))]
    damaged = chunk.replace(kind.pack(0x011A, 5), kind.pack(0x011A, 7))  # bytes instead of a fraction
    assert damaged != chunk
    data = whole.replace(chunk + zlib.crc32(chunk).to_bytes(4), damaged + zlib.crc32(damaged).to_bytes(4))
    result, _ = written(encoded([whole, data]), [0, 1])
    assert (result[0] == result[1]).all()
