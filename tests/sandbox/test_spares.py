"""The next box waits while the current one runs: ready at once, knowing nothing, gone with the supervisor."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archwright.sandbox.files import shared_copy
from archwright.sandbox.order import End, Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

RunCode = Callable[..., Report]


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def waiting_keeper(boxes: Sandbox) -> int:
    """Return the keeper of the one box that waits, once there is no other."""
    deadline_s = time.monotonic() + 20.0
    while time.monotonic() < deadline_s:
        keepers = children(boxes.warm_pid)
        if len(keepers) == 1 and len(children(keepers[0])) == 1:
            return keepers[0]
        time.sleep(0.01)
    raise AssertionError(f"no single box waits: {children(boxes.warm_pid)}")


@pytest.fixture
def keeper(boxes: Sandbox, run_code: RunCode) -> int:
    """The keeper that waits for an order of isolation level 1."""
    assert run_code("pass").end is End.EXITED
    return waiting_keeper(boxes)


def test_an_order_goes_to_the_box_that_waited_for_it(keeper: int, run_code: RunCode) -> None:
    report = run_code("import os; tell({'keeper': os.getppid()})")
    assert report.messages[1].content == {"keeper": keeper}


def test_the_next_box_is_there_before_the_current_one_ends(boxes: Sandbox, keeper: int, tmp_path: Path) -> None:
    sign = tmp_path / "go"
    code = f"import os, time\nwhile not os.path.exists({str(sign)!r}): time.sleep(0.01)"
    order = Order(code.encode(), {}, Limits(30.0, 256, isolation=1))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(boxes.run, order)
        deadline_s = time.monotonic() + 20.0
        while len(children(boxes.warm_pid)) < 2 and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert not running.done()
        others = [pid for pid in children(boxes.warm_pid) if pid != keeper]
        sign.touch()
        assert running.result().end is End.EXITED
    assert others == [waiting_keeper(boxes)]


def test_a_waiting_box_knows_nothing_of_the_orders_before_it(boxes: Sandbox, run_code: RunCode) -> None:
    secret = b"canary-" + os.urandom(8).hex().encode()
    given = shared_copy(secret)
    try:
        run_code(f"tell({{'heard': {secret.decode()!r}}})", {"given": given})
    finally:
        os.close(given)
    (box,) = children(waiting_keeper(boxes))
    links = [os.readlink(f"/proc/{box}/fd/{number}") for number in os.listdir(f"/proc/{box}/fd")]  # noqa: PTH115, PTH208
    assert not [link for link in links if "memfd" in link]
    with Path(f"/proc/{box}/maps").open() as maps, Path(f"/proc/{box}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights, _, _, _, *name = line.split()
            if rights.startswith("rw") and name[:1] != ["[vvar]"]:
                begin, end = (int(edge, 16) for edge in span.split("-"))
                memory.seek(begin)
                assert secret not in memory.read(end - begin)


def test_a_spare_that_died_is_replaced(keeper: int, run_code: RunCode) -> None:
    os.kill(keeper, signal.SIGKILL)
    report = run_code("tell({'word': 'alive'})")
    assert report.messages[-1].content == {"word": "alive"}


def test_a_waiting_box_that_died_is_replaced(keeper: int, run_code: RunCode) -> None:
    os.kill(children(keeper)[0], signal.SIGKILL)
    report = run_code("tell({'word': 'alive'})")
    assert report.messages[-1].content == {"word": "alive"}


DROP = Path("/proc/sys/vm/drop_caches")


@pytest.mark.skipif(not os.access(DROP, os.W_OK), reason="only root may have the kernel forget files")
def test_a_waiting_box_is_confined_as_well_when_memory_has_become_scarce(run_code: RunCode) -> None:
    before = run_code("pass", isolation=3)
    DROP.write_text("2")  # as the kernel does by itself when it needs memory
    after = run_code("pass", isolation=3)
    assert [message.content for message in after.messages] == [message.content for message in before.messages]


def test_an_order_that_its_box_never_began_is_given_again(boxes: Sandbox, keeper: int, run_code: RunCode) -> None:
    (box,) = children(keeper)
    os.kill(box, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_code, "tell({'word': 'alive'})")
        deadline_s = time.monotonic() + 20.0
        while len(children(boxes.warm_pid)) < 2 and time.monotonic() < deadline_s:
            time.sleep(0.01)
        time.sleep(0.2)  # the keeper has handed the order on
        os.kill(box, signal.SIGKILL)
        report = running.result()
    assert report.messages[-1].content == {"word": "alive"}


def test_orders_of_different_isolation_take_turns(run_code: RunCode) -> None:
    assert [run_code("pass", isolation=level).isolation for level in (1, 2, 1, 2)] == [1, 2, 1, 2]


def test_limits_are_those_of_the_order_and_not_of_the_one_before(keeper: int, run_code: RunCode) -> None:
    code = "import resource; tell({'word': resource.getrlimit(resource.RLIMIT_FSIZE)[0]})"
    sizes = [run_code(code, file_bytes=size).messages[-1].content["word"] for size in (2**20, 2**24)]
    assert sizes == [2**20, 2**24]


def test_the_clock_of_a_box_starts_with_its_order(boxes: Sandbox, keeper: int, run_code: RunCode) -> None:
    time.sleep(1.0)
    report = run_code("import time; time.sleep(0.3)", wall_s=0.9)
    assert report.end is End.EXITED


def test_nothing_of_a_spare_is_left_when_its_sandbox_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "idle_entry.py").write_text("def run(payload, files, tell): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    sandbox = Sandbox("idle_entry:run")
    sandbox.run(Order(b"", {}, Limits(30.0, 256)))
    keeper = waiting_keeper(sandbox)
    (box,) = children(keeper)
    sandbox.close()
    deadline_s = time.monotonic() + 10.0
    while time.monotonic() < deadline_s and any(Path(f"/proc/{pid}/cwd").exists() for pid in (keeper, box)):
        time.sleep(0.01)
    assert not [pid for pid in (keeper, box) if Path(f"/proc/{pid}/cwd").exists()]


PREPARING = '''
"""Tells what was prepared for it, and by which process."""
import os

words = []

def prepare(word):
    if word == "die":
        os._exit(3)
    words.append((word, os.getpid()))

def run(payload, files, tell):
    tell({"word": [word for word, pid in words if pid == os.getpid()]})
'''


def test_a_box_prepares_itself_for_the_orders_it_may_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "preparing_entry.py").write_text(PREPARING)
    monkeypatch.syspath_prepend(str(tmp_path))
    sandbox = Sandbox("preparing_entry:run", prepare="preparing_entry:prepare")

    def said(prepare: str) -> object:
        report = sandbox.run(Order(b"", {}, Limits(30.0, 256, isolation=1, prepare=prepare)))
        return [message.content["word"] for message in report.messages[1:]]

    try:
        assert [said(word) for word in ("", "a", "a", "b", "")] == [[[]], [["a"]], [["a"]], [["b"]], [[]]]
        dead = sandbox.run(Order(b"", {}, Limits(30.0, 256, isolation=1, prepare="die")))
        assert dead.end in (End.LOST, End.EXITED)  # it may be dead when the order comes, or just die
        assert not dead.messages
        assert said("a") == [["a"]]
    finally:
        sandbox.close()
