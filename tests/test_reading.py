"""Files that people bring: no device, no silent pipe, nothing without end."""

import os
import threading
from pathlib import Path

import pytest

from archwright import reading
from archwright.errors import UsageError
from archwright.reading import parse_toml, python_files, read_bytes, read_source


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bytes(tmp_path / "file", 5) == b"12345"
    assert read_bytes(tmp_path / "file", 4, is_cut=True) == b"1234"
    with pytest.raises(UsageError, match="more than 4 bytes"):
        read_bytes(tmp_path / "file", 4)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty", "/"])
def test_what_is_no_file_is_not_read(path: str) -> None:
    with pytest.raises((UsageError, OSError)):
        read_bytes(Path(path), 10)


def test_a_link_to_a_device_is_one(tmp_path: Path) -> None:
    (tmp_path / "net.py").symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="is a device"):
        read_source(tmp_path / "net.py")


def test_a_pipe_that_nobody_writes_to_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="did not end within 0.1 s"):
        read_source(tmp_path / "pipe")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(b"x = 1\n" * 20_000))
    writer.start()
    assert read_source(tmp_path / "pipe") == "x = 1\n" * 20_000
    writer.join()


def test_links_out_of_a_folder_are_no_files_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "nets"
    (folder / "more").mkdir(parents=True)
    (tmp_path / "secret.py").write_text("key = 1")
    (folder / "a.py").write_text("x = 1")
    (folder / "more" / "b.py").symlink_to(folder / "a.py")
    (folder / "out.py").symlink_to(tmp_path / "secret.py")
    (folder / "zero.py").symlink_to("/dev/zero")
    (folder / "loop.py").symlink_to(folder / "loop.py")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    assert python_files(folder) == [folder / "a.py", folder / "more" / "b.py"]


def test_a_key_of_many_parts_takes_no_time() -> None:
    for text in ("[" + ".".join(["a"] * 200_000) + "]", "x = {" + ".".join(['"a b"'] * 50_000) + " = 1}"):
        with pytest.raises(ValueError, match="nested too deeply"):
            parse_toml(text)
    assert parse_toml(f'a.b."c d" = "{"1." * 99}"\n[e]\nf = ["{"x" * 10**6}"]')["a"] == {"b": {"c d": "1." * 99}}
