"""The widths of one program: its groups, what they must fulfil, how many parameters follow, and the program at others.

A group is a number that can be chosen; every literal is an expression of groups. As long as the conditions hold, the
program takes the same way through its code at other widths, so it builds and runs, and its parameters are computed,
not measured.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from archwright.candidate import Json
from archwright.contracts.parse import source_lines
from archwright.programs.channels.arithmetic import value_of, whole
from archwright.programs.channels.literals import LEAST, Literal, literals_of, rewritten

NARROWEST, WIDEST = LEAST, 1_025
"""Widths that a change may choose: as published (arXiv 2601.08517) but for 4 to 7, which nobody could find again among
kernels and ratios."""
NEAREST = 256
"""How far from a wanted width one is looked for that fulfils the conditions."""
RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 2, 2.0, 3.0, 4.0)
"""Of the widths to which two groups are tried together where one cannot change alone."""
MOST_ITEMS = 20_000
LONGEST_LINE = 100
MOST_NAMED = 3
"""Literals that a refusal names."""


class WidthReason(StrEnum):
    """Why a program has no widths that could be changed."""

    UNSOUND = "unsound"  # it fails the static checks
    BUILD = "build"  # it could not be built with symbols for its literals
    FORWARD = "forward"  # its forward pass could not be followed: decisions by content, or operations without sizes
    NO_WIDTHS = "no_widths"  # no literal of the text is a width that could be another
    LIMITS = "limits"  # following it took too long or too much memory
    BAD_RESULT = "bad_result"  # what its box told makes no sense


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """A program whose widths stay as they are."""

    reason: WidthReason
    message: str


class WidthError(ValueError):
    """Widths that do not go together, in words that let the next try succeed."""


@dataclass(frozen=True, slots=True)
class Widths:
    """What can be chosen in `source`, and what follows."""

    source: str
    groups: Mapping[str, int]
    """Name -> its width in `source`, in the order in which the program names them."""
    literals: Mapping[int, Json]
    """Number of a literal (`literals.literals_of`) -> its value over the groups."""
    conditions: tuple[Json, ...]
    params: tuple[Json, ...]
    """Size of every parameter over the groups."""

    def count(self, values: Mapping[str, int]) -> int:
        """Return the parameters of the network with these widths."""
        names = {**self.groups, **values}
        return sum(whole(size, names) or 0 for size in self.params)

    def fits(self, values: Mapping[str, int]) -> bool:
        """Return whether the network builds and runs with these widths."""
        names = {**self.groups, **values}
        try:
            literals = [whole(each, names) for each in self.literals.values()]
            return all(number is not None and number >= 1 for number in literals) and all(
                value_of(condition, names) for condition in self.conditions
            )
        except ValueError:
            return False

    def applied(self, values: Mapping[str, int]) -> str:
        """Return the program with these widths; raises WidthError for ones it cannot have."""
        for name, value in values.items():
            if name not in self.groups:
                raise WidthError(f"there is no group {name}; the groups are {', '.join(self.groups)}")
            if value != self.groups[name] and not NARROWEST <= value <= WIDEST:
                raise WidthError(f"{name} = {value} is not between {NARROWEST} and {WIDEST}")
        if not self.fits(values):
            raise WidthError(self._advice(values))
        names = {**self.groups, **values}
        places = literals_of(self.source)
        changed = {number: whole(each, names) for number, each in self.literals.items()}
        new = {number: value for number, value in changed.items() if value is not None}
        return rewritten(self.source, {number: new[number] for number in new if new[number] != places[number].value})

    def shown(self) -> dict[str, str]:
        """Return for each group its width and the line in which it first stands."""
        places, lines = literals_of(self.source), source_lines(self.source)
        first: dict[str, str] = {}
        for number, expression in self.literals.items():
            line = lines[places[number].line - 1].strip()
            for name in _names(expression) & self.groups.keys():
                first.setdefault(name, f"{self.groups[name]}, in `{line[:LONGEST_LINE]}`")
        return {name: first.get(name, str(value)) for name, value in self.groups.items()}

    def nearest(self, values: Mapping[str, int], name: str, but: int | None = None) -> int | None:
        """Return the width of one group next to the wanted one that fits the others; None where there is none.

        `but` is a width that it must not have.
        """
        wanted = values[name]
        for distance in range(NEAREST):
            for value in (wanted + distance, wanted - distance):
                if value != but and NARROWEST <= value <= WIDEST and self.fits({**values, name: value}):
                    return value
        return None

    def settled(self, values: Mapping[str, int]) -> dict[str, int]:
        """Return widths near `values` that fit: group by group, each as near as the ones before it allow."""
        found: dict[str, int] = {}
        for name in self.groups:
            wanted = values.get(name, self.groups[name])
            value = self.nearest({**found, name: min(WIDEST, max(NARROWEST, wanted))}, name)
            if value is not None:
                found[name] = value
        return found if self.fits(found) else {}

    def _advice(self, values: Mapping[str, int]) -> str:
        """Return which of the widths does not go with the others, and what would."""
        for name, value in values.items():
            others = {other: each for other, each in values.items() if other != name}
            if self.fits(others) and (near := self.nearest(dict(values), name)):
                return f"{name} = {value} does not fit the others (divisibility); {name} = {near} does"
        settled = self.settled(values)
        return f"these widths do not fit together; {settled or dict(self.groups)} do"


def read_widths(
    source: str, messages: Iterator[Mapping[str, object]] | list[Mapping[str, object]]
) -> Widths | Ungrouped:
    """Return the widths of `source` that a box told of, whatever it told."""
    heard: dict[str, list[Json]] = {"roots": [], "literals": [], "conditions": [], "params": []}
    for message in messages:
        if "untraced" in message:
            stage = WidthReason.FORWARD if message["untraced"] == "forward" else WidthReason.BUILD
            return Ungrouped(stage, str(message.get("why"))[:500])
        for name, items in heard.items():
            more = message.get(name, [])
            if not isinstance(more, list) or len(items) + len(more) > MOST_ITEMS:
                return Ungrouped(WidthReason.BAD_RESULT, f"no list of {name}")
            items += more
    try:
        return _checked(source, heard)
    except (ValueError, TypeError, KeyError) as error:
        return Ungrouped(WidthReason.BAD_RESULT, str(error)[:500])


def _checked(source: str, heard: Mapping[str, list[Json]]) -> Widths | Ungrouped:
    places = literals_of(source)
    roots = {str(name): _whole_number(value) for name, value in _pairs(heard["roots"])}
    literals = {int(number): expression for number, expression in _pairs(heard["literals"])}
    widths = Widths(source, roots, literals, tuple(heard["conditions"]), tuple(heard["params"]))
    if any(whole(each, roots) != places[number].value for number, each in literals.items()) or not widths.fits({}):
        raise ValueError("what was told of the widths does not hold for the program as it is")
    sized = {name for each in widths.params for name in _names(each)}
    stuck = {name for name in roots if name not in sized or not _can_change(widths, name)}
    if stuck == roots.keys():
        return Ungrouped(WidthReason.NO_WIDTHS, _held(literals, places))
    fixed = {name: roots[name] for name in stuck}
    return replace(
        widths,
        groups={name: value for name, value in roots.items() if name not in stuck},
        literals={number: _filled(each, fixed) for number, each in literals.items()},
        conditions=tuple(_filled(each, fixed) for each in widths.conditions),
        params=tuple(_filled(each, fixed) for each in widths.params),
    )


def _held(literals: Mapping[int, Json], places: Mapping[int, Literal]) -> str:
    """Return why none of the literals that reach layers can be another number."""
    if not literals:
        return "no literal of the text is the width of a layer"
    held = ", ".join(f"{places[number].value} (line {places[number].line})" for number in sorted(literals)[:MOST_NAMED])
    return (
        f"{held}: no other width goes with the numbers that the program does not take from a layer, as in "
        "nn.Parameter(torch.zeros(1, n, 64)), a split or a view, or with layers whose sizes must be plain numbers"
    )


def _can_change(widths: Widths, name: str) -> bool:
    """Return whether a group has another width, alone or with one of the groups that a condition ties it to."""
    about = _about(widths, {name})
    own = widths.groups[name]
    if any(width != own and about.fits({name: width}) for width in range(NARROWEST, WIDEST + 1)):
        return True
    tied = {other for each in (*about.conditions, *about.literals.values()) for other in _names(each)} - {name}
    return any(
        both.fits({name: width, other: with_it})
        for other in tied
        for both in [_about(widths, {name, other})]
        for width in _proportional(own)
        for with_it in _proportional(widths.groups[other])
    )


def _about(widths: Widths, names: set[str]) -> Widths:
    """Return only what depends on these groups: the rest holds while the others stay."""
    literals = {number: each for number, each in widths.literals.items() if _names(each) & names}
    return replace(widths, literals=literals, conditions=tuple(c for c in widths.conditions if _names(c) & names))


def _proportional(width: int) -> list[int]:
    near = [width - 1, width + 1, *(round(width * ratio) for ratio in RATIOS)]
    return [each for each in near if NARROWEST <= each <= WIDEST and each != width]


def _pairs(items: list[Json]) -> Iterator[tuple[str | int, Json]]:
    for item in items:
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[0], str | int):
            raise ValueError("no pair")
        yield item[0], item[1]


def _whole_number(value: Json) -> int:
    if not isinstance(value, int):
        raise ValueError("no whole number")
    return value


def _names(expression: Json) -> set[str]:
    if isinstance(expression, str):
        return {expression}
    return {name for each in expression[1:] for name in _names(each)} if isinstance(expression, list) else set()


def _filled(expression: Json, fixed: Mapping[str, int]) -> Json:
    if isinstance(expression, str):
        return fixed.get(expression, expression)
    if isinstance(expression, list):
        return [expression[0], *(_filled(each, fixed) for each in expression[1:])]
    return expression


def random_widths(widths: Widths, rng: random.Random, changes: int = 1) -> dict[str, int]:
    """Return other widths for at most `changes` groups, between half and twice what they are, settled.

    A group that cannot change with the others as they are leaves its turn to another.
    """
    values = dict(widths.groups)
    for name in rng.sample(list(values), len(values)):
        wanted = {**values, name: _factored(values[name], rng)}
        value = widths.nearest(wanted, name, but=values[name])
        if value is not None:
            values[name], changes = value, changes - 1
        if changes < 1:
            break
    return values


def scaled(widths: Widths, factor: float) -> dict[str, int]:
    """Return every group times `factor`, settled."""
    return widths.settled({name: round(value * factor) for name, value in widths.groups.items()})


def matched(widths: Widths, values: Mapping[str, int], params: int, tolerance: float) -> dict[str, int] | None:
    """Return `values` scaled so that the network has `params` parameters within `tolerance`; None where none is found.

    Bisection on one factor for all groups, then single groups are moved where divisibility left a gap.
    """
    low, high = 0.05, 20.0
    best: tuple[float, dict[str, int]] | None = None
    for _ in range(24):
        factor = (low * high) ** 0.5
        found = widths.settled({name: max(1, round(value * factor)) for name, value in values.items()})
        if not found:
            break
        count = widths.count(found)
        distance = abs(count - params) / params
        if best is None or distance < best[0]:
            best = distance, found
        low, high = (factor, high) if count < params else (low, factor)
    return best[1] if best is not None and best[0] <= tolerance else None


def _factored(value: int, rng: random.Random) -> int:
    """Return another width, between half and twice the old one, equally likely on a logarithmic scale."""
    for _ in range(20):
        new = min(WIDEST, max(NARROWEST, round(value * 2 ** rng.uniform(-1, 1))))
        if new != value:
            return new
    return value
