"""How long a server asks to wait before it is asked again: in a header, in its words, or in its estimate."""

import math
import re
import time
from email.utils import parsedate_to_datetime

import httpx

_IN_WORDS = re.compile(
    r"(?:try again|retry)\s+(?:in|after)\s+(?:(\d{1,3})h)?(?:(\d{1,5})m(?!s))?(?:(\d{1,9}(?:\.\d{1,6})?)\s*(m?s))?",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(rb'"estimated_time"\s*:\s*(\d{1,5}(?:\.\d{1,6})?)')
LONGEST_ESTIMATE_S = 60.0
"""A model that loads for longer is asked again meanwhile."""


def asked_pause_s(headers: httpx.Headers, said: str, content: bytes) -> float | None:
    """Return the seconds that a server asks to wait; None when it does not say, or nothing sensible."""
    header = headers.get("Retry-After")
    pause = None if header is None else _seconds_or_date(header)
    if pause is None and (milliseconds := headers.get("Retry-After-Ms")):
        pause = _seconds_or_date(milliseconds, 0.001)
    if pause is None and (words := _IN_WORDS.search(said)) and any(words.groups()):
        hours, minutes, rest, unit = words.groups()
        pause = 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest or 0) * (0.001 if unit == "ms" else 1)
    if pause is None and (estimate := _ESTIMATE.search(content[:20_000])):
        pause = min(float(estimate[1]), LONGEST_ESTIMATE_S)
    return pause


def _seconds_or_date(header: str, unit: float = 1.0) -> float | None:
    try:
        seconds = float(header) * unit
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
