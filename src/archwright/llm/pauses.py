"""How long a server asks to wait before it is asked again: in a header, in its words, or in its estimate."""

import json
import math
import re
import time
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from archwright.llm.saying import read_json

_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_UNIT = r"(?P<unit>milli|ms|s|m|h|d)(?:seconds?|ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?)?(?![A-Za-z])"
_PART = re.compile(rf"(?P<number>\d{{1,9}}(?:\.\d{{1,9}})?)\s?{_UNIT}\s?", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"(?:(?:try|retry|retrying|again)\s+(?:again\s+)?(?:in|after)|wait(?:\s+for)?|retry[_ -]?after\W{1,3})\s*"
    r"(?:about\s+|at least\s+)?(?=\d)",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(rb'"estimated_time"\s*:\s*(\d{1,5}(?:\.\d{1,6})?)')
_STRUCTURED = re.compile(r"\b(?:r|remaining)=(\d{1,12}).*?\b(?:t|reset)=(\d{1,12})")
"""`RateLimit` of the drafts of the IETF: `"default";r=0;t=120`, `limit=10, remaining=0, reset=120`."""
_KEYS = ("retrydelay", "retry_after", "retry_after_seconds", "retryafter")
LONGEST_ESTIMATE_S = 60.0
"""A model that loads for longer is asked again meanwhile."""
_EPOCH = 10**9
"""Numbers from here on are seconds since 1970; a thousand times as much, milliseconds."""


def asked_pause_s(headers: httpx.Headers, said: str, content: bytes) -> float | None:
    """Return the seconds that a server asks to wait; None when it does not say, or nothing sensible."""
    milliseconds = headers.get("Retry-After-Ms")
    words, estimate = _IN_WORDS.search(said), _ESTIMATE.search(content[:20_000])
    pauses = (
        _pause(headers.get("Retry-After") or headers.get("X-Retry-After")),
        _pause(f"{milliseconds}ms") if milliseconds else None,
        _duration(said, words.end())[0] if words else None,
        _in_body(content),
        _until_reset(headers),
        min(float(estimate[1]), LONGEST_ESTIMATE_S) if estimate else None,
    )
    return next((pause for pause in pauses if pause is not None), None)


def _pause(said: str | None) -> float | None:
    """Return the seconds in a number of them, a duration, a moment since 1970, or a date."""
    text = (said or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        duration, end = _duration(text, 0)
        return duration if duration is not None and end == len(text) else _until(text)
    if not math.isfinite(seconds):
        return None
    if seconds >= _EPOCH:
        seconds = (seconds / 1000 if seconds >= 1000 * _EPOCH else seconds) - time.time()
    return max(0.0, seconds)


def _duration(text: str, start: int) -> tuple[float | None, int]:
    """Return the seconds in a duration such as `1m30s` that begins at `start`, and where it ends; None for none."""
    seconds: float | None = None
    while part := _PART.match(text, start):
        seconds, start = (seconds or 0.0) + float(part["number"]) * _UNITS[part["unit"].lower()], part.end()
    return seconds, start


def _until(date: str) -> float | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return max(0.0, read(date).timestamp() - time.time())
        except (ValueError, OverflowError):
            continue
    return None


def _until_reset(headers: httpx.Headers) -> float | None:
    """Return when the last of the limits that are used up begins anew; None where none is known to be."""
    pauses: list[float] = []
    for name, value in headers.items():
        if name == "ratelimit" and (found := _STRUCTURED.search(value)) and found[1] == "0":
            pauses.append(float(found[2]))
        elif "ratelimit" in name and "reset" in name and headers.get(name.replace("reset", "remaining")) == "0":
            pauses += [pause for pause in (_pause(value),) if pause is not None]
    return max(pauses, default=None)


def _in_body(content: bytes) -> float | None:
    """Return the pause in an error's details, or in the headers of another server that it quotes."""
    if not re.search(rb"retry.?(?:delay|after)|ratelimit", content[:20_000], re.IGNORECASE):
        return None
    try:
        objects = list(_objects(read_json(content[:20_000])))
    except (ValueError, RecursionError):
        return None
    for each in objects:
        for key, value in each.items():
            if key.lower().replace("-", "_") in _KEYS and not isinstance(value, bool | list | dict):
                return _pause(str(value))
    quoted = [{str(key): str(value) for key, value in each.items()} for each in objects]
    found = (_until_reset(httpx.Headers({"x-ratelimit-remaining": "0", **each})) for each in quoted if _is_limit(each))
    return next((pause for pause in found if pause is not None), None)


def _is_limit(each: dict[str, str]) -> bool:
    return any("ratelimit" in key.lower() for key in each) and json.dumps(each).isascii()


def _objects(value: object, depth: int = 8) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if depth:
            yield from _objects(item, depth - 1)
