"""The two sides of a corpus: what is taught, and what is held out to measure the loss on."""

import hashlib

HELD_OUT_PARTS = 20
"""One cluster in so many is held out."""


def side_of(name: str) -> str:
    """Return the side of whatever is called `name`: by that alone, so that a larger corpus moves none to the other."""
    digest = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    return "train" if digest % HELD_OUT_PARTS else "held-out"
