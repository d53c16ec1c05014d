"""Builds data sets as people have them; `benchmarks/awkward_folders.py` records what comes of each."""

import csv
import io
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("cat", "dog", "owl")
SIDE = 12


def picture(seed: int, kind: int = 0, side: int = SIDE) -> Image.Image:
    """Return a colour image of noise, brighter for a higher class."""
    noise = np.random.default_rng(seed).integers(0, 100, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(noise + np.uint8(50 * (kind % 4)))


def save(image: Image.Image, path: Path) -> Path:
    """Save an image in the format of its name's ending, making the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def classes_in(folder: Path, each: int, suffix: str = ".png", names: Iterable[str] = CLASSES) -> Path:
    """Fill `folder` with class folders of `each` images."""
    for kind, name in enumerate(names):
        for number in range(each):
            seed = hash_of(f"{folder.name}{name}{number}")
            save(picture(seed, kind), folder / name / f"{number}{suffix}")
    return folder


def hash_of(text: str) -> int:
    """Return the same number for the same text in every process."""
    return int.from_bytes(text.encode()[-7:], "big")


def splits_in_other_words(root: Path) -> Path:
    classes_in(root / "seg_train" / "seg_train", 10)
    classes_in(root / "seg_test" / "seg_test", 4)
    save(picture(1), root / "seg_pred" / "seg_pred" / "1.png")
    return root


def wrapped_and_littered(root: Path) -> Path:
    pets = root / "pets-v2"
    classes_in(pets / "Train", 10)
    classes_in(pets / "Test", 4)
    save(picture(2), pets / "Train" / ".ipynb_checkpoints" / "0-checkpoint.png")
    for junk in (pets / "Train" / "cat" / "._0.png", root / "__MACOSX" / "._x.png", pets / ".DS_Store"):
        junk.parent.mkdir(parents=True, exist_ok=True)
        junk.write_bytes(b"\0\5\26\7")
    return root


def one_class(root: Path) -> Path:
    return classes_in(root, 10, names=("cat",))


def flat_with_csv(root: Path) -> Path:
    rows = []
    for number in range(30):
        save(picture(number, number % 3), root / "train" / f"{number:03}.png")
        rows.append((f"{number:03}", CLASSES[number % 3]))
    write_csv(root / "train.csv", ("id", "label"), rows)
    return root


def grey_of_16_bits(root: Path) -> Path:
    for kind, name in enumerate(CLASSES):
        for number in range(10):
            pixels = np.random.default_rng(number).integers(0, 20_000, (SIDE, SIDE)) + 20_000 * kind
            save(Image.fromarray(pixels.astype(np.uint16)), root / name / f"{number}.png")
    return root


def corrupt_files(root: Path) -> Path:
    classes_in(root, 10)
    (root / "cat" / "3.png").write_bytes(b"")
    (root / "dog" / "4.png").write_bytes(b"<html>not found</html>")
    data = (root / "owl" / "5.png").read_bytes()
    (root / "owl" / "5.png").write_bytes(data[: len(data) // 2])
    return root


def transparent_only(root: Path) -> Path:
    for kind, name in enumerate(CLASSES):
        for number in range(10):
            image = Image.new("RGBA", (SIDE, SIDE), "black")
            image.putalpha(picture(number, kind).convert("L"))
            save(image, root / name / f"{number}.png")
    return root


def test_without_labels(root: Path) -> Path:
    classes_in(root / "train", 10)
    for number in range(5):
        save(picture(number), root / "test" / f"{number}.png")
    return root


def zipped(root: Path) -> Path:
    folder = classes_in(root / "pets" / "training", 10).parent
    classes_in(folder / "validation", 4)
    path = root / "pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(root))
        archive.writestr("__MACOSX/pets/._training", b"\0")
    return path


def emnist(root: Path) -> Path:
    images = np.random.default_rng(0).integers(0, 256, (78, 28, 28), dtype=np.uint8)
    labels = (np.arange(78) % 26 + 1).astype(np.uint8)
    for split in ("train", "test"):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (root / f"emnist-letters-{split}-{name}-ubyte").write_bytes(header + array.tobytes())
    return root


def arrays(root: Path) -> Path:
    random = np.random.default_rng(0)
    path = root / "bloodmnist.npz"
    np.savez(
        path,
        **{
            f"{split}_{what}": array
            for split, count in (("train", 30), ("val", 9), ("test", 9))
            for what, array in (
                ("images", random.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)),
                ("labels", (np.arange(count) % 3)[:, None]),
            )
        },
    )
    return path


def photographs(root: Path) -> Path:
    for kind, name in enumerate(CLASSES):
        for number in range(4):
            image = picture(number, kind).resize((4800 if number == 0 else 640, 480))
            save(image, root / name / f"{number}.jpg")
    return root


def tarred_tiff(root: Path) -> Path:
    folder = classes_in(root / "cells", 10, suffix=".tif")
    path = root / "cells.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "cells")
    return path


def shard_missing(root: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for shard in (0, 2):
        data = []
        for number in range(10):
            stream = io.BytesIO()
            picture(number).save(stream, "PNG")
            data.append({"bytes": stream.getvalue(), "path": None})
        path = root / "data" / f"train-{shard:05}-of-00003.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"image": data, "label": [number % 3 for number in range(10)]}), path)
    return root


def zip_for_each_split(root: Path) -> Path:
    for split, each in (("train", 10), ("test", 4)):
        folder = classes_in(root / "unpacked" / split, each)
        with zipfile.ZipFile(root / f"{split}.zip", "w") as archive:
            for file in sorted(folder.rglob("*.png")):
                archive.write(file, file.relative_to(folder))
    shutil.rmtree(root / "unpacked")
    return root


def table_of_another_country(root: Path) -> Path:
    lines = ["file;label"]
    for number in range(30):
        save(picture(number, number % 3), root / "Bilder" / f"Bär {number}.png")
        lines.append(f"Bilder\\Bär {number}.PNG;{CLASSES[number % 3]}")
    (root / "labels.csv").write_bytes("\r\n".join(lines).encode("utf-16"))
    return root


def column_for_each_class(root: Path) -> Path:
    rows = []
    for number in range(30):
        save(picture(number, number % 3), root / f"{number:03}.jpg")
        rows.append((f"{number:03}", *(float(kind == number % 3) for kind in range(3))))
    write_csv(root / "truth.csv", ("image", *CLASSES), rows)
    return root


def films(root: Path) -> Path:
    classes_in(root, 10)
    frames = [picture(number) for number in range(3)]
    frames[0].save(root / "cat" / "film.gif", save_all=True, append_images=frames[1:])
    return root


def same_images_in_both_splits(root: Path) -> Path:
    classes_in(root / "train", 10)
    classes_in(root / "test", 4)
    for number in range(3):
        shutil.copy(root / "train" / "cat" / f"{number}.png", root / "test" / "cat" / f"copy{number}.png")
    return root


def hdf5(root: Path) -> Path:
    (root / "data.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
    return root


def links_in_circles(root: Path) -> Path:
    classes_in(root, 10)
    (root / "cat" / "self.png").symlink_to("self.png")
    (root / "dog" / "loop").symlink_to(root)
    return root


def spelled_otherwise(root: Path) -> Path:
    classes_in(root / "train", 10, names=("caf\u00e9", "Big dog"))
    classes_in(root / "test", 4, names=("cafe\u0301", "big_dog "))
    return root


def write_csv(path: Path, heading: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    """Write a CSV file."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


FOLDERS: dict[str, Callable[[Path], Path]] = {
    build.__name__: build
    for build in (
        *(splits_in_other_words, wrapped_and_littered, one_class, flat_with_csv, grey_of_16_bits, corrupt_files),
        *(transparent_only, test_without_labels, zipped, emnist, arrays, photographs, tarred_tiff, shard_missing),
        *(zip_for_each_split, table_of_another_country, column_for_each_class, films, same_images_in_both_splits),
        *(hdf5, links_in_circles, spelled_otherwise),
    )
}
"""Each builds a data set below an empty folder and returns the path that names it."""
