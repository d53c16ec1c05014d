"""Boxes end within their limits whatever they do, and the supervisor is never the worse for it."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from archwright.cancellation import Cancellation
from archwright.errors import EvaluationCancelledError, EvaluatorError, StorageError
from archwright.sandbox.files import blank, shared_copy
from archwright.sandbox.order import MESSAGE_COUNT, End, Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

RunCode = Callable[..., Report]


def said(report: Report) -> list[object]:
    """Return the values a box told under the key `word`."""
    return [message.content["word"] for message in report.messages if "word" in message.content]


def test_a_box_tells_and_leaves(run_code: RunCode) -> None:
    report = run_code("tell({'word': 1}); print('hello'); tell({'word': [2, 3]})")
    assert (report.end, report.exit_code) == (End.EXITED, 0)
    assert said(report) == [1, [2, 3]]
    assert report.log == b"hello\n"
    assert report.isolation >= 1
    assert 0.0 < report.messages[0].at_s < report.wall_s + 1.0
    assert report.cpu_s > 0.0


def test_an_exit_code_and_a_signal_are_reported(run_code: RunCode) -> None:
    assert run_code("import os; os._exit(7)").exit_code == 7
    report = run_code("import os; os.kill(os.getpid(), 11)")
    assert (report.end, report.signal) == (End.SIGNALLED, signal.SIGSEGV)


def test_the_wall_clock_ends_a_box(run_code: RunCode) -> None:
    report = run_code("import signal; signal.pthread_sigmask(0, range(1, 65))\nwhile True: pass", wall_s=0.5)
    assert report.end is End.WALL
    assert 0.45 <= report.wall_s < 5.0


def test_memory_that_malloc_refuses_is_an_exception_inside(run_code: RunCode) -> None:
    code = "try:\n    x = bytearray(2**30)\nexcept MemoryError:\n    tell({'word': 'refused'})"
    assert said(run_code(code, memory_mb=256)) == ["refused"]


def test_shared_memory_counts_too(run_code: RunCode) -> None:
    code = "import mmap, time\nm = mmap.mmap(-1, 2**29)\nfor i in range(0, 2**29, 4096): m[i] = 1\ntime.sleep(20)"
    report = run_code(code, memory_mb=256)
    assert report.end is End.MEMORY
    assert report.memory_mb > 256


def test_page_tables_count_too(run_code: RunCode) -> None:
    code = "import mmap\nm = mmap.mmap(-1, 2**38, 0x4022, 1)\nfor i in range(0, 2**38, 2**21): m[i]"
    report = run_code(code, memory_mb=256)
    assert report.end is End.MEMORY
    assert 256 < report.memory_mb < 1024  # as much as comes between two looks of a busy machine


def test_addresses_are_limited(run_code: RunCode) -> None:
    code = """
import mmap
try:
    mmap.mmap(-1, 2**41, 0x4022, 1)
except OSError as error:
    tell({"word": error.strerror})
