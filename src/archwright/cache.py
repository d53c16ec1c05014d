"""Where things that can be had again are kept between runs: data sets, decoded images, converted models, outcomes."""

import os
from pathlib import Path


def cache_root() -> Path:
    """Return `$ARCHWRIGHT_CACHE`, else `archwright` in the XDG cache folder; it may not exist yet."""
    explicit = os.environ.get("ARCHWRIGHT_CACHE")
    if explicit:
        return Path(explicit).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "archwright"
