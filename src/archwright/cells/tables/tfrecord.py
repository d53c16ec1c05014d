"""Reads TFRecord files: length, its checksum, data, their checksum, and so on, one record after the other."""

import functools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_LONGEST = 4_096
"""Bytes of a record; those of NAS-Bench-101 have about 400."""
_HEADER, _CHECKSUM = struct.Struct("<QI"), struct.Struct("<I")
_CASTAGNOLI = np.uint32(0x82F63B78)
"""The polynomial of CRC-32C, lowest power first."""


def records_of(path: Path) -> Iterator[bytes]:
    """Yield what the records of the file contain.

    Raises ValueError for a record that is cut off, too long or has another checksum, and OSError.
    """
    with path.open("rb") as file:
        while file.peek(1):
            header = _exactly(file, _HEADER.size)
            length, checksum = _HEADER.unpack(header)
            if _masked_crc(header[:8]) != checksum or not 4 <= length <= _LONGEST:
                raise ValueError("the length of a record is damaged")
            data = _exactly(file, length)
            if _CHECKSUM.unpack(_exactly(file, _CHECKSUM.size)) != (_masked_crc(data),):
                raise ValueError("a record is damaged")
            yield data


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ValueError("it is cut off")
    return data


def _masked_crc(data: bytes) -> int:
    """Return TFRecord's checksum of at least four bytes: CRC-32C, rotated, plus a constant.

    A CRC is linear: it is the exclusive or of what every byte contributes, which depends on how many bytes follow.
    The initial value of all ones does the same as inverting the first four bytes.
    """
    bytes_n = np.frombuffer(data, np.uint8).astype(np.intp)
    bytes_n[:4] ^= 0xFF
    flat, offsets = _contributions()
    crc = int(np.bitwise_xor.reduce(flat[offsets[_LONGEST - len(data) :] + bytes_n])) ^ 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@functools.cache
def _contributions() -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Return what each byte contributes, 256 values for each number of bytes that follow, and where those begin.

    The places are in the order of the bytes: the last one belongs to the last byte, which none follows.
    """
    crcs = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crcs = np.where(crcs & 1, crcs >> 1 ^ _CASTAGNOLI, crcs >> 1)
    rows = [crcs]
    while len(rows) < _LONGEST:
        rows.append(rows[-1] >> 8 ^ crcs[rows[-1] & 0xFF])
    return np.concatenate(rows), np.arange(_LONGEST)[::-1] * 256
