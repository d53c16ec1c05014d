"""Text that a candidate's process wrote, made fit to be kept, shown and quoted: plain, and no longer than agreed."""

import re

EXCERPT_LINES = 20
EXCERPT_BYTES = 2_048
CUT = "[cut]"
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC and other strings: titles, links, clipboard
    r"|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Marks and letters without a shape of their own, in which text can be hidden from people and not from models."""


def plain_text(text: str) -> str:
    """Return `text` without terminal escapes, control characters, direction marks and anything else that is invisible.

    Newlines and tabs stay, every other white space becomes a space.
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n")).replace("\r", "\n")
    return "".join(map(_shown, _SHAPELESS.sub("", text)))


def storable(text: str) -> str:
    """Return `text` with halves of characters, which cannot be written to a file, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def excerpt(text: str) -> str:
    """Return the first 20 lines of `text` as plain text, at most 2 KiB in UTF-8; what was left out is marked."""
    whole = plain_text(text).strip("\n")
    lines = "\n".join(whole.split("\n")[:EXCERPT_LINES])
    kept = lines.encode()[:EXCERPT_BYTES].decode(errors="ignore")
    if kept == whole:
        return kept
    room = EXCERPT_BYTES - len(CUT) - 1
    return f"{kept.encode()[:room].decode(errors='ignore').rstrip()}\n{CUT}"


def quotation(text: str, language: str = "text") -> str:
    """Return `text`, made plain, in a fence it cannot close: for prompts, which call it data, and for reports.

    The fence is longer than any run of backticks inside, so everything up to its end is data.
    """
    inside = plain_text(text).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", inside)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{inside}\n{fence}"


def _shown(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    if character in "\u2028\u2029\x85":
        return "\n"
    return " " if character.isspace() else ""
