"""Whatever a candidate left in its scratch folder is removed, and nothing else."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from archwright.sandbox.scratch import PREFIX, OwnedFolder, remove_folder


def test_folders_nested_beyond_every_limit_are_removed(tmp_path: Path) -> None:
    """Deeper than Python recurses and than a path may be long."""
    (tmp_path / "scratch").mkdir()
    folder = os.open(tmp_path / "scratch", os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("x" * 20, dir_fd=folder)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        below = os.open("x" * 20, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    remove_folder(str(tmp_path / "scratch"))
    assert list(tmp_path.iterdir()) == []


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o750)
    (outside / "kept").write_text("kept")
    (tmp_path / "scratch" / "inner").mkdir(parents=True)
    for number, target in enumerate((outside, outside / "kept", tmp_path / "nowhere")):
        (tmp_path / "scratch" / "inner" / str(number)).symlink_to(target)
    (tmp_path / "scratch" / "inner").chmod(0o000)
    remove_folder(str(tmp_path / "scratch"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside"]
    assert (outside / "kept").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o750


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    remove_folder(str(tmp_path / "nowhere"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_next_run_sweeps_what_a_killed_one_left(temporary: Path) -> None:
    script = (
        "from archwright.sandbox.supervisor import Sandbox\nimport time\n"
        "boxes = Sandbox('json:loads'); print(boxes.warm_pid, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        warm = int(victim.stdout.readline())
        (left,) = temporary.glob(f"{PREFIX}*")
        OwnedFolder().remove()
        assert left.exists(), "its owner lives"
        os.kill(warm, signal.SIGKILL)
        victim.kill()
    (left / "tmpabc" / "inner").mkdir(parents=True)
    OwnedFolder().remove()
    assert list(temporary.iterdir()) == []


def test_only_folders_of_sandboxes_are_swept(temporary: Path) -> None:
    for name in ("archwright-canary-12345678", "archwright-abcdefgh", "something"):
        (temporary / name).mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "something")
    (temporary / f"{PREFIX}file").touch()
    before = set(temporary.iterdir())
    OwnedFolder().remove()
    assert set(temporary.iterdir()) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give folders away")
def test_folders_of_other_users_are_left_alone(temporary: Path) -> None:
    foreign = temporary / f"{PREFIX}foreign"
    foreign.mkdir()
    os.chown(foreign, 65_534, 65_534)
    OwnedFolder().remove()
    assert foreign.exists()


def test_two_sandboxes_of_one_process_leave_each_other_alone(temporary: Path) -> None:
    one, other = OwnedFolder(), OwnedFolder()
    assert Path(one.path).exists()
    other.remove()
    assert Path(one.path).exists()
    one.remove()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_another_run_sweeps_before_it_is_locked_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, swept = tempfile.mkdtemp, []

    def made_beside_a_sweep(**named: str) -> str:
        path = make(**named)
        if not swept:
            swept.append(path)
            OwnedFolder().remove()
        return path

    monkeypatch.setattr(tempfile, "mkdtemp", made_beside_a_sweep)
    folder = OwnedFolder()
    assert not Path(swept[0]).exists()
    assert Path(folder.path).exists()
    folder.remove()
