"""Text that reads as something else than it is: marks that turn the direction of writing, letters like others.

Part of the policy; "Trojan Source" (Boucher and Anderson 2021) describes the tricks.
"""

import ast
import re
from collections.abc import Iterator

_INVISIBLE = re.compile(
    "[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![^\\x00-\\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f\u200c\u200d])"
)
"""Joiners only where they do not stand between letters or pictures that they are made for, or beside another."""
_OWN_SHAPES = frozenset(
    "\u0393\u0394\u0398\u039b\u039e\u03a0\u03a3\u03a6\u03a8\u03a9\u03b2\u03b4\u03b5\u03b6\u03b7\u03b8\u03bb\u03bc\u03be\u03c0\u03c3\u03c6\u03c8\u03c9\u00b5"
)
"""Greek letters that look like no Latin one: they may stand beside Latin letters, as in a step of time."""
_GREEK = _OWN_SHAPES | frozenset("\u03b1\u03b3\u03b9\u03ba\u03bd\u03c1\u03c2\u03c4\u03c5\u03c7")
"""Without the omicron, which nobody writes but to be taken for an o."""
_LATIN = re.compile("[a-zA-Z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u017e\u1e00-\u1eff]+")
"""With accents, but no i without its dot."""
_MARK = re.compile("(?<=[^\\W\\d_])[\u0302-\u0304\u0308\u20d7]|(?<=[^\\W\\d_ij])\u0307")
"""What formulas have above a letter, as in an estimate; a dot on an i is none."""
_EAST_ASIAN = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+")
_CYRILLIC = re.compile("[\u0400-\u045f]+")
_LIKE_LATIN = {
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455": "aeopcyxijs",
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408": "ABEKMHOPCTYXSIJ",
}
"""Cyrillic letters that look like Latin ones: a word of nothing else passes for a Latin word."""
LIKE_LATIN = str.maketrans(
    "".join(_LIKE_LATIN) + "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "".join(_LIKE_LATIN.values()) + "ABEZHIKMNOPTYXo",
)
"""The Latin letters that those, and Greek ones, look like."""


def find_disguises(tree: ast.Module, source: str) -> Iterator[tuple[str, int]]:
    """Yield what is wrong and on which line: invisible characters anywhere, names that may pass for others."""
    if source.isascii():
        return
    for number, line in enumerate(source.split("\n"), start=1):
        if found := _INVISIBLE.search(line):
            character = f"U+{ord(found.group()):04X}"
            yield f"the invisible character {character} is not allowed; write plain text", number
    for node in ast.walk(tree):
        for name in _names(node):
            if not (name.isascii() or _is_plain(name)):
                yield (
                    f"the name {ascii(name)[1:-1]} is not allowed; use ASCII letters in names",
                    getattr(node, "lineno", 1),
                )


def _is_plain(name: str) -> bool:
    """Return whether no word of `name` passes for another: each is of one script, or of Latin letters and Greek ones
    that look like none of them."""
    return all(_is_plain_word(word) for word in re.split("[0-9_]+", _MARK.sub("", name)) if word)


def _is_plain_word(word: str) -> bool:
    if _CYRILLIC.fullmatch(word):
        return not set(word) <= set("".join(_LIKE_LATIN))
    is_of_formulas = set(word) <= _GREEK or all(letter.isascii() or letter in _OWN_SHAPES for letter in word)
    return is_of_formulas or any(script.fullmatch(word) for script in (_LATIN, _EAST_ASIAN))


def _names(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "asname"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value
