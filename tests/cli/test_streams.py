"""Whatever standard output is, a command ends with an exit code and without a traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.cli import app, main
from archwright.cli.answer import Answer

WORDS = "Müller – 3 × 4 · done… \ud800 \u4e2d"


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the command `tasks` answer in words that few encodings have, and complain in them."""
    answer = Answer({"words": WORDS}, lambda console: console.print(WORDS))
    monkeypatch.setattr(app, "run_command", lambda words: app.Problem(WORDS, WORDS, 1) if "fail" in words else answer)


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("ascii", "M?ller - 3 x 4 - done... ? ?\n"),
        ("latin-1", "Müller - 3 × 4 · done... ? ?\n"),
        ("utf-8", "Müller – 3 × 4 · done… \ufffd \u4e2d\n"),
    ],
)
@pytest.mark.usefixtures("speaking")
def test_what_an_encoding_lacks_is_written_plainly(
    monkeypatch: pytest.MonkeyPatch, encoding: str, written: str
) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert (main(["tasks"]), main(["fail"])) == (0, 1)
    assert out.buffer.getvalue().decode(encoding) == written
    assert err.buffer.getvalue().decode(encoding).startswith("error: M")


@pytest.mark.parametrize("arguments", [["tasks"], ["tasks", "--json"], ["--version"], ["tasks", "--help"]])
def test_a_full_standard_output_is_one_line_of_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(arguments) == 1
    assert capsys.readouterr().err == (
        "error: the answer could not be written to standard output: No space left on device — "
        "send it elsewhere, or to /dev/null\n"
    )


@pytest.mark.parametrize(("closed", "said"), [(">&-", "Bad file descriptor"), (">&- 2>&- <&-", "")])
def test_a_closed_standard_output_is_an_error_and_no_file_takes_its_place(
    tmp_path: Path, closed: str, said: str
) -> None:
    script = (
        "import os, sys\nfrom archwright.cli.streams import deliver, prepare_streams\nprepare_streams()\n"
        f"file = os.open({str(tmp_path / 'file')!r}, os.O_WRONLY | os.O_CREAT)\nprint('lost')\n"
        "error = deliver(lambda: None, sys.stdout)\nprint(error, file=sys.stderr)\nsys.exit(file > 2 and error.errno)"
    )
    ran = subprocess.run(["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, script], capture_output=True)
    assert (ran.returncode, said.encode() in ran.stderr, b"Traceback" in ran.stderr) == (9, True, False)
    assert (tmp_path / "file").read_bytes() == b""


def test_what_cannot_be_said_on_standard_error_stops_nothing(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom archwright.cli.streams import prepare_streams\nprepare_streams()\n"
        "print('half of the work', file=sys.stderr, flush=True)\nsys.stderr.write('more')\nprint('done')"
    )
    ran = subprocess.run(["sh", "-c", 'exec "$0" -c "$1" 2>/dev/full', sys.executable, script], capture_output=True)
    assert (ran.returncode, ran.stdout) == (0, b"done\n")


@pytest.mark.parametrize("arguments", [["tasks", "--help", "--json"], ["search", "--json", "-h"], ["--help"]])
def test_help_is_one_json_document_where_that_was_asked_for(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    text = json.loads(out)["text"] if "--json" in arguments else out
    assert text.startswith("Usage: archwright")


def test_an_error_is_one_line_whatever_it_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["tasks", "show", "x\ny"], ["evaluate", "x\n\ty.py", "--task", "digits"], ["export", "nowhere"]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n"), err[:7]) == ("", 1, "error: ")


def test_a_current_folder_that_is_gone_is_named_as_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "gone"
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    assert main(["tasks", "show", "digits"]) == 1
    assert capsys.readouterr().err == "error: the current folder is no more — go to one that exists\n"


@pytest.mark.parametrize("columns", ["1", "10", "abc", "100000"])
@pytest.mark.parametrize("colour", ["NO_COLOR", "FORCE_COLOR"])
def test_a_terminal_of_any_width_and_colour_gets_its_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str, colour: str
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(colour, "1")
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["tasks"]) == 0
    out = capsys.readouterr().out
    assert "digits" in out
    assert colour == "FORCE_COLOR" or "\x1b" not in out


ENDING = """
import sys, threading, torch
from archwright.cli import main
def answer():
    while True:
        torch.ones(300, 300) @ torch.ones(300, 300)
threading.Thread(target=answer, name="writer", daemon=True).start()
sys.exit(main([*sys.argv[1:]]))
"""


@pytest.mark.parametrize(("word", "exit_code"), [("--version", 0), ("no-such-command", 2)])
def test_a_model_in_the_middle_of_an_answer_changes_no_exit_code(word: str, exit_code: int) -> None:
    ended = subprocess.run([sys.executable, "-c", ENDING, word], capture_output=True, text=True, check=False)
    assert (ended.returncode, "terminate" in ended.stderr) == (exit_code, False)
    assert ended.stdout.startswith("archwright") == (exit_code == 0)
