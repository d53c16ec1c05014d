"""Diffs with the faults that language models make, for tests of whatever applies them.

A fault takes the lines of a clean unified diff and returns them spoilt, so that faults combine in any order but for the
ones in `ENVELOPES`, which come last. None of them takes away what the edit is; where a fault leaves two readings (a
context that repeats, and no number), to refuse is right, and anything but the edited program is wrong.
"""

import random
import re
from collections.abc import Callable, Mapping
from itertools import chain
from types import MappingProxyType

Fault = Callable[[list[str], random.Random], list[str]]

_HEADER = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$")
_FAR = 40
"""Lines by which a wrong number is off, at most."""


def wrong_counts(diff: list[str], rng: random.Random) -> list[str]:
    """Let headers count other lines than there are."""
    return [
        f"@@ -{found[1]},{rng.randint(1, 30)} +{found[3]},{rng.randint(1, 30)} @@" if found else line
        for line, found in _headers(diff)
    ]


def wrong_numbers(diff: list[str], rng: random.Random) -> list[str]:
    """Let hunks begin at other lines, each by another distance."""
    spoilt = []
    for line, found in _headers(diff):
        if found:
            off = rng.choice([n for n in range(-_FAR, _FAR) if n])
            start, new = max(1, int(found[1]) + off), max(1, int(found[3]) + off + rng.randint(-3, 3))
            line = f"@@ -{start},{found[2] or 1} +{new},{found[4] or 1} @@"
        spoilt.append(line)
    return spoilt


def no_numbers(diff: list[str], rng: random.Random) -> list[str]:
    """Leave the numbers out of the headers of hunks."""
    bare = rng.choice(["@@ ... @@", "@@", "@@ @@", "@@ -,+ @@"])
    return [bare if found else line for line, found in _headers(diff)]


def no_trailing_blanks(diff: list[str], rng: random.Random) -> list[str]:
    """Take the white space from the end of every line, the sign of blank ones included."""
    return [line.rstrip() for line in diff]


def misindented_context(diff: list[str], rng: random.Random) -> list[str]:
    """Indent context otherwise, all of it by as much or each line as it comes."""
    same, by = rng.random() < 0.5, rng.choice([-4, -2, -1, 1, 2, 4])
    return [_moved(line, by if same else rng.randint(-4, 4)) if _is_context(line) else line for line in diff]


def tabs(diff: list[str], rng: random.Random) -> list[str]:
    """Write a tab for every four blanks of indentation, new lines included."""
    return [re.sub(r"^([ +-])((?: {4})+)", lambda found: found[1] + "\t" * (len(found[2]) // 4), line) for line in diff]


def short_context(diff: list[str], rng: random.Random) -> list[str]:
    """Leave one line of context at each edge of a hunk, and the headers as they were."""
    spoilt: list[str] = []
    header, *hunks = _parts(diff)
    for first, *body in hunks:
        edits = [number for number, line in enumerate(body) if line[:1] in ("+", "-", "\\")]
        spoilt += [first, *body[max(0, edits[0] - 1) : edits[-1] + 2]]
    return [*header, *spoilt]


def shuffled_hunks(diff: list[str], rng: random.Random) -> list[str]:
    """Write the hunks in another order."""
    header, *hunks = _parts(diff)
    rng.shuffle(hunks)
    return [*header, *chain.from_iterable(hunks)]


def no_file_header(diff: list[str], rng: random.Random) -> list[str]:
    """Begin with the first hunk."""
    return list(chain.from_iterable(_parts(diff)[1:]))


def carriage_returns(diff: list[str], rng: random.Random) -> list[str]:
    """End every line as Windows does."""
    return [line.removesuffix("\r") + "\r" for line in diff]


def fence(diff: list[str], rng: random.Random) -> list[str]:
    """Stand in a fence."""
    return [f"```{rng.choice(['diff', '', 'patch', 'python'])}", *diff, "```"]


def prose(diff: list[str], rng: random.Random) -> list[str]:
    """Stand in a fence between sentences and a list."""
    return [
        "Here is the change:",
        "",
        *fence(diff, rng),
        "",
        "What it does:",
        "- Widens the first convolution of the network",
        "+ Adds a layer for more regularisation",
    ]


def bare_prose(diff: list[str], rng: random.Random) -> list[str]:
    """Stand between sentences, without a fence."""
    return ["Here is the change:", "", *diff, "", "This makes the network wider, which should help its accuracy."]


def thinking(diff: list[str], rng: random.Random) -> list[str]:
    """Follow a thought with a draft in it."""
    return ["<think>", "Perhaps this:", "@@ -1,1 +1,1 @@", "-import torch", "+import numpy", "</think>", "", *diff]


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            wrong_counts,
            wrong_numbers,
            no_numbers,
            no_trailing_blanks,
            misindented_context,
            tabs,
            short_context,
            shuffled_hunks,
            no_file_header,
        )
    }
)
ENVELOPES: Mapping[str, Fault] = MappingProxyType(
    {each.__name__: each for each in (carriage_returns, fence, prose, bare_prose, thinking)}
)
"""What a diff comes in; faults of its own come before."""


def _headers(diff: list[str]) -> list[tuple[str, re.Match[str] | None]]:
    return [(line, _HEADER.match(line)) for line in diff]


def _parts(diff: list[str]) -> list[list[str]]:
    """Return the file's header, then each hunk."""
    parts: list[list[str]] = [[]]
    for line in diff:
        if line.startswith("@@"):
            parts.append([])
        parts[-1].append(line)
    return parts


def _is_context(line: str) -> bool:
    return line.startswith(" ") and bool(line.strip())


def _moved(line: str, by: int) -> str:
    text = line[1:]
    indent = len(text) - len(text.lstrip(" "))
    return " " + " " * max(0, indent + by) + text[indent:]
