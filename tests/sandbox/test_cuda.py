"""What a box with access to a GPU may do more, and what it may not do all the same. No GPU is needed."""

from collections.abc import Callable

import pytest

from archwright.sandbox import cuda
from archwright.sandbox.order import Report

RunCode = Callable[..., Report]

TRY = """
import os, socket, mmap

def attempt(name, act):
    try:
        act()
        tell({"word": name})
    except OSError:
        pass

def name_a_thread():
    with open(f"/proc/self/task/{os.getpid()}/comm", "w") as file:
        file.write("named")

def listen():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind("\\0cuda-uvmfd-test")
    server.listen(1)

def connect():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.bind("\\0cuda-uvmfd-other")
    server.listen(1)
    socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect("\\0cuda-uvmfd-other")

attempt("memory file", lambda: os.memfd_create("x"))
attempt("thread name", name_a_thread)
attempt("listen", listen)
attempt("pair", socket.socketpair)
attempt("shared memory", lambda: mmap.mmap(-1, 4096))
attempt("connect", connect)
attempt("stream", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
attempt("datagram", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("internet", lambda: socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET))
attempt("fork", os.fork)
attempt("other process", lambda: open("/proc/1/comm", "w") if os.getpid() != 1 else open("/proc/sys/x", "w"))
attempt("device", lambda: open("/dev/kmsg"))
attempt("passwords", lambda: open("/etc/passwd"))
"""
DRIVER = ["memory file", "thread name", "listen", "pair", "shared memory"]


@pytest.mark.parametrize("isolation", [2, 3])
def test_a_box_with_a_gpu_may_do_what_the_driver_does_and_no_more(run_code: RunCode, isolation: int) -> None:
    report = run_code(TRY, isolation=isolation, gpu=True)
    if report.isolation < 2:
        pytest.skip("this system offers no level 2")
    assert [message.content["word"] for message in report.messages[1:]] == DRIVER, report.log


def test_a_box_without_one_may_not(run_code: RunCode) -> None:
    report = run_code(TRY, isolation=3)
    if report.isolation < 2:
        pytest.skip("this system offers no level 2")
    assert [message.content["word"] for message in report.messages[1:]] == [], report.log


def test_memory_of_a_box_with_a_gpu_is_watched_all_the_same(run_code: RunCode) -> None:
    report = run_code("import time; x = bytearray(512 * 2**20); time.sleep(20)", memory_mb=256, gpu=True)
    assert report.end == "memory"


def test_a_machine_without_the_driver_has_no_devices_of_it() -> None:
    assert bool(cuda.device_files()) == cuda.is_driver_loaded()
    assert "/proc/driver/nvidia" in list(cuda.readable_paths())
