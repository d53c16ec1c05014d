"""The box's side of being examined: images come through a pipe, a batch at a time, and answers leave through another.

The next batch is only sent when the last one has been answered, so that no image is here before its turn.
"""

import io
import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

COUNT = struct.Struct("<Q")
"""Precedes every batch (images; none at the end) and the block of weights (bytes)."""
READY = b"?"
"""What a box says when it is ready for the first batch."""


@final
class Questions:
    """Batches of uint8 images (N, C, H, W) to answer with float32 predictions (N, ...)."""

    def __init__(self, files: Mapping[str, int], image_shape: tuple[int, int, int]) -> None:
        self._asked = open(files["questions"], "rb", buffering=0, closefd=False)  # noqa: SIM115
        self._answers = open(files["answers"], "wb", buffering=0, closefd=False)  # noqa: SIM115
        self._image_shape = image_shape
        self._write(READY)

    def read_block(self) -> bytearray:
        """Return the block of weights that comes before the first batch."""
        return self._read(self._count())

    def __iter__(self) -> "Iterator[torch.Tensor]":
        """Yield the batches; each has to be answered before the next."""
        import torch  # a box has it; who only asks does without, which takes seconds

        size = int(np.prod(self._image_shape))
        while n := self._count():
            yield torch.frombuffer(self._read(n * size), dtype=torch.uint8).reshape(n, *self._image_shape)

    def answer(self, predictions: NDArray[np.float32]) -> None:
        """Answer the batch."""
        self._write(np.ascontiguousarray(predictions, "<f4").tobytes())

    def _count(self) -> int:
        return int(COUNT.unpack(self._read(COUNT.size))[0])

    def _read(self, n_bytes: int) -> bytearray:
        data = bytearray(n_bytes)
        _fill(self._asked, memoryview(data))
        return data

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            view = view[self._answers.write(view) or 0 :]


def _fill(file: io.FileIO, view: memoryview) -> None:
    while len(view):
        n = file.readinto(view)
        if not n:
            raise EOFError("nobody asks any more")
        view = view[n:]
