"""Which servers, files and weaker settings were named on this machine.

A study folder can come from anywhere, and what it names would be sent keys, passwords and prompts, read or obeyed. What
a person gave here is remembered in a private file of the cache folder; anything else is used only after `--trust`.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from archwright.address import without_secrets
from archwright.cache import cache_root
from archwright.errors import StudyError

FILE = "named_servers"


def server_of(address: str) -> str:
    """Return scheme, host and port of a web address, in one spelling and without secrets."""
    try:
        parts = urlsplit(without_secrets(address))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return without_secrets(address).split("\n")[0]
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def remember(server: str) -> None:
    """Note that `server` was named on this machine; where the cache cannot be written, it will be asked for again."""
    path = cache_root() / FILE
    if "\n" in server or is_known(server):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, f"{server}\n".encode())
        finally:
            os.close(file)
    except OSError:
        return


def is_known(server: str) -> bool:
    """Return whether `server` was named on this machine."""
    try:
        lines = (cache_root() / FILE).read_text("utf-8", "replace").split("\n")
    except OSError:
        return False
    return server in lines


def require_known(server: str, folder: Path) -> None:
    """Raise StudyError when the study in `folder` names a `server` that nobody named on this machine."""
    if not is_known(server):
        raise StudyError(
            f"{folder} names {server}, which was not named on this machine: it could be sent your prompts and keys, or "
            "have programs run less confined",
            "if you know who made this study, add --trust to `archwright resume` or `archwright report`",
        )
