"""From frozen dataclasses to columns of a table, and back to equal dataclasses, by their type hints alone.

A field becomes the column of its name; a field that is a dataclass itself becomes one column for each of its own
fields, with the outer name in front (`failure_kind`). Members of a StrEnum are stored as their text, mappings and
tuples as JSON. So a field is declared once, where it means something.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column, Row
from sqlalchemy.types import TypeEngine

from archwright.archive.columns import ExactText, Instant, Json, Real

T = TypeVar("T")

_TYPES: dict[type, type[TypeEngine[Any]]] = {
    bool: Boolean,
    int: BigInteger,
    float: Real,
    str: ExactText,
    datetime: Instant,
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a dataclass, as it is stored."""

    name: str
    kind: Any
    """The type without `| None`."""
    is_optional: bool

    @property
    def is_nested(self) -> bool:
        return is_dataclass(self.kind)


_KNOWN: dict[Any, tuple[_Field, ...]] = {}


def columns_of(
    cls: type, *, prefix: str = "", leave_out: tuple[str, ...] = (), types: Mapping[str, Any] | None = None
) -> list[Column[Any]]:
    """Return the columns of the dataclass `cls`; `types` gives some of them (by column name) another type than usual.

    Floats are nullable: NaN is stored as NULL.
    """
    return _columns(cls, prefix, leave_out, types or {}, is_nullable=False)


def to_row(value: object, *, prefix: str = "", leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the columns of the dataclass `value`; raises ValueError for a nested number that would read as missing."""
    row: dict[str, Any] = {}
    for field in _fields(value.__class__):
        if field.name in leave_out:
            continue
        content, name = getattr(value, field.name), prefix + field.name
        if not field.is_nested:
            row[name] = _stored(content)
        elif content is None:
            row |= {column.name: None for column in _columns(field.kind, f"{name}_", (), {}, is_nullable=True)}
        else:
            nested = to_row(content, prefix=f"{name}_")
            first = nested[f"{name}_{_marker(field.kind)}"]
            if field.is_optional and (first is None or (isinstance(first, float) and math.isnan(first))):
                raise ValueError(f"{name}.{_marker(field.kind)} is missing or NaN")
            row |= nested
    return row


def from_row(cls: type[T], row: Row[Any] | Mapping[str, Any], *, prefix: str = "", **given: object) -> T:
    """Return the dataclass of a `row`; fields that are `given` are not read.

    Raises ValueError or KeyError for a value that no version of Archwright writes.
    """
    columns: Any = row._mapping if isinstance(row, Row) else row
    values = dict(given)
    for field in _fields(cls):
        name = prefix + field.name
        if field.name in given:
            continue
        if field.is_nested:
            is_missing = field.is_optional and columns[f"{name}_{_marker(field.kind)}"] is None
            values[field.name] = None if is_missing else from_row(field.kind, columns, prefix=f"{name}_")
        else:
            values[field.name] = _read(columns[name], field)
    return cls(**values)


def _columns(
    cls: type, prefix: str, leave_out: tuple[str, ...], types: Mapping[str, Any], *, is_nullable: bool
) -> list[Column[Any]]:
    columns: list[Column[Any]] = []
    for field in _fields(cls):
        if field.name in leave_out:
            continue
        name = prefix + field.name
        may_be_null = is_nullable or field.is_optional
        if field.is_nested:
            columns += _columns(field.kind, f"{name}_", (), types, is_nullable=may_be_null)
        else:
            kind = types.get(name) or _column_type(field.kind)
            columns.append(Column(name, kind, nullable=may_be_null or field.kind is float))
    return columns


def _fields(cls: Any) -> tuple[_Field, ...]:
    if cls not in _KNOWN:
        hints = get_type_hints(cls)
        _KNOWN[cls] = tuple(_Field(field.name, *_without_none(hints[field.name])) for field in fields(cls))
    return _KNOWN[cls]


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint):
        (kind,) = (part for part in get_args(hint) if part is not type(None))
        return kind, True
    return hint, False


def _marker(cls: type) -> str:
    """Return the first field, whose absence says that an optional dataclass is absent."""
    return _fields(cls)[0].name


def _column_type(kind: Any) -> type[TypeEngine[Any]]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ExactText
    return _TYPES.get(kind, Json)


def _stored(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _read(value: Any, field: _Field) -> Any:
    kind = field.kind
    if value is None:
        return math.nan if kind is float and not field.is_optional else None
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return tuple(value) if get_origin(kind) is tuple else value
