"""Programs as lexer tokens, and as the set of shingles that MinHash compares (section A.1 of the closed-loop paper).

Tokens are keywords, identifiers, literals, operators and delimiters; comments, line ends and indentation are none.
The lexer is one regular expression: it gives what `tokenize` gives on programs that parse, several times faster, and
goes on where `tokenize` would stop, so that any text at all can be compared.
"""

import hashlib
import re

import numpy as np
import numpy.typing as npt

Shingles = npt.NDArray[np.uint64]
"""Sorted distinct 64-bit hashes, one for each distinct run of tokens."""

_STRING = (
    r"[rRbBuUfF]{0,2}"
    r"(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
)
_DIGITS = r"[0-9](?:_?[0-9])*"
_NUMBER = (
    r"0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+"
    rf"|(?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS}|{_DIGITS})(?:[eE][-+]?{_DIGITS})?[jJ]?"
)
_WORD = r"[A-Za-z_]\w*+(?!['\"])"
"""Most tokens, and no prefix of a string: tried first, only for speed."""
_OPERATOR = r"\*\*=|//=|>>=|<<=|\.\.\.|\*\*|//|>>|<<|!=|->|:=|[-+*/%&|^@<>=]=|[^\s\w]"
_TOKEN = re.compile(rf"\s*+(?:#[^\r\n]*|\\\r?\n|({_WORD}|{_STRING}|{_NUMBER}|\w+|{_OPERATOR}))", re.DOTALL)


def lexer_tokens(source: str) -> list[str]:
    """Return the tokens of `source` in order; never raises."""
    return [token for token in _TOKEN.findall(source) if token]


def shingles(tokens: list[str], size: int) -> Shingles:
    """Return the hashes of all runs of `size` tokens; a shorter program is one run, an empty one none."""
    if not tokens:
        return np.zeros(0, np.uint64)
    hashes = np.fromiter(map(_hashes_of_tokens.__getitem__, tokens), np.uint64, len(tokens))
    size = min(size, len(tokens))
    runs = len(tokens) - size + 1
    combined = hashes[:runs].copy()
    for offset in range(1, size):
        combined *= MULTIPLIER
        combined += hashes[offset : offset + runs]
    found = mixed(combined)
    found.sort()
    is_first = np.ones(runs, bool)
    np.not_equal(found[1:], found[:-1], out=is_first[1:])
    return found[is_first]


def jaccard(first: Shingles, second: Shingles) -> float:
    """Return the exact Jaccard similarity of two sets of shingles; two empty sets are not similar."""
    both = np.concatenate((first, second))
    both.sort(kind="stable")  # merges two sorted runs, in linear time
    shared = np.count_nonzero(both[1:] == both[:-1])
    return float(shared / (len(both) - shared)) if len(both) else 0.0


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64-bit values spread evenly (the finalizer of splitmix64), so that hashing by them sees no structure."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class _TokenHashes(dict[str, int]):
    """The hash of every token met so far; programs use the same few thousand over and over."""

    MOST = 1 << 18

    def __missing__(self, token: str) -> int:
        if len(self) >= self.MOST:
            self.clear()
        digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[token] = value = int.from_bytes(digest, "little")
        return value


_hashes_of_tokens = _TokenHashes()
