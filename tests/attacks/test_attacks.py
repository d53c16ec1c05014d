"""Every hostile or faulty program is contained, and what says so can tell when one is not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from archwright.candidate import Failure, FailureKind, Outcome, Scores, Stage

NET = """
import torch
class Net(torch.nn.Linear):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__(64, out_shape[0])
    def forward(self, x):
        return super().forward(x.flatten(1))
"""
HEADER = "# on: valid; off: valid\n# A control.\n"


def test_the_program_is_contained(field_of_attack: Any, attack: Path, levels: tuple[int, ...]) -> None:
    assert not field_of_attack.problems(attack, levels)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        pytest.param("open(folder + '/data.bin', 'a').write('x')", "data.bin changed", id="bytes"),
        pytest.param("os.chmod(folder + '/data.bin', 0o644)", "data.bin changed", id="mode"),
        pytest.param("os.utime(folder + '/data.bin', (1, 1))", "data.bin changed", id="time"),
        pytest.param("open(folder + '/new', 'w').close()", "new changed", id="listing"),
        pytest.param("os.remove(folder + '/folder/file.txt')", "file.txt changed", id="removal"),
    ],
)
def test_a_touched_canary_is_noticed(field_of_attack: Any, action: str, expected: str) -> None:
    """Without protections (isolation 0) the same checks find the same programs guilty, once."""
    found = field_of_attack.watch
    source = f"import os\nfor folder in {[str(f) for f in found.canaries.folders]}:\n    {action}\n{NET}"
    assert field_of_attack.run(source, "off", 2).failure.kind is FailureKind.EXCEPTION
    assert not found.escapes()
    assert field_of_attack.run(source, "off", 0).is_valid
    escapes = found.escapes()
    for folder in found.canaries.folders:
        assert any(escape.startswith(str(folder)) and expected in escape for escape in escapes)
    assert not found.escapes()
    found.canaries.lay()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("score/read_the_data_set", "it scored 1.000"),
        ("hooks/torch_load", "it told a secret"),
        ("memory/shared_memory_file", "archwright-attack-0 changed"),
    ],
)
def test_an_attack_succeeds_where_nothing_holds_it(field_of_attack: Any, name: str, expected: str) -> None:
    """Three of the files, at isolation 0: what they try is real, and found."""
    found = field_of_attack.watch
    attack = found.read(Path(__file__).parent / f"{name}.py")
    outcome = field_of_attack.run(attack.source, "off", 0)
    faults = found.faults(attack, "off", 3, outcome) + found.escapes()
    assert any(expected in fault for fault in faults), faults
    for folder in found.canaries.folders:
        for planted in folder.glob("archwright-attack-*"):
            planted.unlink()
    found.canaries.lay()


def test_a_told_secret_is_noticed(field_of_attack: Any, tmp_path: Path) -> None:
    found = field_of_attack.watch
    (tmp_path / "control.py").write_text(HEADER + f"print(open(__CANARIES__[0] + '/secret.txt').read())\n{NET}")
    attack = found.read(tmp_path / "control.py")
    told = found.faults(attack, "off", 3, field_of_attack.run(attack.source, "off", 0))
    assert told == ["it told a secret"]
    refused = found.faults(attack, "off", 3, field_of_attack.run(attack.source, "off", 3))
    assert len(refused) == 1
    assert "which is not among ['valid']" in refused[0]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(Outcome(Stage.SCORE, scores=Scores({"accuracy": 1.0}, 500)), "it scored 1.000", id="score"),
        pytest.param(
            Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 500), isolation=7), "isolation 7", id="isolation"
        ),
        pytest.param(
            Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 500), log="\x1b[2J"), "not cleaned", id="escape"
        ),
        pytest.param(
            Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 500), log="x" * 9_000), "not cleaned", id="flood"
        ),
        pytest.param(
            Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 500), seconds={"total": 99.0}),
            "it took 99.0 s",
            id="time",
        ),
        pytest.param(
            Outcome(Stage.BUILD, Failure(Stage.BUILD, FailureKind.FORBIDDEN, "so")), "it came to 'forbidden'", id="kind"
        ),
        pytest.param(
            Outcome(Stage.BUILD, Failure(Stage.TRAIN, FailureKind.SHAPE, "so")), "should be at forward:3", id="stage"
        ),
    ],
)
def test_a_wrong_outcome_is_noticed(field_of_attack: Any, tmp_path: Path, outcome: Outcome, expected: str) -> None:
    (tmp_path / "control.py").write_text(
        "# on: valid; off: valid, shape\n# A control.\n# at: forward:3; says: so | on\n"
    )
    attack = field_of_attack.watch.read(tmp_path / "control.py")
    (fault,) = field_of_attack.watch.faults(attack, "off", 3, outcome)
    assert expected in fault


def test_what_is_left_behind_is_noticed(field_of_attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = field_of_attack.watch
    monkeypatch.setattr(found, "patience_s", 0.1)
    (found.root / "scratch").mkdir()
    forgotten = os.open("/dev/null", os.O_RDONLY)
    command = [sys.executable, "-c", "import time; time.sleep(60)", str(found.root)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        escapes = found.escapes()
        process.kill()
    os.close(forgotten)
    (found.root / "scratch").rmdir()
    for expected in ("processes are left", "scratch folders are left", "descriptors left open"):
        assert any(expected in escape for escape in escapes), escapes
    monkeypatch.undo()
    assert not found.escapes()


def test_a_dead_warm_process_is_noticed(field_of_attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = field_of_attack.watch
    os.kill(found.boxes.warm_pid, signal.SIGKILL)
    while any(str(found.root) in (each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])):
        time.sleep(0.01)
    scratch = [path for path in found.root.iterdir() if path not in found.canaries.folders]
    assert field_of_attack.run(NET, "on", 3).is_valid
    with monkeypatch.context() as patch:
        patch.setattr(found, "patience_s", 0.1)
        assert "the warm process died" in found.escapes()
    for folder in scratch:  # of the box that waited, and died with it before anything was in there
        folder.rmdir()
    assert not found.escapes()


@pytest.mark.parametrize(
    "header", ["import torch\n", "# on: valid; off: good\n# No such kind.\n", "# on: valid; off: valid\n"]
)
def test_a_malformed_header_is_noticed(field_of_attack: Any, tmp_path: Path, header: str) -> None:
    (tmp_path / "control.py").write_text(header)
    with pytest.raises(AssertionError, match=r"control\.py"):
        field_of_attack.watch.read(tmp_path / "control.py")