"""
    assert said(run_code(code, memory_mb=256)) == ["Cannot allocate memory"]


def test_what_is_written_into_a_given_file_counts_although_nobody_maps_it(run_code: RunCode) -> None:
    file = blank(2**30)
    code = (
        "import mmap, time\n"
        "for at in range(0, 2**29, 2**25):\n"
        "    with mmap.mmap(files['weights'], 2**25, offset=at) as part: part.write(b'x' * 2**25)\n"
        "time.sleep(5)"
    )
    try:
        report = run_code(code, files={"weights": file}, memory_mb=256)
    finally:
        os.close(file)
    assert report.end is End.MEMORY
    assert report.memory_mb > 256


def test_shared_memory_beside_a_blank_file_counts(run_code: RunCode) -> None:
    file = blank(2**30)
    code = (
        "import mmap, time\nblock = mmap.mmap(-1, 2**29)\n"
        "for _ in range(2**9): block.write(b'x' * 2**20)\ntime.sleep(5)"
    )
    try:
        report = run_code(code, files={"weights": file}, memory_mb=256)
    finally:
        os.close(file)
    assert report.end is End.MEMORY


def test_a_written_file_that_stays_below_the_limit_counts_once(run_code: RunCode) -> None:
    file = blank(2**30)
    code = (
        "import mmap, time\nblock = mmap.mmap(files['weights'], 2**30)\nblock[:2**27] = b'x' * 2**27\ntime.sleep(0.3)"
    )
    try:
        report = run_code(code, files={"weights": file}, memory_mb=512)
    finally:
        os.close(file)
    assert report.end is End.EXITED
    assert 120 < report.memory_mb < 300


def test_memory_of_the_whole_tree_counts(run_code: RunCode) -> None:
    code = "import os, time\nfor _ in range(3): os.fork()\nx = bytearray(100 * 2**20)\ntime.sleep(20)"
    assert run_code(code, memory_mb=256).end is End.MEMORY


@pytest.mark.parametrize("isolation", [1, 2, 3])
def test_threads_are_counted_for_root_too(run_code: RunCode, isolation: int) -> None:
    code = "import threading, time\nfor _ in range({}): threading.Thread(target=time.sleep, args=(9,)).start()\n"
    report = run_code(code.format(60) + "time.sleep(0.3); tell({'word': 'few'}); import os; os._exit(0)", threads=64)
    assert said(report) == ["few"]
    report = run_code(code.format(500) + "time.sleep(20)", threads=64, isolation=isolation)
    assert report.end in (End.TASKS, End.EXITED)  # the kernel itself says no to ordinary users
    assert report.end is End.TASKS or b"can't start new thread" in report.log
    assert report.wall_s < 10.0


def test_processes_are_counted_and_the_whole_group_is_killed(run_code: RunCode) -> None:
    code = "import os, time\nfor _ in range(200):\n    if os.fork() == 0: time.sleep(20); os._exit(0)\ntime.sleep(20)"
    report = run_code(code, threads=64)
    assert report.end is End.TASKS or b"Resource temporarily unavailable" in report.log
    assert report.wall_s < 10.0


FILLING = {
    "large files": "for n in range(999): open(str(n), 'wb').write(bytes(2**23))",
    "many files": "for n in range(10**6): open(str(n), 'w').close()",
    "files without names": "kept = [open(str(n), 'wb') for n in range(99)]\n"
    "for n in range(99): os.unlink(str(n)); kept[n].write(bytes(2**23))",
    "a folder that cannot be read": "os.umask(0); os.mkdir('a', 0o300)\n"
    "for n in range(9999): open(f'a/{n}', 'w').close()",
}


@pytest.mark.parametrize("isolation", [1, 2, 3])
@pytest.mark.parametrize("what", FILLING)
def test_a_scratch_folder_holds_so_much_and_no_more(run_code: RunCode, what: str, isolation: int) -> None:
    report = run_code(f"import os, time\n{FILLING[what]}\ntime.sleep(0.5)", isolation=isolation)
    is_refused = report.end is End.EXITED and b"No space left" in report.log
    assert report.end is End.DISK or (isolation == 3 and is_refused)
    assert report.wall_s < 10.0


@pytest.mark.parametrize("isolation", [1, 2, 3])
def test_a_few_files_may_be_written(run_code: RunCode, isolation: int) -> None:
    code = "import os, time; os.makedirs('a/b'); open('a/b/c', 'wb').write(bytes(2**24)); time.sleep(0.2); os._exit(0)"
    assert run_code(code, isolation=isolation).end is End.EXITED


def test_peak_memory_is_what_the_box_added(run_code: RunCode) -> None:
    report = run_code("import time; x = bytearray(100 * 2**20); time.sleep(0.3)")
    assert 95 < report.memory_mb < 130


def test_output_is_cut_and_never_blocks(run_code: RunCode) -> None:
    report = run_code("for _ in range(5000): print('x' * 999)", log_bytes=5_000)
    assert report.end is End.EXITED
    assert report.log == (b"x" * 999 + b"\n") * 5


def test_a_flood_of_messages_is_stopped(run_code: RunCode) -> None:
    report = run_code("while True: tell({'word': 0})")
    assert report.end is End.FLOOD
    assert len(report.messages) <= MESSAGE_COUNT + 1


@pytest.mark.parametrize(
    "code",
    [
        "import socket; s = socket.socket(fileno=VOICE); s.send(b'not json')",
        "import socket; s = socket.socket(fileno=VOICE); s.send(b'[1, 2]')",
        "import socket; s = socket.socket(fileno=VOICE); s.send(b'\\xff\\x00' * 9000)",
        "import socket; s = socket.socket(fileno=VOICE); s.send(b'[' * 9000)",
        "import os; os.closerange(0, 200)",
        "import socket; socket.socket(fileno=VOICE).shutdown(2)",
    ],
)
def test_nonsense_on_the_channel_is_only_nonsense(run_code: RunCode, code: str) -> None:
    find = """
