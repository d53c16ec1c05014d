"""How an order travels inside: from the supervisor to the warm process, on to a keeper, and to its box.

Each hop is a stream socket that carries a text and descriptors. The text is JSON that the supervisor wrote.
"""

import json
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from archwright.sandbox.order import Limits, Order

HEADER = struct.Struct("!I")
MOST_FILES = 32


@dataclass(frozen=True, slots=True)
class Handover:
    """An order under way: its limits, and the descriptors of everything it needs."""

    limits: Limits
    names: Sequence[str]
    """What the last descriptors are called in the box."""
    files: Sequence[int]
    """The box's channel, the payload, the files by name and, until it reaches the box, the keeper's channel."""

    @classmethod
    def of(cls, order: Order, channel: int, voice: int, payload: int) -> "Handover":
        """Return what is sent for `order`, whose report comes back on `channel` and whose messages on `voice`."""
        return cls(order.limits, list(order.files), [voice, payload, *order.files.values(), channel])

    @property
    def voice(self) -> int:
        """Where the box sends messages."""
        return self.files[0]

    @property
    def channel(self) -> int:
        """Where the keeper reports."""
        return self.files[2 + len(self.names)]

    @property
    def named(self) -> Mapping[str, int]:
        """The files of the order."""
        return dict(zip(self.names, self.files[2:], strict=False))

    def take_payload(self) -> bytes:
        """Return the payload of the order and close its file."""
        file = self.files[1]
        payload = os.pread(file, os.fstat(file).st_size, 0)
        os.close(file)
        return payload

    def for_box(self, threads: int) -> "Handover":
        """Return what the box gets: everything but the keeper's channel, and how many `threads` its user may have."""
        return Handover(replace(self.limits, threads=threads), self.names, self.files[: 2 + len(self.names)])

    def with_isolation(self, isolation: int) -> "Handover":
        """Return this for another isolation level."""
        return replace(self, limits=replace(self.limits, isolation=isolation))

    def send(self, channel: socket.socket) -> None:
        """Send it on; raises OSError when nobody listens."""
        text = json.dumps({"limits": asdict(self.limits), "names": list(self.names)}).encode()
        socket.send_fds(channel, [HEADER.pack(len(text))], list(self.files))
        channel.sendall(text)

    def close(self) -> None:
        """Close this process's copies of the descriptors."""
        for number in self.files:
            os.close(number)


def receive(channel: socket.socket) -> Handover | None:
    """Return what comes next, or None when the other side left; raises TimeoutError when nothing comes in time."""
    header, files, _, _ = socket.recv_fds(channel, HEADER.size, MOST_FILES)
    if not header:
        return None
    channel.settimeout(None)
    text = bytearray()
    (size,) = HEADER.unpack(header)
    while len(text) < size and (part := channel.recv(size - len(text))):
        text += part
    if len(text) < size:
        return None
    content = json.loads(text)
    return Handover(Limits(**content["limits"]), content["names"], files)
