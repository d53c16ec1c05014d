"""A study that is killed or interrupted goes on to the rows of an unbroken one: real command, training and signals."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from archwright.archive import digest, rows
from archwright.cli import main
from archwright.configuring import load_config
from archwright.study import Study

SETTINGS = [
    "task=digits", "data.train_size=100", "data.validation_size=50", "loop.cycles=2", "loop.candidates=4",
    "evolution.batch=2", "evolution.population=4", "sandbox.cache=false",
]  # fmt: skip


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "archwright", *arguments]


def search(folder: Path) -> list[str]:
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    return command("search", "--preset", "evolution", *options, "--run", str(folder), "--json")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with Study(load_config("evolution", SETTINGS), folder) as study:
        assert study.run().reason == "complete"
    return folder


def test_killed_and_interrupted_a_study_says_how_to_go_on_and_ends_with_the_same_rows(
    tmp_path: Path, whole: Path
) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen(search(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_study(process, folder)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = count(folder, "outcomes")

    process = subprocess.Popen(
        command("resume", str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    while process.poll() is None and count(folder, "outcomes") == before:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 1, stderr
    assert f"archwright resume {folder}" in stdout + stderr
    assert "Traceback" not in stderr

    assert main(["resume", str(folder)]) == 0
    assert rows(folder) == rows(whole)
    assert digest(folder) == digest(whole)


@pytest.mark.slow
def test_killed_at_any_instant_a_study_ends_with_the_same_rows(tmp_path: Path, whole: Path) -> None:
    killed = tmp_path / "killed"
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
    while process.poll() is None and not count(folder, "candidates"):
        time.sleep(0.1)


def count(folder: Path, table: str) -> int:
    """Return how many rows there are, without opening the archive: whoever waits must not keep the study waiting."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/study.db?mode=ro", uri=True)) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:  # not there, or not yet a study
        return 0
