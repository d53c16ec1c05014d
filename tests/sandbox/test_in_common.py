"""What two boxes that run at the same time have in common: nothing that either could write, and nobody to wait for."""

import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from archwright.sandbox.files import blank, shared_copy
from archwright.sandbox.order import Report

RunCode = Callable[..., Report]
LOOK = """
import fcntl, mmap, os, stat, time
from pathlib import Path
kept = [mmap.mmap(files["data"], 0, prot=mmap.PROT_READ), mmap.mmap(files["weights"], 0)]
found = []
for line in Path("/proc/self/maps").read_text().splitlines():
    _, rights, _, device, inode, *_ = line.split(maxsplit=5)
    if rights[3] == "s":
        major, minor = (int(part, 16) for part in device.split(":"))
        found.append((os.makedev(major, minor), int(inode), "w" in rights))
for number in range(256):
    try:
        status, flags = os.fstat(number), fcntl.fcntl(number, fcntl.F_GETFL)
    except OSError:
        continue
    if not (stat.S_ISCHR(status.st_mode) and number == 0):
        found.append((status.st_dev, status.st_ino, flags & os.O_ACCMODE != os.O_RDONLY))
tell({"found": found})
time.sleep(0.3)
"""
FUTEXES = """
import ctypes, mmap
page = mmap.mmap(files["data"], 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
word = ctypes.c_int.from_buffer(page)
libc = ctypes.CDLL(None, use_errno=True)
answers = []
for operation in range(14):
    ctypes.set_errno(0)
    answers.append((libc.syscall(NUMBER, ctypes.byref(word), operation, 0, None, None, 0), ctypes.get_errno()))
tell({"answers": answers})
"""


def test_nothing_that_one_box_can_write_is_open_or_mapped_in_another(run_code: RunCode) -> None:
    data, weights = shared_copy(bytes(4096)), [blank(4096), blank(4096)]
    with ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(lambda own: run_code(LOOK, {"data": data, "weights": own}, isolation=2), weights))
    for number in (data, *weights):
        os.close(number)
    one, two = ({tuple(place) for place in report.messages[-1].content["found"]} for report in ran)  # type: ignore[attr-defined]
    in_common = {place[:2] for place in one} & {place[:2] for place in two}
    assert in_common  # the data, and what libc maps to read
    assert any(writes for *_, writes in one)
    assert not {place[:2] for place in one | two if place[2]} & in_common


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no number of the call is known")
def test_nobody_waits_or_is_woken_on_a_shared_futex(run_code: RunCode) -> None:
    """Waiting (0, 9) returns at once to look again, waking (1, 10) wakes nobody; every other form is refused."""
    data = shared_copy(bytes(4096))
    code = FUTEXES.replace("NUMBER", "202" if platform.machine() == "x86_64" else "98")
    answers = run_code(code, {"data": data}, isolation=2).messages[-1].content.get("answers")
    os.close(data)
    assert answers == [{0: [-1, 11], 9: [-1, 11], 1: [0, 0], 10: [0, 0]}.get(op, [-1, 1]) for op in range(14)]
