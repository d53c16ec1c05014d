"""One HTTP request whose answer is bounded in time and in size, whatever the server does.

httpx bounds the wait for the next bytes only: a server that sends one byte a second never ends, and a small compressed
answer can become gigabytes. Here the whole request has a deadline and the answer, also unpacked, a size.
"""

import contextlib
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock, Timer

import httpx

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of an unpacked answer; a completion of 100,000 tokens has about 0.5 MB."""
_CHUNK = 65_536
_GZIP, _ZLIB, _BARE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_UNPACKED = ("identity", "", "none", "utf-8")
"""Encodings that are none, the last of which some servers take for one."""


class TooLargeError(Exception):
    """The answer is larger than we accept."""


class TooSlowError(Exception):
    """The answer was not complete at the deadline."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer, whole."""

    status: int
    headers: httpx.Headers
    content: bytes


def exchange(client: httpx.Client, url: httpx.URL, body: dict[str, object] | None, timeout_s: float) -> Reply:
    """Return the reply to `body`; without one the reply to a mere GET.

    Raises TooSlowError after `timeout_s`, TooLargeError, and httpx.TransportError as httpx does.
    """
    deadline = time.monotonic() + timeout_s
    cut = _Cut()
    timer = Timer(timeout_s, cut)
    timer.daemon = True
    timer.start()
    headers, extensions = {"Accept-Encoding": "identity"}, {"trace": cut.watch}
    method = "GET" if body is None else "POST"
    try:
        with client.stream(method, url, json=body, headers=headers, extensions=extensions) as response:
            content = b"".join(_bounded(response, deadline))
            return Reply(response.status_code, response.headers, content)
    except (httpx.TransportError, httpx.StreamError):
        if cut.is_made:
            raise TooSlowError from None
        raise
    finally:
        timer.cancel()


class _Cut:
    """Ends the connection of one request from another thread; connections are not shared between requests."""

    def __init__(self) -> None:
        self.is_made = False
        self._socket: socket.socket | None = None
        self._lock = Lock()

    def watch(self, name: str, info: dict[str, object]) -> None:
        """Note the connection as httpcore opens it, and again when encryption has replaced its socket."""
        stream = info.get("return_value")
        if name.endswith(("connect_tcp.complete", "start_tls.complete")) and stream is not None:
            found = stream.get_extra_info("socket")  # type: ignore[attr-defined]  # httpcore's NetworkStream
            with self._lock:
                self._socket = found if isinstance(found, socket.socket) else None
            if self.is_made:
                self()

    def __call__(self) -> None:
        self.is_made = True
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                # Not SSLSocket's own method, which would pull its state away from the thread that is reading.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _bounded(response: httpx.Response, deadline: float) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in (*_UNPACKED, "gzip", "x-gzip", "deflate"):
        raise httpx.DecodingError(f"its answer is encoded as {encoding[:40]!r}, which was not asked for")
    size, unpacker, is_first = 0, None, True
    for packed in response.iter_raw(_CHUNK):
        waiting = packed
        if is_first and packed:
            unpacker, is_first = _unpacker(encoding, packed), False
        while waiting:
            if unpacker is None:
                chunk, waiting = waiting, b""
            else:
                try:
                    chunk = unpacker.decompress(waiting, _CHUNK)
                except zlib.error as error:
                    raise httpx.DecodingError(f"its compressed answer is damaged: {error}") from None
                waiting = unpacker.unconsumed_tail
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise TooLargeError
            if time.monotonic() > deadline:
                raise TooSlowError
            yield chunk
    if unpacker is not None:
        yield unpacker.flush()


def _unpacker(encoding: str, start: bytes) -> "zlib._Decompress | None":
    """Return what unpacks an answer that begins so; gateways forget the header, and `deflate` comes with and without
    its own."""
    if start.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(_GZIP)
    if encoding == "deflate":
        return zlib.decompressobj(
            _ZLIB if start[0] & 15 == 8 and len(start) > 1 and (start[0] * 256 + start[1]) % 31 == 0 else _BARE
        )
    return zlib.decompressobj(_GZIP) if encoding not in _UNPACKED else None
