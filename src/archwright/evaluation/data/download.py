"""Downloads published files: resumed where they stopped, checked against their checksum, then renamed into place."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.errors import DataError
from archwright.evaluation.data.catalog import RemoteFile
from archwright.evaluation.data.storage import writing

if TYPE_CHECKING:
    import httpx

OnDownloaded = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, bytes in total or 0 when unknown) as a download goes on."""

ATTEMPTS = 3
"""Connections to one mirror for one file; each goes on where the one before broke off."""
CONNECT_S = 10.0
READ_S = 60.0


class _MirrorError(Exception):
    """This mirror does not have the file; another may."""


def download(
    file: RemoteFile, folder: Path, mirrors: Sequence[str] | None = None, on_progress: OnDownloaded | None = None
) -> Path:
    """Return `folder / file.name`, downloaded from the first of `mirrors` (default: the file's own) that serves it.

    What arrived before an interruption is kept as `NAME.part` and not asked for again. A file of the right name that is
    already there is returned as it is. Processes that want the same file wait for the one that downloads it.
    Raises DataError when no mirror delivers the file with its published MD5, StorageError when it cannot be written.
    """
    import httpx

    target = folder / file.name
    reasons: list[str] = []
    with writing(folder, f".{file.name}.lock"):
        if target.exists():
            return target
        part = target.with_name(f"{file.name}.part")
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        with httpx.Client(timeout=timeout, follow_redirects=True) as client:
            for mirror in mirrors or file.mirrors:
                url = mirror.rstrip("/") + "/" + file.name
                try:
                    _fetch(client, url, part, file, on_progress)
                    _check(part, file)
                except _MirrorError as error:
                    reasons.append(f"{url}: {error}")
                else:
                    part.replace(target)
                    return target
    raise DataError(
        f"{file.name} could not be downloaded ({'; '.join(reasons)})", "try again: it goes on where it stopped"
    )


def _fetch(client: "httpx.Client", url: str, part: Path, file: RemoteFile, on_progress: OnDownloaded | None) -> None:
    """Complete `part` from `url`."""
    import httpx

    for attempt in range(1, ATTEMPTS + 1):
        try:
            _continue(client, url, part, file, on_progress)
        except httpx.TransportError as error:
            if attempt == ATTEMPTS or isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol):
                raise _MirrorError(_in_words(error, part)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _MirrorError(str(error)) from None
        else:
            return


def _continue(client: "httpx.Client", url: str, part: Path, file: RemoteFile, on_progress: OnDownloaded | None) -> None:
    """Ask for the bytes after those in `part` and append them; returns when the server has no more."""
    have = part.stat().st_size if part.exists() else 0
    # Some servers label a .gz file as an encoding; the bytes as stored are what the checksum is of.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:
            # Nothing after what we have: it is complete, or wrong and found out by the checksum.
            return
        if response.status_code not in (200, 206):
            raise _MirrorError(f"the server answered {response.status_code} {response.reason_phrase}")
        is_continued = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status_code == 206 and not is_continued:
            part.unlink()
            raise _MirrorError("the server sent another part of the file than asked for")
        if response.status_code == 200:
            have = 0
        total = have + int(response.headers.get("Content-Length", 0)) or file.size
        with part.open("ab" if have else "wb") as out:
            # In the pieces that arrive: larger ones would be lost when the connection breaks in the middle.
            for chunk in response.iter_raw():
                out.write(chunk)
                have += len(chunk)
                if on_progress is not None:
                    on_progress(file.name, have, total)
            out.flush()
            os.fsync(out.fileno())


def _check(part: Path, file: RemoteFile) -> None:
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != file.md5:
        part.unlink()
        raise _MirrorError(f"its MD5 is {found}, the published one is {file.md5}; it was thrown away")


def _in_words(error: "httpx.TransportError", part: Path) -> str:
    import httpx

    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"the server cannot be reached: {error or 'no answer'}"
    kept = part.stat().st_size if part.exists() else 0
    return f"the connection broke {ATTEMPTS} times ({error or type(error).__name__}); {kept:,} bytes are kept"