import os, stat
def is_socket(f):
    return os.path.exists(f"/proc/self/fd/{f}") and stat.S_ISSOCK(os.fstat(f).st_mode)
VOICE = next(f for f in range(3, 200) if is_socket(f))
"""
    report = run_code(find + code)
    assert report.end in (End.EXITED, End.SIGNALLED)
    assert said(report) == []


def test_a_box_has_nothing_but_what_it_was_given(run_code: RunCode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_SECRET", "hunter2")
    given = shared_copy(b"data")
    code = """
import os, sys, resource
tell({"word": sorted(f for f in range(200) if os.path.exists(f"/proc/self/fd/{f}"))})
tell({"word": [given := list(files), os.pread(files["given"], 9, 0).decode()]})
tell({"word": dict(os.environ)})
tell({"word": open("/proc/self/environ").read().count("hunter2")})
tell({"word": [os.getpid() == os.getsid(0), os.listdir("."), resource.getrlimit(resource.RLIMIT_CORE)]})
tell({"word": [line for line in open("/proc/self/status") if line.startswith("NoNewPrivs")]})
tell({"word": sys.stdin.read()})
"""
    try:
        words = said(run_code(code, {"given": given}))
    finally:
        os.close(given)
    descriptors, contents, environment, leaks, session, privileges, stdin = words
    assert isinstance(descriptors, list)
    assert descriptors[:3] == [0, 1, 2]
    assert len(descriptors) == 5  # the channel and the given file
    assert contents == [["given"], "data"]
    assert environment == {}
    assert leaks == 0
    assert session == [True, [], [0, 0]]
    assert privileges == ["NoNewPrivs:\t1\n"]
    assert stdin == ""


def test_shared_data_cannot_be_changed_by_a_box(run_code: RunCode) -> None:
    given = shared_copy(np.arange(4, dtype=np.int64))
    code = """
import os
for act in (lambda f: os.pwrite(f, b"x", 0), lambda f: os.ftruncate(f, 0), lambda f: os.ftruncate(f, 99)):
    try:
        act(files["given"])
        tell({"word": "changed"})
    except OSError:
        pass
"""
    try:
        assert said(run_code(code, {"given": given})) == []
        assert np.frombuffer(os.pread(given, 99, 0), np.int64).tolist() == [0, 1, 2, 3]
    finally:
        os.close(given)


def test_results_come_back_through_a_file_of_fixed_size(run_code: RunCode) -> None:
    result = blank(8)
    code = """
import mmap, os
mmap.mmap(files["result"], 8)[:] = b"12345678"
for size in (0, 99):
    try:
        os.ftruncate(files["result"], size)
        tell({"word": "resized"})
    except OSError:
        pass
