"""Against a real HTTP server on loopback that can misbehave."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archwright.errors import DataError, StorageError
from archwright.evaluation.data import download as module
from archwright.evaluation.data.catalog import RemoteFile
from archwright.evaluation.data.download import download

CONTENTS = bytes(range(256)) * 8_000
MD5 = hashlib.md5(CONTENTS).hexdigest()
NOWHERE = "http://127.0.0.1:9/"


@dataclass
class Hub:
    """What the server does, and what it was asked."""

    url: str = ""
    contents: bytes = CONTENTS
    breaks: list[int] = field(default_factory=list)
    """After so many bytes the connection breaks, one entry per request."""
    status: int = 0
    knows_ranges: bool = True
    sends_length: bool = True
    wrong_range: bool = False
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            hub.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and hub.knows_ranges else 0
            if hub.status or not self.path.endswith("/data.bin"):
                self.send_error(hub.status or 404)
                return
            if start >= len(hub.contents):
                self.send_error(416)
                return
            body = hub.contents[start:]
            self.send_response(206 if start else 200)
            if start:
                shown = 0 if hub.wrong_range else start
                self.send_header("Content-Range", f"bytes {shown}-{len(hub.contents) - 1}/{len(hub.contents)}")
            if hub.sends_length:
                self.send_header("Content-Length", str(len(body)))
            # Some servers say this of every .gz file; it must not be undone.
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body[: hub.breaks.pop(0)] if hub.breaks else body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}/files/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hub
        server.shutdown()
        thread.join()


def file_at(*mirrors: str, md5: str = MD5) -> RemoteFile:
    return RemoteFile("data.bin", md5, len(CONTENTS), mirrors)


def test_a_file_arrives_whole_and_nothing_else_stays(hub: Hub, tmp_path: Path) -> None:
    path = download(file_at(hub.url), tmp_path / "new")
    assert path == tmp_path / "new" / "data.bin"
    assert path.read_bytes() == CONTENTS
    assert not list(path.parent.glob("*.part"))


def test_progress_is_told_up_to_the_last_byte(hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    download(file_at(hub.url), tmp_path, on_progress=lambda *step: seen.append(step))
    assert seen[-1] == ("data.bin", len(CONTENTS), len(CONTENTS))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_a_server_that_tells_no_length_is_understood(hub: Hub, tmp_path: Path) -> None:
    hub.sends_length = False
    seen: list[int] = []
    path = download(file_at(hub.url), tmp_path, on_progress=lambda _, __, total: seen.append(total))
    assert path.read_bytes() == CONTENTS
    assert set(seen) == {len(CONTENTS)}


def test_a_file_that_is_there_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"here")
    assert download(file_at(hub.url), tmp_path).read_bytes() == b"here"
    assert hub.ranges == []


def test_a_connection_that_breaks_is_resumed_where_it_broke(hub: Hub, tmp_path: Path) -> None:
    hub.breaks = [1_000_000, 500_000]
    assert download(file_at(hub.url), tmp_path).read_bytes() == CONTENTS
    assert hub.ranges == [None, "bytes=1000000-", "bytes=1500000-"]


def test_a_download_given_up_is_resumed_by_the_next_one(hub: Hub, tmp_path: Path) -> None:
    hub.breaks = [400_000] * module.ATTEMPTS
    with pytest.raises(DataError, match="broke 3 times .* 1,200,000 bytes are kept.*it goes on where it stopped"):
        download(file_at(hub.url), tmp_path)
    assert not (tmp_path / "data.bin").exists()
    assert download(file_at(hub.url), tmp_path).read_bytes() == CONTENTS
    assert hub.ranges[-1] == "bytes=1200000-"


def test_a_server_that_knows_no_ranges_sends_it_all_again(hub: Hub, tmp_path: Path) -> None:
    hub.knows_ranges = False
    hub.breaks = [1_000_000]
    assert download(file_at(hub.url), tmp_path).read_bytes() == CONTENTS


def test_a_complete_part_is_checked_and_used(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENTS)
    assert download(file_at(hub.url), tmp_path).read_bytes() == CONTENTS


def test_another_range_than_asked_for_is_refused(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(CONTENTS[:100])
    hub.wrong_range = True
    with pytest.raises(DataError, match="another part of the file than asked for"):
        download(file_at(hub.url), tmp_path)


def test_a_wrong_checksum_is_refused_and_thrown_away(hub: Hub, tmp_path: Path) -> None:
    hub.contents = b"something else" * 1000
    with pytest.raises(DataError, match=f"its MD5 is [0-9a-f]{{32}}, the published one is {MD5}; it was thrown away"):
        download(file_at(hub.url), tmp_path)
    assert not list(tmp_path.glob("data.bin*"))


def test_a_part_of_something_else_is_found_out(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(b"rubbish")
    with pytest.raises(DataError, match="thrown away"):
        download(file_at(hub.url), tmp_path)
    assert download(file_at(hub.url), tmp_path).read_bytes() == CONTENTS


@pytest.mark.parametrize("status", [404, 403, 429, 500])
def test_a_refusal_is_told_with_its_address(status: int, hub: Hub, tmp_path: Path) -> None:
    hub.status = status
    with pytest.raises(DataError, match=rf"{hub.url}data\.bin: the server answered {status}"):
        download(file_at(hub.url), tmp_path)


def test_no_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the server cannot be reached"):
        download(file_at(NOWHERE), tmp_path)


def test_a_mirror_that_is_no_address_is_told(tmp_path: Path) -> None:
    for mirror in ("not a url", "http://[", "ftp://127.0.0.1/"):
        with pytest.raises(DataError, match=r"data\.bin could not be downloaded"):
            download(file_at(mirror), tmp_path)


def test_the_next_mirror_is_asked_when_one_fails(hub: Hub, tmp_path: Path) -> None:
    assert download(file_at(NOWHERE, f"{hub.url}empty/nothing/?", hub.url), tmp_path).read_bytes() == CONTENTS


def test_a_folder_that_cannot_be_written_is_a_storage_error(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        download(file_at(hub.url), tmp_path / "file" / "cifar10")


DOWNLOAD = """
import sys
from pathlib import Path
from archwright.evaluation.data.catalog import RemoteFile
from archwright.evaluation.data.download import download

url, md5, folder = sys.argv[1:]
print(len(download(RemoteFile("data.bin", md5, 0, (url,)), Path(folder)).read_bytes()))
"""


def test_processes_that_want_the_same_file_download_it_once(hub: Hub, tmp_path: Path) -> None:
    command = [sys.executable, "-c", DOWNLOAD, hub.url, MD5, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == [str(len(CONTENTS))] * 2
    assert hub.ranges == [None]
