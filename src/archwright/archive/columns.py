"""Column types that give back exactly what was put in, on every database.

Databases disagree on the awkward values: PostgreSQL refuses NUL in text, none stores lone surrogates, SQLite turns NaN
into NULL and no integer column holds more than 64 bits. Candidates contain all of these.
"""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Double, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

ESCAPE = "\x10"
"""DLE, the control character "data link escape"; it hardly occurs, so stored text reads as it was written."""

_UNSTORABLE = re.compile("[\x00\x10\ud800-\udfff]")
_ESCAPED = re.compile("\x10([0-9a-f]{4})")


def escape(text: str) -> str:
    """Return `text` with NUL, lone surrogates and the escape character itself as ESCAPE and four hexadecimal digits."""
    return _UNSTORABLE.sub(lambda match: f"{ESCAPE}{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """Return the text that `escape` was given."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if ESCAPE in text else text


_DECODER = json.JSONDecoder()


class _Exact(TypeDecorator[T]):
    """A type whose values `read` makes of what the database gives, directly: an archive has many."""

    @staticmethod
    def read(value: Any, /) -> T:
        """Return what was stored as `value`, which is not NULL."""
        raise NotImplementedError

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], T | None]:
        """Return what makes of a value of the database what was stored, without the layers that usually lie between."""
        read = self.read
        return lambda value: None if value is None else read(value)


class ExactText(_Exact[str]):
    """Any Python string."""

    impl = Text
    cache_ok = True
    read = staticmethod(unescape)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the storable form."""
        return None if value is None else escape(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Return `read`, in one call for nearly every text."""
        return lambda value: value if value is None or ESCAPE not in value else unescape(value)


class Real(_Exact[float]):
    """A float, bit for bit but for the sign of zero, which SQLite drops and which is therefore dropped everywhere.

    NaN is stored as NULL: whoever reads a required value takes None for NaN.
    """

    impl = Double
    cache_ok = True
    read = staticmethod(float)

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Return the storable form."""
        return None if value is None or math.isnan(value) else float(value) + 0.0


class Whole(_Exact[int]):
    """An integer of any size, as decimal digits: a network on the meta device can claim more than 2**63 FLOPs."""

    impl = Text
    cache_ok = True
    read = staticmethod(int)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        """Return the storable form."""
        return None if value is None else str(int(value))


class JsonColumn(_Exact[Any]):
    """A JSON value as ASCII text; floats come back bit for bit, NaN and infinity included, tuples as lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Return the storable form."""
        return None if value is None else json.dumps(value)

    @staticmethod
    def read(value: str) -> Any:
        """Return what was stored."""
        found, end = _DECODER.raw_decode(value)  # `decode` looks for white space around it, which we do not write
        return found if end == len(value) else _DECODER.decode(value)


class Instant(_Exact[datetime]):
    """A moment with a time zone, stored in UTC as ISO 8601 with microseconds."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the storable form."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    @staticmethod
    def read(value: str) -> datetime:
        """Return the moment that was stored, in UTC."""
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return moment
