"""The layout of a network: its parameters and buffers in order, as a fresh build has them before any training.

A box tells it before anything is trained; its weights then travel as one block of bytes without a header, which is read
by this layout alone. So nothing but values that are counted gets from one box into another: no shapes, names or types.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

WORD_BYTES = 4
FREE_STATISTICS_PARTS = 10
"""Running statistics are free up to one word for so many of parameters: 603 known networks have 6 % at most."""
MOST_TENSORS = 20_000
NAME_LENGTH = 200
CHUNK_BYTES = 12_000
"""Length of the part of a layout that one message takes."""
ITEM_BYTES: Mapping[str, int] = (
    dict.fromkeys(("bool", "uint8", "int8"), 1)
    | dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 2)
    | dict.fromkeys(("int32", "uint32", "float32", "float64"), 4)
    | dict.fromkeys(("int64", "uint64", "complex64", "complex128"), 8)
)
"""Bytes of an element in the block by dtype, as torch calls it.

Numbers of double precision are rounded to single: so they count once, and nothing is hidden in their lower half.
"""
LARGEST = 2**62


class Role(StrEnum):
    """What a tensor is."""

    PARAMETER = "p"
    STATISTIC = "s"  # a buffer of one of torch's normalisation layers
    BUFFER = "b"


@dataclass(frozen=True, slots=True)
class Slot:
    """One tensor of a network."""

    role: Role
    name: str
    shape: tuple[int, ...]
    dtype: str
    digest: str = ""
    """Of a buffer's value in a fresh build; empty for a parameter."""

    @property
    def n_bytes(self) -> int:
        """Its length in the block."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]

    @property
    def words(self) -> int:
        """What it counts: its elements, and more for elements wider than a word of 32 bits."""
        return max(math.prod(self.shape), -(-self.n_bytes // WORD_BYTES))

    def fits(self, other: "Slot") -> bool:
        """Return whether the same bytes mean the same in both."""
        return (self.role, self.name, self.shape, self.dtype) == (other.role, other.name, other.shape, other.dtype)

    def __str__(self) -> str:
        return f"{self.name}, {self.shape} of {self.dtype}"


Slots: TypeAlias = Sequence[Slot]


def block_bytes(layout: Slots) -> int:
    """Return the length of the block of weights."""
    return sum(slot.n_bytes for slot in layout)


def parameters_of(layout: Slots) -> int:
    """Return the words of the parameters, trainable and frozen."""
    return sum(slot.words for slot in layout if slot.role is Role.PARAMETER)


def counted_parameters(layout: Slots, block: bytes) -> int:
    """Return the parameters of a trained network: every number that training left behind for predictions to use.

    Those are the parameters and every buffer whose value in `block` is no longer a fresh build's. The running
    statistics of normalisation are free as far as honest networks need them. A constant table costs nothing.
    """
    parameters, changed, offset = parameters_of(layout), {Role.STATISTIC: 0, Role.BUFFER: 0}, 0
    for slot in layout:
        end = offset + slot.n_bytes
        if slot.role is not Role.PARAMETER and digest(block[offset:end]) != slot.digest:
            changed[slot.role] += slot.words
        offset = end
    statistics = max(0, changed[Role.STATISTIC] - parameters // FREE_STATISTICS_PARTS)
    return parameters + changed[Role.BUFFER] + statistics


def mismatch(fresh: Slots, other: Slots) -> str | None:
    """Return in words where `other` is not built like `fresh`; the values of buffers may differ."""
    if len(fresh) != len(other):
        return f"a network newly built has {len(fresh):,} tensors, this one {len(other):,}"
    for one, two in zip(fresh, other, strict=True):
        if not one.fits(two):
            return f"a network newly built has {one}, where this one has {two}"
    return None


def digest(data: bytes | memoryview) -> str:
    """Return the fingerprint of a buffer's bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def tell_layout(layout: Slots, tell: Callable[[Mapping[str, object]], None]) -> None:
    """Tell the layout in as many messages as it takes."""
    chunk: list[object] = []
    length = 0
    for slot in layout:
        words = [str(slot.role), slot.name, list(slot.shape), slot.dtype, slot.digest]
        size = len(json.dumps(words)) + 2
        if chunk and length + size > CHUNK_BYTES:
            tell({"layout": chunk})
            chunk, length = [], 0
        chunk.append(words)
        length += size
    tell({"layout": chunk, "is_whole": True})


def hear_layout(messages: Iterable[Mapping[str, object]]) -> Slots | None:
    """Return the layout a box told; None unless there is one that makes sense, and no other word about it.

    A program that tells one of its own, before training or after, does not take the place of what was counted.
    """
    found: list[Slot] = []
    is_whole = False
    for message in messages:
        if "layout" not in message:
            continue
        slots = message["layout"]
        if is_whole or not isinstance(slots, list) or len(found) + len(slots) > MOST_TENSORS:
            return None
        for words in slots:
            slot = _slot(words)
            if slot is None:
                return None
            found.append(slot)
        is_whole = message.get("is_whole") is True
    return found if is_whole and block_bytes(found) < LARGEST else None


def _slot(words: object) -> Slot | None:
    """Return the slot that a box describes as `words`."""
    if not isinstance(words, list) or len(words) != 5:
        return None
    role, name, shape, dtype, value = words
    is_text = isinstance(name, str) and len(name) <= NAME_LENGTH and isinstance(value, str) and len(value) <= 32
    is_shape = isinstance(shape, list) and len(shape) <= 64 and all(type(n) is int and 0 < n < LARGEST for n in shape)
    if role not in tuple(Role) or not is_text or not is_shape or not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        return None
    return Slot(Role(role), name, tuple(shape), dtype, value)


def spans(layout: Slots) -> Iterator[tuple[Slot, slice]]:
    """Yield every slot with its place in the block."""
    offset = 0
    for slot in layout:
        yield slot, slice(offset, offset + slot.n_bytes)
        offset += slot.n_bytes
