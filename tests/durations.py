"""A pytest plug-in (`-p tests.durations --durations-file=FILE`): what each test costs, in wall and processor seconds.

Processor seconds are those of the worker and of everything it started, and hardly depend on what else the machine does;
wall seconds are only worth something on a quiet machine. What a fixture of a session or a module costs counts for the
test that asked for it first (or that was the last to use it).
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
COST = "cost"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--durations-file", type=Path, help="where to write the seconds of every file and test (JSON)")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Durations(config.getoption("--durations-file")), "costs")


def cpu_s(pid: int | str = "self") -> float:
    """Return the processor seconds of a process, of its descendants and of those it waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it ended meanwhile, or belongs to somebody else
        return 0.0
    children = list[str]()
    for task in tasks:
        with suppress(OSError):  # a thread that ended meanwhile: the process and its other children still count
            children += (task / "children").read_text().split()
    return sum(map(int, fields[11:15])) / TICKS_PER_S + sum(map(cpu_s, children))


class Durations:
    """Measures in the workers, adds up and writes in the process that started them."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._tests: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._other = [0.0, 0.0]
        self._cpu_s, self._wall_s = 0.0, time.monotonic()

    def _spent(self) -> list[float]:
        """Return wall and processor seconds since the last call."""
        cpu, wall = cpu_s(), time.monotonic()
        spent = [wall - self._wall_s, max(cpu - self._cpu_s, 0.0)]
        self._cpu_s, self._wall_s = cpu, wall
        return spent

    def pytest_collection_finish(self) -> None:
        self._other = self._spent()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Iterator[None]:
        report = yield
        if call.when == "teardown":
            report.user_properties.append((COST, self._spent()))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, (wall, cpu) in (found for found in report.user_properties if found[0] == COST):
            assert name == COST
            self._tests[report.nodeid][0] += wall
            self._tests[report.nodeid][1] += cpu

    def pytest_testnodedown(self, node: object) -> None:
        """Add what a worker spent before its first test: imports and collection."""
        for position, spent in enumerate(getattr(node, "workeroutput", {}).get(COST, ())):
            self._other[position] += spent

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[COST] = self._other
        elif self._file is not None:
            files: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0])
            for test, (wall, cpu) in self._tests.items():
                row = files[test.split("::")[0]]
                row[0], row[1], row[2] = row[0] + wall, row[1] + cpu, row[2] + 1
            total = [sum(row[column] for row in files.values()) for column in range(3)]
            document = {"total": _row(*total), "before the first test": _row(*self._other, 0)}
            document["files"] = {name: _row(*row) for name, row in sorted(files.items(), key=lambda item: -item[1][1])}
            slowest = sorted(self._tests.items(), key=lambda item: -max(item[1]))
            document["tests"] = {name: _row(*row, 1) for name, row in slowest if max(row) >= 0.5}
            self._file.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _row(wall_s: float, cpu_s: float, tests: float) -> dict[str, float]:
    return {"wall_s": round(wall_s, 2), "cpu_s": round(cpu_s, 2), "tests": int(tests)}
