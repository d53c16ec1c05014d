"""What CONTRIBUTING.md shows is run as it stands: a package of somebody else's with a generator and a strategy."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with the package, installed as far as entry points go."""
    text = PAGE.read_text("utf-8")
    for name, source in re.findall(r"```python\n# (\S+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    (tmp_path / "mirror_package" / "__init__.py").touch()
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    points = tomllib.loads(block)["project"]["entry-points"]
    about = tmp_path / "mirror_package-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mirror-package\nVersion: 1\n", "utf-8")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in each.items())
        for group, each in points.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    return tmp_path


def run(package: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(package)}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=package, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_examples_pass_the_suites_they_inherit(package: Path) -> None:
    assert " passed" in run(package, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")


def test_the_parts_of_a_package_are_found_by_name_with_their_settings(package: Path) -> None:
    settings = ("loop.strategy=greedy", "loop.generator=mutation", "greedy.mutations=2", "loop.cycles=1")
    options = [word for setting in settings for word in ("--set", setting)]
    assert '"mutations": 2' in run(package, "archwright", "search", "--dry-run", "--json", *options)
