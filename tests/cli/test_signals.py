"""Signals that end a command: one line and an exit code, whenever they come."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from archwright.cli import app
from archwright.cli.signals import ENDING, held_back, like_ctrl_c


class Sending:
    """A standard input that sends a signal to this process when it is read."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.buffer = self

    def read(self, size: int) -> bytes:
        os.kill(os.getpid(), self._number)
        return b"@@\n"


@pytest.mark.parametrize("number", [*ENDING, signal.SIGINT])
def test_a_command_that_is_ended_says_so_and_leaves_with_1(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    program = tmp_path / "net.py"
    program.write_text("import torch\n")
    monkeypatch.setattr(sys, "stdin", Sending(number))
    ran = run("patch", program, "-", "--json")
    assert ran.code == 1
    assert ran.document["error"]["what"] == "interrupted"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_second_signal_ends_the_process_at_once() -> None:
    with like_ctrl_c():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with like_ctrl_c():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_before_a_command_begins_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["doctor"], is_stopped=True) == 1
    assert capsys.readouterr().err == "error: interrupted — run the command again\n"


def test_ctrl_c_while_python_imports_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from archwright.cli.signals import held_back\n"
    code += "with held_back() as told:\n    import slow\nprint(len(told))\n"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")


def test_a_ctrl_c_that_is_ignored_is_not_held_back() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back() as told:
            os.kill(os.getpid(), signal.SIGINT)
        assert (told, signal.getsignal(signal.SIGINT)) == ([], signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGINT, before)
