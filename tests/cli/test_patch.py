import io
from pathlib import Path

import pytest

from archwright.cli import main

NET = "import torch\n\n\nclass Net:\n    width = 3\n    depth = 4\n"
DIFF = "@@ ... @@\n class Net:\n-    width = 3\n+    width = 5\n     depth = 4\n"


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_bytes(NET.encode())
    (tmp_path / "edit.diff").write_text(DIFF)
    return path


def test_the_patched_program_is_printed_and_the_file_stays(net: Path, run) -> None:
    ran = run("patch", net, net.with_name("edit.diff"))
    assert (ran.code, ran.out, ran.err) == (0, NET.replace("3", "5"), "")
    assert net.read_text() == NET


def test_json_says_how(net: Path, run) -> None:
    ran = run("patch", net, net.with_name("edit.diff"), "--json")
    assert ran.code == 0
    assert ran.document == {"how": "relocated", "source": NET.replace("3", "5"), "refused": None}


def test_a_diff_can_come_from_standard_input(net: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DIFF.encode())))
    assert run("patch", net, "-").out == NET.replace("3", "5")


def test_a_diff_may_be_in_utf_16_as_powershell_writes_it(net: Path, run) -> None:
    net.with_name("edit.diff").write_bytes(DIFF.replace("\n", "\r\n").encode("utf-16"))
    assert run("patch", net, net.with_name("edit.diff")).out == NET.replace("3", "5")


def test_a_refused_edit_prints_nothing_but_why(net: Path, run) -> None:
    net.with_name("edit.diff").write_text(DIFF.replace("width = 3", "width = 4"))
    ran = run("patch", net, net.with_name("edit.diff"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: hunk 1: `width = 4` is not a line of the program")
    assert "5:     width = 3" in ran.err
    assert " — copy the lines to change" in ran.err


def test_json_says_why_not(net: Path, run) -> None:
    net.with_name("edit.diff").write_text("Sorry, I cannot.")
    ran = run("patch", net, net.with_name("edit.diff"), "--json")
    assert ran.code == 1
    assert ran.document == {
        "how": None,
        "source": None,
        "refused": {
            "hunk": None,
            "reason": "no_patch",
            "message": "the answer holds no edit; answer with a unified diff of the program",
        },
    }


def test_a_file_that_is_not_there_is_bad_input(net: Path, run) -> None:
    for arguments in ((net, net.with_name("none.diff")), (net.with_name("none.py"), net), (net, net.parent)):
        assert run("patch", *arguments).code == 2


def test_every_byte_outside_of_hunks_is_kept(net: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source = b"\xef\xbb\xbf# \xff latin\r\nname = '\x0c \xe2\x80\xa8'\n\n" + NET.encode().rstrip()
    net.write_bytes(source)
    assert main(["patch", str(net), str(net.with_name("edit.diff"))]) == 0
    assert capfdbinary.readouterr().out == source.replace(b"3", b"5")
