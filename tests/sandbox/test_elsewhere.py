"""The sandbox on other machines: as an ordinary user, in a default container, without namespaces, without Landlock.

A child of the tests becomes such a machine (`elsewhere.py`), asks the doctor and trains a network. Only root can become
somebody else; an ordinary user's own tests are the first of these cases anyway.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import archwright
from archwright.sandbox.doctor import probe

SCRIPT = """
import json, os, sys
from archwright import Task, evaluate
from archwright.config import SandboxConfig
from archwright.errors import EvaluatorError
from archwright.sandbox.doctor import isolation_level, probe
from archwright.task import DataOptions
from archwright.testing.programs import GOOD

if __name__ == "__main__":
    said = {"user": os.getuid()}
    if "trust" not in sys.argv:
        found = probe()
        said |= {"level": isolation_level(found), "missing": [one.name for one in found if not one.is_ok]}
    if "train" in sys.argv:
        task = Task(data=DataOptions(train_size=128, validation_size=64))
        try:
            require = 1 if "trust" in sys.argv else 2
            ((_, outcome),) = evaluate(GOOD, task, sandbox=SandboxConfig(workers=1, require=require))
            said |= {"valid": outcome.is_valid, "isolation": outcome.isolation}
        except EvaluatorError as error:
            said["error"] = str(error)
    print(json.dumps(said))
"""
NO_NAMESPACES = ["layer: namespaces", "learn of other processes"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for everybody, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def run_elsewhere(kinds: str, folder: Path, *arguments: str) -> dict[str, object]:
    """Return what a machine of these kinds says of itself."""
    if os.getuid() != 0 and ("user" in kinds or "container" in kinds):
        pytest.skip("only root can become somebody else")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(archwright.__file__).parents[1]),
        **dict.fromkeys(("TMPDIR", "HOME", "ARCHWRIGHT_CACHE"), str(folder)),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    launcher = Path(__file__).with_name("elsewhere.py")
    ran = subprocess.run(
        [sys.executable, str(launcher), kinds, str(script), *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if "OSError: [Errno 1]" in ran.stderr and "elsewhere.py" in ran.stderr:
        pytest.skip("this root may not become somebody else")
    assert ran.returncode == 0, ran.stderr
    said: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize(
    ("kinds", "user"),
    [
        ("user,container", 65_534),
        *(
            pytest.param(*other, marks=pytest.mark.slow)
            for other in (("no-namespaces", None), ("user,no-namespaces", 65_534), ("container", 0))
        ),
    ],
)
def test_without_namespaces_everything_of_the_second_level_holds(folder: Path, kinds: str, user: int | None) -> None:
    said = run_elsewhere(kinds, folder, *(["train"] if "container" in kinds else []))
    assert said["user"] == (os.getuid() if user is None else user)
    assert (said["level"], said["missing"]) == (2, NO_NAMESPACES)
    assert (said.get("valid", True), said.get("isolation", 2)) == (True, 2)


def test_an_ordinary_user_has_what_root_has(folder: Path) -> None:
    assert [one.name for one in probe() if not one.is_ok] == []
    said = run_elsewhere("user", folder, "train")
    assert (said["user"], said["level"], said["missing"]) == (65_534, 3, [])
    assert (said["valid"], said["isolation"]) == (True, 3)


def test_kernels_without_descriptors_of_processes_run_boxes_as_well(folder: Path) -> None:
    said = run_elsewhere("gvisor", folder, "train", "trust")
    assert (said["valid"], said["isolation"]) == (True, 1)


def test_without_landlock_nothing_is_run(folder: Path) -> None:
    said = run_elsewhere("no-landlock", folder, "train")
    assert said["level"] == 1
    assert "layer: files" in str(said["missing"])
    assert "valid" not in said
    assert "isolation level 1 here and sandbox.require is 2; missing: files ([Errno 38]" in str(said["error"])
