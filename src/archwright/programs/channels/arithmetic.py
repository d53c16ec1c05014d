"""Expressions over widths as a box tells them: nested JSON lists, computed here without executing anything.

`["Add", ["Mul", 4, "w3"], 1]` is 4 w3 + 1. Integers and fractions are exact.
"""

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import TypeAlias, cast

from archwright.candidate import Json

Number: TypeAlias = int | Fraction | float | bool
DEEPEST = 60
LARGEST = 2.0**63


def _power(base: Number, exponent: Number) -> Number:
    if not isinstance(exponent, int | Fraction) or exponent != int(exponent) or not -8 <= float(exponent) <= 8:
        raise ValueError("a power beyond 8")
    return Fraction(base) ** int(exponent)


def _true_division(left: Number, right: Number) -> Number:
    return float(left) / float(right)


_MANY: dict[str, Callable[[Number, Number], Number]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Max": max,
    "Min": min,
    "And": lambda left, right: bool(left) and bool(right),
    "Or": lambda left, right: bool(left) or bool(right),
    "FloatTrueDiv": _true_division,
    "IntTrueDiv": _true_division,
    "FloorDiv": operator.floordiv,
    "CleanDiv": operator.floordiv,
    "Mod": operator.mod,
    "PythonMod": operator.mod,
    "Rational": lambda left, right: Fraction(left) / Fraction(right),
    "Pow": _power,
    "PowByNatural": _power,
    "Equality": operator.eq,
    "Unequality": operator.ne,
    "LessThan": operator.le,
    "StrictLessThan": operator.lt,
    "GreaterThan": operator.ge,
    "StrictGreaterThan": operator.gt,
}
_ONE: dict[str, Callable[[Number], Number]] = {
    "Not": operator.not_,
    "Abs": lambda value: max(value, -value),
    "ToFloat": float,
    "TruncToInt": math.trunc,
    "FloorToInt": math.floor,
    "CeilToInt": math.ceil,
    "floor": math.floor,
    "ceiling": math.ceil,
    "RoundToInt": round,
    "Identity": lambda value: value,
}
OPERATIONS = frozenset(_MANY) | frozenset(_ONE)


def value_of(expression: Json, names: Mapping[str, int], depth: int = 0) -> Number:
    """Return what `expression` comes to; raises ValueError for one that makes no sense or grows beyond 2^63."""
    if isinstance(expression, bool | int | float):
        return expression
    if isinstance(expression, str):
        if expression not in names:
            raise ValueError(f"an unknown name {expression[:20]}")
        return names[expression]
    if not isinstance(expression, list) or len(expression) < 2 or depth > DEEPEST:
        raise ValueError("no expression")
    kind = cast("str", expression[0])
    values = [value_of(each, names, depth + 1) for each in expression[1:]]
    try:
        if kind in _ONE and len(values) == 1:
            result = _ONE[kind](values[0])
        elif kind in _MANY:
            result = reduce(_MANY[kind], values)
        else:
            raise ValueError("an unknown operation")
        is_small = -LARGEST < float(result) < LARGEST
    except (ArithmeticError, TypeError) as error:
        raise ValueError(str(error)) from None
    if not is_small:
        raise ValueError("a number beyond 2^63")
    return result


def whole(expression: Json, names: Mapping[str, int]) -> int | None:
    """Return the whole number that `expression` comes to, None where it is not one."""
    value = value_of(expression, names)
    return int(value) if value == int(value) else None
