"""What there is to say of a data set that was read: for a search's first lines, its report and `tasks show`."""

import numpy as np
from numpy.typing import NDArray

from archwright.evaluation.data.images import ImageRemarks
from archwright.evaluation.data.labels import measured, several_in_one, spelled_alike
from archwright.evaluation.data.leakage import count_shared
from archwright.evaluation.data.pixels import WHITE
from archwright.evaluation.data.sources import RawSplit, listed


def remarks_on_splits(
    train: RawSplit, train_rows: NDArray[np.int64], test: RawSplit, test_rows: NDArray[np.int64]
) -> list[str]:
    """Return what is odd about the classes and the test split; none of its images is decoded."""
    found = [note for note in test.notes if note not in train.notes]
    if shared := count_shared(train.images, train_rows, test.images, test_rows):
        found.append(
            f"{shared:,} of the {len(test_rows):,} test images are training images as well (the same bytes): "
            "a score on them says nothing"
        )
    if alike := spelled_alike(train.class_names):
        names = listed([repr(name) for name in alike])
        found.append(f"{len(alike):,} classes differ from another in case, blanks or signs alone: {names}")
    if fractions := measured(train.class_names):
        found.append(
            f"the classes are numbers with fractions ({listed(fractions)}): each is a class, none is a measure"
        )
    if joined := several_in_one(train.class_names):
        found.append(
            f"{len(joined):,} classes read like several of the others and are classes of their own: {listed(joined)}"
        )
    used = np.unique(train.labels[train_rows])
    missing = [train.class_names[code] for code in np.setdiff1d(used, test.labels[test_rows])]
    if missing and len(test_rows) >= 2 * len(used):  # fewer images cannot be expected to hold every class
        found.append(f"{len(missing):,} of {len(used):,} classes have no image in the test split: {listed(missing)}")
    return found


def remarks_on_images(written: ImageRemarks, count: int) -> list[str]:
    """Return what `count` decoded images have that is not read as it is."""
    found = []
    if written.white != WHITE:
        found.append(f"the images hold numbers beyond bytes, which are scaled: {written.white:,g} becomes 255")
    if written.animated:
        found.append(
            f"of files with several frames or pages only the first is read ({len(written.animated):,}): "
            f"{listed(written.animated)}"
        )
    if written.alpha_only:
        found.append(
            f"{written.alpha_only:,} of {count:,} images have their picture in the transparency alone, which is "
            "not read: draw them onto a background first"
        )
    return found
