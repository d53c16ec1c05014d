"""Which known program is nearest, and whether that is too near (section A.1 and A.2 of the closed-loop paper).

Two criteria side by side: lexical, as published, over the text's own tokens; canonical, over the tokens of the
canonical form, which renaming, reformatting and comments cannot change.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from archwright.candidate import Similarity
from archwright.config import NoveltyConfig
from archwright.novelty.minhash import Signature, choose_bands, signatures
from archwright.novelty.tokens import Shingles, lexer_tokens, shingles
from archwright.programs.canonical import canonical_form

SCAN_LIMIT = 4096
"""Up to this many programs the nearest is found by comparing with all of them when no band collides."""


class ShingleIndex:
    """Known sets of shingles by name; finds the nearest by locality-sensitive hashing and MinHash estimates."""

    def __init__(self, permutations: int, lsh_threshold: float) -> None:
        self._permutations = permutations
        self._bands, self._rows = choose_bands(lsh_threshold, permutations)
        self._names: list[str] = []
        self._signatures = np.zeros((16, permutations), np.uint32)
        self._buckets: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(self._bands)]

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, hashes: Shingles) -> None:
        """Make the set known as `name`; an empty set is similar to nothing and left out."""
        if not len(hashes):
            return
        signature = signatures([hashes], self._permutations)[0]
        number = len(self._names)
        if number == len(self._signatures):
            self._signatures = np.concatenate([self._signatures, np.zeros_like(self._signatures)])
        self._signatures[number] = signature
        self._names.append(name)
        for bucket, band in zip(self._buckets, self._bands_of(signature), strict=True):
            bucket[band].append(number)

    def nearest(self, hashes: Shingles) -> Similarity:
        """Return the known set of highest estimated similarity, the earliest among equals.

        Beyond `SCAN_LIMIT` programs only those that collide in a band are compared, as published: a program far from
        everything then has similarity 0.0.
        """
        if not self._names or not len(hashes):
            return Similarity(0.0, None)
        signature = signatures([hashes], self._permutations)[0]
        found = {
            number
            for bucket, band in zip(self._buckets, self._bands_of(signature), strict=True)
            for number in bucket.get(band, ())
        }
        if not found:
            if len(self._names) > SCAN_LIMIT:
                return Similarity(0.0, None)
            found = set(range(len(self._names)))
        numbers = np.array(sorted(found))
        estimates = (self._signatures[numbers] == signature).mean(axis=1)
        best = int(estimates.argmax())
        return Similarity(float(estimates[best]), self._names[numbers[best]])

    def _bands_of(self, signature: Signature) -> list[bytes]:
        rows = self._rows
        return [signature[band * rows : (band + 1) * rows].tobytes() for band in range(self._bands)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How near a program is to the known ones, and whether it counts as new."""

    lexical: Similarity
    canonical: Similarity
    is_novel: bool


class NoveltyFilter:
    """Judges programs against those added so far; the same additions in the same order give the same verdicts."""

    def __init__(self, config: NoveltyConfig) -> None:
        self._config = config
        self._lexical = ShingleIndex(config.permutations, config.lsh_threshold)
        self._canonical = ShingleIndex(config.permutations, config.lsh_threshold)

    def add(self, name: str, source: str) -> None:
        """Make `source` known as `name`."""
        self._lexical.add(name, _lexical_shingles(source, self._config.shingle))
        canonical = _canonical_shingles(source, self._config.shingle)
        if canonical is not None:
            self._canonical.add(name, canonical)

    def judge(self, source: str) -> Verdict:
        """Return how near `source` is to what is known.

        Fails closed: a program without tokens or without a canonical form cannot be compared, counts as similarity 1.0
        to nothing in particular, and is not novel under a criterion that would have to compare it.
        """
        text, canonical = (
            _lexical_shingles(source, self._config.shingle),
            _canonical_shingles(source, self._config.shingle),
        )
        lexical_similarity = self._lexical.nearest(text) if len(text) else UNCOMPARABLE
        canonical_similarity = self._canonical.nearest(canonical) if canonical is not None else UNCOMPARABLE
        deciding = {
            "lexical": [lexical_similarity],
            "canonical": [canonical_similarity],
            "both": [lexical_similarity, canonical_similarity],
        }[self._config.criterion]
        is_novel = all(similarity.value <= self._config.threshold for similarity in deciding)
        return Verdict(lexical_similarity, canonical_similarity, is_novel)


UNCOMPARABLE = Similarity(1.0, None)
"""What a program that cannot be compared gets: near enough to be refused."""


@lru_cache(maxsize=2048)
def _lexical_shingles(source: str, size: int) -> Shingles:
    return shingles(lexer_tokens(source), size)


@lru_cache(maxsize=2048)  # The corpus and the elite so far are added anew in every cycle.
def _canonical_shingles(source: str, size: int) -> Shingles | None:
    try:
        hashes = shingles(lexer_tokens(canonical_form(source)), size)
    except ValueError:
        return None
    return hashes if len(hashes) else None
