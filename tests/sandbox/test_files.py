"""What one box does with the data it is given, no other box and not the supervisor can see."""

import fcntl
import os
from collections.abc import Callable, Iterator

import pytest

from archwright.sandbox.files import blank, shared_copy, views
from archwright.sandbox.order import Report

RunCode = Callable[..., Report]
GET_SEALS, ADD_SEALS = 1034, 1033


@pytest.fixture
def given() -> Iterator[int]:
    number = shared_copy(b"data" * 2_000)
    yield number
    os.close(number)


def test_position_flags_and_locks_end_with_the_box(run_code: RunCode, given: int) -> None:
    """Below the level at which the calls themselves are refused."""
    leave = """
import fcntl, os, struct
os.lseek(files["given"], 1234, 0)
fcntl.fcntl(files["given"], 4, os.O_NONBLOCK | os.O_APPEND)
fcntl.fcntl(files["given"], 37, struct.pack("hhqqi4x", 0, 0, 77, 1, 0))
tell({"left": True})
"""
    look = """
import fcntl, os, struct
def lock(number):
    return list(struct.unpack("hhqqi4x", fcntl.fcntl(number, 36, struct.pack("hhqqi4x", 1, 0, 0, 0, 0))))
g = os.open(f"/proc/self/fd/{files['given']}", os.O_RDWR)
tell({"found": [os.lseek(files["given"], 0, 1), fcntl.fcntl(files["given"], 3) & os.O_NONBLOCK, lock(g)[0]]})
"""
    assert run_code(leave, {"given": given}).messages[-1].content == {"left": True}
    assert run_code(look, {"given": given}).messages[-1].content == {"found": [0, 0, fcntl.F_UNLCK]}
    assert os.lseek(given, 0, os.SEEK_CUR) == 8_000  # where writing it ended


def test_a_box_reads_through_a_description_of_its_own(given: int) -> None:
    with views({"given": given}) as one, views({"given": given}) as other:
        os.lseek(one["given"], 99, os.SEEK_SET)
        assert os.lseek(other["given"], 0, os.SEEK_CUR) == 0
        assert fcntl.fcntl(other["given"], fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        assert os.pread(other["given"], 8, 0) == b"datadata"
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(other["given"])


def test_results_and_pipes_are_handed_over_as_they_are() -> None:
    read, write = os.pipe()
    files = {"result": blank(8), "read": read, "write": write}
    with views(files) as given:
        assert given == files
    for number in files.values():
        os.close(number)


def test_seals_are_final(given: int) -> None:
    result = blank(8)
    for number in (given, result):
        with pytest.raises(PermissionError):
            fcntl.fcntl(number, ADD_SEALS, 0x10)
        assert fcntl.fcntl(number, GET_SEALS) & 0x1
    os.close(result)


def test_reading_leaves_no_time_behind(given: int) -> None:
    before = os.fstat(given).st_atime_ns
    with views({"given": given}) as one:
        os.pread(one["given"], 100, 0)
    assert os.fstat(given).st_atime_ns == before
