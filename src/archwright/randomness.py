"""Seeds derived from names, so that any part of a study can be repeated without the parts before it."""

import hashlib


def derive_seed(seed: int, *path: str | int) -> int:
    """Return a seed in [0, 2**63) that depends on `seed` and every element of `path`, the same on every machine."""
    text = "/".join(str(part) for part in (seed, *path))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
