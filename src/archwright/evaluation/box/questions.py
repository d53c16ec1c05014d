"""A box's side of being asked: images come through a pipe, a batch at a time, and answers leave through another.

The next batch is only sent when the last one has been answered, so that no image is here before its turn.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

COUNT = struct.Struct("<Q")
"""Precedes every batch (images; none at the end) and the block of weights (bytes)."""
READY = b"?"
"""What a box says when it is ready for the first batch."""


class NobodyAsksError(Exception):
    """The other side has ended."""


@final
class Pipes:
    """One end of two pipes: exactly as many bytes as are wanted, in either direction."""

    def __init__(self, reads: int, writes: int) -> None:
        """Read from and write to two descriptors."""
        self._in = open(reads, "rb", buffering=0, closefd=False)  # noqa: SIM115
        self._out = open(writes, "wb", buffering=0, closefd=False)  # noqa: SIM115

    def read(self, n_bytes: int) -> bytearray:
        """Return the next bytes; raises NobodyAsksError when the other side ends before."""
        data = bytearray(n_bytes)
        view = memoryview(data)
        while len(view):
            n = self._in.readinto(view)
            if not n:
                raise NobodyAsksError("the other side has ended")
            view = view[n:]
        return data

    def write(self, data: bytes | memoryview) -> None:
        """Write all of `data`; raises NobodyAsksError when nobody reads, unless SIGPIPE ends the process."""
        view = memoryview(data).cast("B")
        try:
            while len(view):
                view = view[self._out.write(view) or 0 :]
        except BrokenPipeError as error:
            raise NobodyAsksError("the other side has ended") from error


@final
class Questions:
    """Batches of uint8 images (N, C, H, W) to answer: with float32 predictions (N, ...), or with other images."""

    def __init__(self, files: Mapping[str, int], image_shape: tuple[int, int, int]) -> None:
        self._pipes = Pipes(files["questions"], files["answers"])
        self._image_shape = image_shape
        self._pipes.write(READY)

    def read_block(self) -> bytearray:
        """Return the block of weights that comes before the first batch."""
        return self._pipes.read(self._count())

    def __iter__(self) -> "Iterator[torch.Tensor]":
        """Yield the batches; each has to be answered before the next."""
        import torch  # a box has it; who only asks does without, which takes seconds

        size = int(np.prod(self._image_shape))
        while n := self._count():
            yield torch.frombuffer(self._pipes.read(n * size), dtype=torch.uint8).reshape(n, *self._image_shape)

    def answer(self, values: NDArray[Any]) -> None:
        """Answer the batch."""
        self._pipes.write(np.ascontiguousarray(values).reshape(-1).data)

    def _count(self) -> int:
        return int(COUNT.unpack(self._pipes.read(COUNT.size))[0])
