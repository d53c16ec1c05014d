"""The supervisor's side of an examination: images go out through a pipe, a batch at a time, and answers come back.

A box gets the next batch when it has answered the last one. What it sends before, or beyond the answer, is worth
nothing: only as many bytes as were asked for are read.
"""

import math
import os
import select
import threading
from collections.abc import Mapping, Sequence
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Stage
from archwright.evaluation.box.questions import COUNT, READY

RowNumbers = NDArray[np.int64]
READ_BYTES = 2**20
SMALLEST_BATCH, LARGEST_BATCH = 8, 32


def in_order(n: int, batch: int) -> list[RowNumbers]:
    """Return the rows of n images in batches, one after the other; the last one takes in a single image left over.

    Some networks cannot take a single image, and `in_small_batches` asks for none.
    """
    starts = list(range(0, n, batch))
    if len(starts) > 1 and batch > 1 and n - starts[-1] == 1:
        starts.pop()
    return [np.arange(start, end) for start, end in zip(starts, [*starts[1:], n], strict=False)]


@final
class Examination:
    """Examines one box while it runs, on a thread of its own; used once, as a context."""

    def __init__(
        self, images: NDArray[np.uint8], batches: Sequence[RowNumbers], shape: Sequence[int], block: bytes | None
    ) -> None:
        """Ask for predictions of `shape` for rows of `images` (N, C, H, W), having sent the `block` of weights."""
        self._images, self._batches, self._shape = images, batches, tuple(shape)
        self._answer_bytes = 4 * math.prod(shape)
        self._block = block
        self._parts: list[bytes] = []
        box_reads, self._ask = os.pipe()
        self._hear, box_writes = os.pipe()
        self._told, self._stop = os.pipe()
        self.files: Mapping[str, int] = {"questions": box_reads, "answers": box_writes}
        """What the box gets."""
        os.set_blocking(self._ask, False)
        os.set_blocking(self._hear, False)
        self._thread = threading.Thread(target=self._examine, name="examination", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop, b".")
        self._thread.join()
        for file in (*self.files.values(), self._ask, self._hear, self._told, self._stop):
            os.close(file)

    @property
    def received_bytes(self) -> int:
        """How many bytes were accepted."""
        return sum(map(len, self._parts))

    def answers(self) -> NDArray[np.float32] | Failure:
        """Return the finite float32 (N, *shape) predictions in the order that was asked; the box has ended."""
        data, expected = b"".join(self._parts), sum(map(len, self._batches)) * self._answer_bytes
        if len(data) != expected:
            message = f"the predictions have {len(data):,} bytes instead of {expected:,}"
            return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
        return checked(np.frombuffer(data, "<f4").reshape(-1, *self._shape))

    def _examine(self) -> None:
        if self._read(len(READY)) is None or (self._block is not None and not self.send(self._block, len(self._block))):
            return
        for rows in self._batches:
            picked = np.ascontiguousarray(self._images[rows])
            if not self.send(picked.reshape(-1).data, len(rows)):
                return
            answer = self._read(len(rows) * self._answer_bytes)
            if answer is None:
                return
            self._parts.append(answer)
        self.send(b"", 0)

    def send(self, data: bytes | memoryview, count: int) -> bool:
        """Return whether the box took it before it ended."""
        for view in (memoryview(COUNT.pack(count)), memoryview(data)):
            while len(view):
                if not self._may(self._ask, select.POLLOUT):
                    return False
                try:
                    view = view[os.write(self._ask, view) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    return False
        return True

    def _read(self, n_bytes: int) -> bytes | None:
        """Return as many bytes, or None when the box ended before."""
        data = bytearray()
        while len(data) < n_bytes:
            if not self._may(self._hear, select.POLLIN):
                return None
            try:
                part = os.read(self._hear, min(READ_BYTES, n_bytes - len(data)))
            except BlockingIOError:
                continue
            if not part:
                return None
            data += part
        return bytes(data)

    def _may(self, file: int, event: int) -> bool:
        """Wait until `file` is ready; False when the box ended and left nothing that waits."""
        poller = select.poll()
        poller.register(file, event)
        poller.register(self._told, select.POLLIN)
        return any(number == file for number, _ in poller.poll())


def checked(answers: NDArray[np.float32]) -> NDArray[np.float32] | Failure:
    """Return the predictions (N, ...), or a failure that counts those that are not finite."""
    n = len(answers)
    wrong = int(np.count_nonzero(~np.isfinite(answers.reshape(n, -1)).all(axis=1)))
    if wrong == 0:
        return answers
    message = (
        f"the predictions of {wrong:,} of {n:,} images are NaN or infinite; "
        "use normalisation, a lower learning rate or gradient clipping"
    )
    return Failure(Stage.SCORE, FailureKind.NOT_FINITE, message)


def in_small_batches(rows: RowNumbers, random: np.random.Generator) -> list[RowNumbers]:
    """Return `rows` in batches of random sizes; none of a single image, which some networks cannot take."""
    batches, start = [], 0
    while start < len(rows):
        end = start + int(random.integers(SMALLEST_BATCH, LARGEST_BATCH + 1))
        end = len(rows) if end >= len(rows) - 1 else end
        batches.append(rows[start:end])
        start = end
    return batches
