"""The benchmark of candidates an hour takes turns, goes on after a kill and counts whole cycles only."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import throughput

STUDY = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
for word in "$@"; do [ "$before" = --run ] && mkdir -p "$word" && touch "$word/study.db"; before=$word; done
true
"""


def tree(folder: Path) -> Path:
    """A worktree whose command only notes how it was called."""
    program = folder / ".venv" / "bin" / "archwright"
    program.parent.mkdir(parents=True)
    program.write_text(STUDY, "utf-8")
    program.chmod(0o755)
    return folder


def test_an_interrupted_cycle_is_finished_and_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, ours, out = tree(tmp_path / "base"), tree(tmp_path / "ours"), tmp_path / "out.json"
    run = tmp_path / "run"
    options = ["--base", str(base), "--ours", str(ours), "--folder", str(run), "--out", str(out)]
    # The processes of this test take no CPU time to speak of.
    monkeypatch.setattr(throughput.resource, "getrusage", lambda who: _Usage())
    monkeypatch.setattr(sys, "argv", ["throughput.py", *options, "--cycles", "2"])
    throughput.main()
    turns = json.loads((run / "turns.json").read_text("utf-8"))
    (run / "turns.json").write_text(json.dumps(turns | {"ours 2": None}), "utf-8")
    monkeypatch.setattr(sys, "argv", ["throughput.py", *options, "--cycles", "3"])
    throughput.main()
    called = (ours / ".venv" / "bin" / "calls").read_text("utf-8").splitlines()
    assert [call.split()[0] for call in called] == ["search", *["resume"] * 3]
    assert called[0].split("--run")[0] == (base / ".venv" / "bin" / "calls").read_text("utf-8").split("--run")[0]
    assert json.loads(out.read_text("utf-8"))["cycles"] == 1


class _Usage:
    seconds = 0.0

    def __init__(self) -> None:
        _Usage.seconds += 1.0
        self.ru_utime = self.ru_stime = _Usage.seconds
