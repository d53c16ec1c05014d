"""Draws a contact sheet: the first training images of every class in a row, with its name."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from archwright.evaluation.data.loading import TaskData

COLUMNS = 10
MOST_CLASSES = 40
CELL = 64
"""Pixels a side of one image on the sheet."""
GAP = 4
NAME = 160
"""Pixels for the name of a class."""


def draw_sheet(data: TaskData, path: Path) -> None:
    """Write images of the first MOST_CLASSES classes to the PNG file `path`; small images are enlarged pixel by pixel.

    Raises OSError where it cannot be written.
    """
    names = data.spec.class_names[:MOST_CLASSES]
    step = CELL + GAP
    sheet = Image.new("RGB", (NAME + COLUMNS * step + GAP, len(names) * step + GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for number, name in enumerate(names):
        top = GAP + number * step
        # The font that comes with PIL knows few letters beyond these.
        draw.text((GAP, top + CELL // 2 - 6), name[:24].encode("ascii", "replace").decode(), "black", font)
        for column, row in enumerate(np.flatnonzero(data.train.labels == number)[:COLUMNS]):
            image = data.train.images[row]
            picture = Image.fromarray(image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)))
            scale = CELL / max(picture.size)
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            small = picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BILINEAR)
            sheet.paste(small, (NAME + column * step, top))
    sheet.save(path, "PNG")
