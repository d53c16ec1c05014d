"""Each layer above the first, attacked one by one; skipped where the system does not offer it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.sandbox.attempts import ATTEMPTS, Attempt
from archwright.sandbox.order import Report

RunCode = Callable[..., Report]

FILES = [
    "open('/etc/shadow').read()",
    "open('/etc/passwd').read()",
    "os.listdir('/')",
    "os.listdir(os.path.expanduser('~'))",
    "open('/proc/1/environ').read() if os.getpid() != 1 else os.listdir('/root')",
    "open('/dev/kmsg', 'rb').read(1)",
    "open('/tmp/trace', 'w')",
    "open('/dev/shm/trace', 'w')",
    "open(sys.executable, 'r+b')",
    "open(os.__file__, 'a')",
    "os.symlink('/etc', 'etc') or os.listdir('etc')",
    "os.link(os.__file__, 'copy')",
    "os.rename(os.__file__, 'copy')",
    "os.chmod('.', 0o777)",
    "os.utime('.')",
    "os.mkfifo('pipe')",
]
PROCESSES = [
    "os.fork()",
    "os.system('true') and bad()",
    "__import__('subprocess').run(['/bin/true'])",
    "os.execv('/bin/true', ['true'])",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(os.getppid() or 1, 0) if os.getpid() != 1 else os.kill(2, 0)",
    "os.kill(-1, 0)",
    "os.killpg(0, 0)",
    "os.setuid(0)",
    "os.setpriority(os.PRIO_PROCESS, 0, 5)",
    "os.sched_setaffinity(0, {0})",
    "ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) and refuse()",
    "ctypes.CDLL(None, use_errno=True).prctl(1, 0, 0, 0, 0) and refuse()",
    "ctypes.CDLL(None, use_errno=True).unshare(0x10000000) and refuse()",
    "ctypes.CDLL(None, use_errno=True).syscall(425, 8, 0) == -1 and refuse()",
]
NETWORK = [
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "socket.socketpair()",
    "socket.create_connection(('127.0.0.1', 22))",
    "socket.getaddrinfo('localhost', 80)",
]
MEMORY = ["mmap.mmap(-1, 4096)", "os.memfd_create('x')"]
PREAMBLE = """
import ctypes, mmap, os, socket, sys
def refuse(): raise OSError(ctypes.get_errno(), "refused")
def bad(): raise OSError("a shell that could not start")
"""


@pytest.mark.parametrize("line", FILES + PROCESSES + NETWORK + MEMORY)
def test_the_second_level_refuses(run_code: RunCode, line: str) -> None:
    code = f"{PREAMBLE}\ntry:\n    {line}\nexcept OSError as error:\n    tell({{'refused': str(error)}})\n"
    report = run_code(code, isolation=2)
    if report.isolation < 2:
        pytest.skip("this system has no Landlock or no seccomp")
    assert report.messages[-1].content.get("refused"), (report.end, report.log)


def test_what_a_network_needs_still_works_under_every_layer(run_code: RunCode) -> None:
    code = """
import threading, tempfile, time, random, os, json, math
import torch, numpy
thread = threading.Thread(target=time.sleep, args=(0.01,)); thread.start(); thread.join()
open("note", "w").write("kept"); assert open("note").read() == "kept"
torch.save(torch.ones(3), "tensor"); assert torch.load("tensor").sum() == 3
torch.set_num_threads(2); torch.rand(300, 300) @ torch.rand(300, 300)
net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.LazyLinear(3))
net(torch.rand(2, 1, 8, 8)).sum().backward(); torch.optim.SGD(net.parameters()).step()
import sqlite3, decimal, fractions  # not yet imported: read from the disk
numpy.linalg.svd(numpy.ones((3, 3))); open("/dev/null", "w").write("x"); open("/dev/urandom", "rb").read(4)
tell({"done": True})
"""
    report = run_code(code, isolation=3, wall_s=300.0)  # importing torch is slow on a busy machine
    assert report.messages[-1].content.get("done"), report.log.decode()


@pytest.mark.parametrize("attempt", [a for a in ATTEMPTS if a.level == 3], ids=lambda attempt: attempt.name)
def test_the_third_level_hides_the_rest(run_code: RunCode, attempt: Attempt) -> None:
    code = f"""
from archwright.sandbox.attempts import ATTEMPTS
try:
    next(a for a in ATTEMPTS if a.name == {attempt.name!r}).act({{}})
except OSError as error:
    tell({{'refused': str(error)}})
"""
    report = run_code(code, isolation=3)
    if report.isolation < 3:
        pytest.skip("this system has no unprivileged namespaces")
    assert report.messages[-1].content.get("refused"), report.log


def test_a_box_of_the_third_level_sees_an_empty_world(run_code: RunCode) -> None:
    code = """
import os
tell({"word": [os.getpid(), os.getuid(), os.listdir(".")]})
tell({"word": [line for line in open("/proc/self/status") if line.startswith(("CapEff", "CapBnd", "Seccomp:"))]})
"""
    report = run_code(code, isolation=3)
    if report.isolation < 3:
        pytest.skip("this system has no unprivileged namespaces")
    world, status = (message.content["word"] for message in report.messages if "word" in message.content)
    assert isinstance(world, list)
    assert world[0] == 1
    assert world[2] == []
    assert status == ["CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n", "Seccomp:\t2\n"]


def test_a_box_of_the_third_level_finds_no_file_but_pythons(run_code: RunCode, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/secret")
    code = f"""
import importlib.util, os, stat, sys
from pathlib import Path
there = lambda path: os.path.lexists(path)
outside = ["/etc/passwd", "/etc/shadow", "/home", "/var", "/dev/shm", "/usr/bin", sys.executable, {str(tmp_path)!r},
           {str(tmp_path / "link")!r}]
tell({{"found": [path for path in outside if there(path) and not path in os.getcwd()]}})
tell({{"found": [there(path) for path in (os.__file__, "/dev/null", "/proc/self/status", os.getcwd())]}})
folder = importlib.util.find_spec("sklearn").submodule_search_locations[0]
tell({{"found": [there(folder), there(folder + "/__init__.py"), there(folder + "/datasets/data/digits.csv.gz")]}})
"""
    report = run_code(code, isolation=3)
    if report.isolation < 3:
        pytest.skip("this system has no unprivileged namespaces")
    assert "found" in report.messages[-1].content, report.log
    outside, inside, hidden = (message.content["found"] for message in report.messages if "found" in message.content)
    assert outside == []
    assert inside == [True] * 4
    assert hidden == [True, True, False]


def test_lower_levels_can_be_asked_for(run_code: RunCode) -> None:
    assert run_code("pass", isolation=1).isolation == 1
    assert run_code("pass", isolation=0).isolation == 0
