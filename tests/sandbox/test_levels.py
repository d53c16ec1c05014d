"""The table of docs/security.md says what a box can see at each level: every row that can be tried is tried."""

import importlib.util
import os
import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.sandbox.files import shared_copy
from archwright.sandbox.order import Report

RunCode = Callable[..., Report]
PAGE = Path(__file__).parents[2] / "docs" / "security.md"
HEADING = "| | level 1 | level 2 | level 3 |"
TRIES = """
import ctypes, fcntl, mmap, os

def can(action):
    try:
        action()
        return True
    except OSError:
        return False

def residency():
    page = mmap.mmap(files["data"], 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    libc, known = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(1)
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    if libc.mincore(ctypes.c_void_p(place), ctypes.c_size_t(4096), known):
        raise OSError(ctypes.get_errno(), "mincore")

tell({"seen": {
    "residency of pages, reads from disk, hints, attributes, shared futexes, page maps": can(residency),
    "existence, size and times of the user's files (`stat`)": can(lambda: os.stat(f"FOLDER/secret")),
    "where the user's links lead, extended attributes": can(lambda: os.readlink(f"FOLDER/link")),
    "labels that come with packages": can(lambda: open(LABELS, "rb").read(1)),
    "sockets of the machine, load, idle processors, free memory": can(lambda: open("/proc/loadavg").read()),
    "existence of other processes": can(lambda: os.kill(PROCESS, 0)) or os.path.exists(f"/proc/{PROCESS}"),
    "contents": can(lambda: open(f"FOLDER/secret").read()),
    "position": os.lseek(files["data"], 0, os.SEEK_CUR) > 0,
}})
"""


def promised(level: int) -> dict[str, bool]:
    """Return the rows of the table that say `yes` or `no`, by what they are about."""
    lines = PAGE.read_text("utf-8").split(f"{HEADING}\n")[1].split("\n\n")[0].splitlines()[1:]
    rows = {cells[1].strip(): cells[1 + level].strip() for line in lines if (cells := line.split("|"))}
    return {about: said == "yes" for about, said in rows.items() if said.split(";")[0] in ("yes", "no")}


@pytest.mark.skipif(platform.system() != "Linux", reason="levels are those of Linux")
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_box_sees_at_each_level_what_the_table_says(level: int, run_code: RunCode, tmp_path: Path) -> None:
    found = importlib.util.find_spec("sklearn")
    labels = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz" if found and found.origin else PAGE
    assert labels.exists()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to("secret")
    data = shared_copy(bytes(4096))
    os.lseek(data, 100, os.SEEK_SET)
    code = TRIES.replace("FOLDER", repr(str(tmp_path))[1:-1]).replace("LABELS", repr(str(labels)))
    report = run_code(code.replace("PROCESS", str(os.getpid())), {"data": data}, isolation=level)
    os.close(data)
    if report.isolation < level:
        pytest.skip(f"this machine reaches level {report.isolation}")
    seen = report.messages[-1].content["seen"]
    assert isinstance(seen, dict), report
    table = promised(level)
    assert {about: seen[about] for about in table if about in seen} == {
        about: said for about, said in table.items() if about in seen
    }
    assert len(table.keys() & seen.keys()) == 6
    # Beside the table: files of the user can be read at level 1 alone, and nobody sees where others have read to.
    assert (seen["contents"], seen["position"]) == (level == 1, False)