"""
    try:
        assert said(run_code(code, {"result": result})) == []
        assert os.pread(result, 99, 0) == b"12345678"
    finally:
        os.close(result)


def test_scratch_folders_are_removed_even_when_made_unreadable(run_code: RunCode) -> None:
    code = "import os; os.makedirs('a/b'); open('a/b/c', 'w').close(); os.chmod('a', 0); tell({'word': os.getcwd()})"
    (folder,) = said(run_code(code))
    wait_until_gone(Path(str(folder)))


def wait_until_gone(folder: Path) -> None:
    deadline_s = time.monotonic() + 60.0
    while folder.exists() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert not folder.exists()


def test_removing_a_scratch_folder_follows_no_link_out_of_it(run_code: RunCode, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    tmp_path.chmod(0o750)
    report = run_code(f"import os; os.symlink({str(tmp_path)!r}, 'link'); tell({{'word': 'linked'}})")
    assert said(report) == ["linked"]
    assert (tmp_path / "kept" / "file").exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_boxes_run_at_the_same_time(boxes: Sandbox) -> None:
    order = Order(b"import time; time.sleep(0.5)", {}, Limits(30.0, 256, isolation=1))
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: boxes.run(order), range(4)))
    assert [report.end for report in reports] == [End.EXITED] * 4
    assert time.monotonic() - begun < 4 * 0.5 + 1.5


def test_cancel_ends_the_box_and_raises(boxes: Sandbox, tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    code = f"import time\nwhile True: open({str(sign)!r}, 'a').write('x'); time.sleep(0.01)"
    cancellation = Cancellation()

    def run() -> Report:
        with cancellation.scope():
            return boxes.run(Order(code.encode(), {}, Limits(60.0, 256, isolation=1)))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        while not sign.exists() and not running.done():
            time.sleep(0.01)
        cancellation.cancel()
        with pytest.raises(EvaluationCancelledError):
            running.result(timeout=10.0)
    time.sleep(0.2)
    size = sign.stat().st_size
    time.sleep(0.2)
    assert sign.stat().st_size == size


def test_a_keeper_killed_by_its_box_means_one_more_try(run_code: RunCode, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    code = f"import os, time\nopen({str(tries)!r}, 'a').write('x'); os.kill(os.getppid(), 9); time.sleep(60)"
    assert run_code(code).end is End.LOST
    assert tries.read_text() == "xx"


def test_a_dead_warm_process_is_replaced(boxes: Sandbox, run_code: RunCode) -> None:
    run_code("pass")
    os.kill(boxes.warm_pid, signal.SIGKILL)
    assert said(run_code("tell({'word': 'again'})")) == ["again"]


def test_a_box_outlives_the_warm_process_it_came_from(boxes: Sandbox, tmp_path: Path) -> None:
    sign = tmp_path / "running"
    code = f"import time; open({str(sign)!r}, 'w').close(); time.sleep(0.5); tell({{'word': 'done'}})"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(boxes.run, Order(code.encode(), {}, Limits(60.0, 256, isolation=1)))
        while not sign.exists() and not running.done():
            time.sleep(0.01)
        os.kill(boxes.warm_pid, signal.SIGKILL)
        assert said(running.result(timeout=30.0)) == ["done"]


def test_nothing_is_left_after_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign = tmp_path / "sign"
    body = f"open({str(sign)!r}, 'w').close(); time.sleep(99)"
    (tmp_path / "sleepy_entry.py").write_text(f"import time\ndef run(payload, files, tell):\n    {body}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    threads = set(threading.enumerate())
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    sandbox = Sandbox("sleepy_entry:run")
    pid = sandbox.warm_pid
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sandbox.run, Order(b"", {}, Limits(60.0, 256, isolation=1)))
        while not sign.exists() and not running.done():
            time.sleep(0.02)
        sandbox.close()
        assert isinstance(running.exception(timeout=10.0), EvaluationCancelledError)
    assert not Path(f"/proc/{pid}").exists()
    assert set(threading.enumerate()) <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
    with pytest.raises(EvaluationCancelledError):
        sandbox.run(Order(b"", {}, Limits(60.0, 256, isolation=1)))


def test_a_warm_process_that_cannot_start_is_our_error_with_its_words() -> None:
    sandbox = Sandbox("no.such.module:run")
    with pytest.raises(EvaluatorError, match="No module named 'no'"):
        sandbox.run(Order(b"", {}, Limits(60.0, 256, isolation=1)))
    sandbox.close()


def test_a_killed_supervisor_leaves_neither_processes_nor_files(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    (tmp_path / "endless_entry.py").write_text(
        f"def run(payload, files, tell):\n    open('scratch', 'w').close(); open({str(sign)!r}, 'w').close()\n"
        "    while True: pass\n"
    )
    script = (
        "from archwright.sandbox.supervisor import Sandbox\n"
        "from archwright.sandbox.order import Limits, Order\n"
        "boxes = Sandbox('endless_entry:run'); print(boxes.warm_pid, flush=True)\n"
        "boxes.run(Order(b'', {}, Limits(60.0, 256, isolation=1)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        warm = int(victim.stdout.readline())
        while not sign.exists() and victim.poll() is None:
            time.sleep(0.02)
        victim.kill()
    deadline_s = time.monotonic() + 20.0
    while time.monotonic() < deadline_s and (Path(f"/proc/{warm}").exists() or list(tmp_path.glob("archwright-*"))):
        time.sleep(0.05)
    assert not Path(f"/proc/{warm}").exists()
    assert list(tmp_path.glob("archwright-*")) == []


def test_a_machine_without_a_temporary_folder_is_a_storage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/no/such/folder")
    with pytest.raises(StorageError, match="TMPDIR"):
        Sandbox("payload_entry:run")


def test_memory_that_cannot_be_had_is_a_storage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "memfd_create", lambda *_: os.open("/", os.O_RDONLY))
    with pytest.raises(StorageError, match="cannot be filled"):
        shared_copy(b"data")
    monkeypatch.setattr(os, "memfd_create", refuse)
    with pytest.raises(StorageError, match="Too many open files"):
        blank(8)
