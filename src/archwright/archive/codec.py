"""From frozen dataclasses to columns of a table, and back to equal dataclasses, by their type hints alone.

A field becomes the column of its name; a field that is a dataclass itself becomes one column for each of its own
fields, with the outer name in front (`failure_kind`). Members of a StrEnum are stored as their text, mappings and
tuples as JSON. So a field is declared once, where it means something.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column
from sqlalchemy.types import TypeEngine

from archwright.archive.columns import ExactText, Instant, JsonColumn, Real

T = TypeVar("T")

_TYPES: dict[type, type[TypeEngine[Any]]] = {
    bool: Boolean,
    int: BigInteger,
    float: Real,
    str: ExactText,
    datetime: Instant,
}


class _Field(NamedTuple):
    """One field of a dataclass as it is stored: all that its type says, worked out once."""

    name: str
    column: str
    """The column, or what the names of its columns begin with."""
    kind: Any
    """The type without `| None`."""
    is_optional: bool
    inner: "tuple[_Field, ...]"
    """The fields of a nested dataclass; empty for anything else."""
    marker: str
    """Of a nested dataclass the column of its first field, whose absence says that all of it is absent."""
    convert: Callable[[Any], Any] | None
    """Makes the field of what its column gives, or raises ValueError; None where that is the field already."""
    missing: float | None
    """What NULL means."""


_KNOWN: dict[tuple[Any, str], tuple[_Field, ...]] = {}


def columns_of(
    cls: type,
    *,
    prefix: str = "",
    leave_out: tuple[str, ...] = (),
    types: Mapping[str, Any] | None = None,
    is_nullable: bool = False,
) -> list[Column[Any]]:
    """Return the columns of the dataclass `cls`; `types` gives some of them (by column name) another type than usual.

    Floats are nullable: NaN is stored as NULL. With `is_nullable` all columns are.
    """
    columns: list[Column[Any]] = []
    for field in _fields(cls, prefix):
        if field.name in leave_out:
            continue
        may_be_null = is_nullable or field.is_optional
        if field.inner:
            columns += columns_of(field.kind, prefix=f"{field.column}_", types=types, is_nullable=may_be_null)
        else:
            kind = (types or {}).get(field.column) or _column_type(field.kind)
            columns.append(Column(field.column, kind, nullable=may_be_null or field.kind is float))
    return columns


def to_row(value: object, *, prefix: str = "", leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the columns of the dataclass `value`; raises ValueError for a nested number that would read as missing."""
    row: dict[str, Any] = {}
    for field in _fields(type(value), prefix):
        if field.name in leave_out:
            continue
        content = getattr(value, field.name)
        if not field.inner:
            row[field.column] = _stored(content)
        elif content is None:
            row |= _absent(field.kind, f"{field.column}_")
        else:
            nested = to_row(content, prefix=f"{field.column}_")
            first = nested[field.marker]
            if field.is_optional and (first is None or (isinstance(first, float) and math.isnan(first))):
                raise ValueError(f"{field.marker} is missing or NaN")
            row |= nested
    return row


def from_row(cls: type[T], columns: Mapping[str, Any], **given: object) -> T:
    """Return the dataclass of a row, given as column -> value; fields that are `given` are not read.

    Raises ValueError or KeyError for a value that no version of Archwright writes.
    """
    return _built(cls, _fields(cls), columns, given)


def _built(cls: type[T], plan: tuple[_Field, ...], columns: Mapping[str, Any], values: dict[str, Any]) -> T:
    for name, column, kind, is_optional, inner, marker, convert, missing in plan:
        if name in values:
            continue
        if inner:
            is_missing = is_optional and columns[marker] is None
            values[name] = None if is_missing else _built(kind, inner, columns, {})
            continue
        value = columns[column]
        if value is None:
            value = missing
            if value is None and not is_optional:
                raise ValueError(f"{column} is missing")
        elif convert is not None:
            value = convert(value)
        values[name] = value
    return cls(**values)


@cache
def _absent(cls: type, prefix: str) -> Mapping[str, None]:
    """Return the row of a nested dataclass that is not there."""
    return dict.fromkeys(column.name for column in columns_of(cls, prefix=prefix, is_nullable=True))


def _fields(cls: Any, prefix: str = "") -> tuple[_Field, ...]:
    known = _KNOWN.get((cls, prefix))
    if known is None:
        hints = get_type_hints(cls)
        known = tuple(_field(field.name, prefix, *_without_none(hints[field.name])) for field in fields(cls))
        _KNOWN[cls, prefix] = known
    return known


def _field(name: str, prefix: str, kind: Any, is_optional: bool) -> _Field:
    column = prefix + name
    inner = _fields(kind, f"{column}_") if is_dataclass(kind) else ()
    marker = inner[0].column if inner else ""
    convert = None if inner else _reader(kind)
    missing = math.nan if kind is float and not is_optional else None
    return _Field(name, column, kind, is_optional, inner, marker, convert, missing)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint):
        (kind,) = (part for part in get_args(hint) if part is not type(None))
        return kind, True
    return hint, False


def whole(value: object) -> int:
    """Return `value`, which is an integer; SQLite gives whatever somebody put into the column."""
    if type(value) is not int:
        raise ValueError(f"{str(value)[:40]!r} is no whole number")
    return value


def _real(value: object) -> float:
    if type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{str(value)[:40]!r} is no number")
    float(value)  # or OverflowError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")
    return value


_READERS: dict[Any, Callable[[Any], Any]] = {int: whole, float: _real, str: _text}


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes a `kind` of what a column or JSON gives; None where anything goes."""
    if _is_enum(kind):
        members = {member.value: member for member in kind}
        # Looking a member up takes a fraction of the time of a call of the enum.
        return lambda value: (members.get(value) if type(value) is str else None) or kind(value)
    if kind in _READERS:
        return _READERS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        item = _reader(arguments[0]) or (lambda value: value)
        return lambda value: tuple(item(each) for each in _of(list, value))
    if origin in (dict, Mapping):
        item = _reader(arguments[1]) or (lambda value: value)
        return lambda value: {name: item(each) for name, each in _of(dict, value).items()}
    return None


def _of(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise ValueError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _column_type(kind: Any) -> type[TypeEngine[Any]]:
    return ExactText if _is_enum(kind) else _TYPES.get(kind, JsonColumn)


def _stored(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
