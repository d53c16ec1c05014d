"""Where data sets are kept on this machine, and how processes write there one at a time."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from archwright.cache import cache_root
from archwright.errors import StorageError


def cache_folder() -> Path:
    """Return where data sets are kept: `data` in the cache folder."""
    return cache_root() / "data"


def data_roots() -> list[tuple[Path, str]]:
    """Return the folders where data sets may be, in the order they count, and whose each is."""
    named = os.environ.get("ARCHWRIGHT_DATA")
    return [*([(Path(named).expanduser(), "ARCHWRIGHT_DATA")] if named else []), (cache_folder(), "cache")]


@contextlib.contextmanager
def writing(folder: Path, lock_name: str) -> Iterator[None]:
    """Create `folder` and hold its lock `lock_name` while the body writes there; whoever comes second waits.

    A lock ends with its process, however that ends. Raises StorageError for whatever the file system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / lock_name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error)
        raise StorageError(
            f"{folder} cannot be written: {reason}", "free some space or set ARCHWRIGHT_CACHE elsewhere"
        ) from None
