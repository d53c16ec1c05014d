"""Whatever a candidate left in its scratch folder is removed, and nothing else."""

import os
from pathlib import Path

from archwright.sandbox.keeper import remove_folder


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
