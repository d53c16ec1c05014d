"""Looks at decoded images as a person would: how many there are of each class, and what is probably not as meant."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from archwright.evaluation.data.sources import listed
from archwright.task import DataFacts

LEAST_RANGE = 16
"""Of 255 levels; images with fewer are nearly black to a network."""
_BLOCK = 1024


def look_at(
    images: NDArray[np.uint8], labels: NDArray[np.int64], class_names: tuple[str, ...], warnings: tuple[str, ...]
) -> DataFacts:
    """Return the facts of decoded images (N, C, H, W), with `warnings` before those that follow from the images.

    Takes one pass; memory is proportional to N.
    """
    first_of: dict[bytes, int] = {}
    darkest, brightest, empty, same, contrary = 255, 0, 0, 0, 0
    lowest, highest = np.full(images.shape[1], 255), np.zeros(images.shape[1], dtype=int)
    for start in range(0, len(images), _BLOCK):
        flat = np.ascontiguousarray(images[start : start + _BLOCK]).reshape(min(_BLOCK, len(images) - start), -1)
        low, high = flat.min(axis=1), flat.max(axis=1)
        darkest, brightest = min(darkest, int(low.min())), max(brightest, int(high.max()))
        block = images[start : start + _BLOCK]
        lowest, highest = np.minimum(lowest, block.min(axis=(0, 2, 3))), np.maximum(highest, block.max(axis=(0, 2, 3)))
        # One brightness in all channels, or one colour in all pixels: nothing to see.
        empty += int(_is_plain(block).sum())
        for row, image in enumerate(flat, start):
            first = first_of.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), row)
            same += first != row
            contrary += bool(labels[first] != labels[row])
    counts = np.bincount(labels, minlength=len(class_names))
    found = [*warnings]
    if same:
        kinds = f", {contrary:,} of them with another class" if contrary else ""
        found.append(f"{same:,} of {len(images):,} images are the same as one before them{kinds}")
    if empty:
        found.append(f"{empty:,} of {len(images):,} images are empty: one colour from edge to edge")
    if brightest - darkest < LEAST_RANGE and empty < len(images):
        found.append(f"all pixels are between {darkest} and {brightest} of 255: the images are nearly of one colour")
    if 0 < (flat_channels := int((lowest == highest).sum())) < len(lowest):
        found.append(f"{flat_channels} of {len(lowest)} channels have one value in all images: they say nothing")
    for number, what in ((0, "no image to learn from"), (1, "one image only, which is for training")):
        if few := [name for name, count in zip(class_names, counts, strict=True) if count == number]:
            found.append(f"{len(few):,} of {len(class_names):,} classes have {what}: {listed(few)}")
    return DataFacts(tuple(map(int, counts)), (darkest, brightest), tuple(found))


def _is_plain(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    planes = images.reshape(*images.shape[:2], -1)
    return np.asarray((planes.min(axis=2) == planes.max(axis=2)).all(axis=1))
