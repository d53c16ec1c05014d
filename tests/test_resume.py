"""A study killed with SIGKILL goes on to the rows of an uninterrupted one: real command, real training, real kills."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from archwright.archive import Archive, digest, rows

SETTINGS = [
    "task=digits", "data.train_size=300", "data.validation_size=100", "loop.cycles=2", "loop.candidates=4",
    "evolution.batch=2", "evolution.population=4", "sandbox.cache=false",
]  # fmt: skip


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "archwright", *arguments]


def search(folder: Path) -> list[str]:
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    return command("search", "--preset", "evolution", *options, "--run", str(folder), "--json")


def test_killed_at_any_instant_a_study_ends_with_the_same_rows(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(search(whole), check=True, capture_output=True)

    arguments = search(killed)
    for pause_s in (0.0, 1.5, 4.0):
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_study(process, killed)
        time.sleep(pause_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        arguments = command("resume", str(killed), "--json")
    subprocess.run(arguments, check=True, capture_output=True)
    assert rows(killed) == rows(whole)
    assert digest(killed) == digest(whole)


def wait_for_study(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the study exists: before that there is nothing to resume."""
    while process.poll() is None and not is_open(folder):
        time.sleep(0.05)


def is_open(folder: Path) -> bool:
    if not (folder / "study.db").exists():
        return False
    with Archive.open(folder, read_only=True) as archive:
        return len(archive.records()) > 0


def test_ctrl_c_ends_cleanly_and_says_how_to_resume(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    arguments = [argument for argument in search(folder) if argument != "--json"]
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "200"}
    )
    while process.poll() is None and not is_open(folder):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1, stderr
    assert f"archwright resume {folder}" in stdout + stderr
    assert "Traceback" not in stderr
    finished = subprocess.run(command("resume", str(folder), "--json"), capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr
