"""Which known program is nearest, and whether that is too near (section A.1 and A.2 of the closed-loop paper).

Three criteria side by side: lexical, as published, over the text's own tokens; canonical, over the tokens of the
canonical form, which renaming, reformatting and comments cannot change; graph, over the labels of the computational
graph, where a network was traced. A graph is what a box said of itself: text cannot lie, a graph can.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from archwright.candidate import Similarity
from archwright.config import NoveltyConfig
from archwright.novelty.bands import BandTable
from archwright.novelty.minhash import Signatures, signatures
from archwright.novelty.sketches import CRITERIA, Criterion, shingles_of
from archwright.novelty.tokens import Shingles, jaccard
from archwright.programs.graph import features, graph_of_json

SCAN_LIMIT = 4096
"""Up to this many programs the nearest is found by comparing with all of them when no band collides."""

VERIFIED = 8
"""How many of the most similar by estimate are compared exactly."""


ReadSet = Callable[[int], Shingles]
"""Returns one set of shingles by its number."""


class ShingleIndex:
    """Known sets of shingles by name; MinHash and its bands find the nearest, exact Jaccard similarity decides."""

    def __init__(
        self, permutations: int, lsh_threshold: float, *, scan_limit: int = SCAN_LIMIT, read: ReadSet | None = None
    ) -> None:
        """Know nothing yet; sets made known by `extend` are fetched by `read`, numbered as they were added."""
        self._permutations, self._lsh_threshold = permutations, lsh_threshold
        self._scan_limit = scan_limit
        self._table = BandTable(lsh_threshold, permutations)
        self._names: list[str] = []
        self._sets: list[Shingles] = []
        self._read = read or self._sets.__getitem__
        self._signatures = np.zeros((16, permutations), np.uint32)

    def __len__(self) -> int:
        return len(self._names)

    def copy(self) -> "ShingleIndex":
        """Return an index of the same sets that can grow on its own; for sets that were added, not for those read."""
        other = ShingleIndex(self._permutations, self._lsh_threshold, scan_limit=self._scan_limit)
        other._sets += self._sets
        other.extend(self._names, self._signatures[: len(self)])
        return other

    def add(self, name: str, hashes: Shingles, signature: Signatures | None = None) -> None:
        """Make the set known as `name`, with its `signature` (1, permutations) where that is known already.

        An empty set is similar to nothing and left out.
        """
        if len(hashes):
            self._sets.append(hashes)
            self.extend([name], signatures([hashes], self._permutations) if signature is None else signature)

    def extend(self, names: Sequence[str], rows: Signatures) -> None:
        """Make sets known that `read` fetches, by their signatures (n, permutations)."""
        known, needed = len(self._names), len(self._names) + len(names)
        if needed > len(self._signatures):
            grown = np.zeros((max(needed, 2 * len(self._signatures)), self._permutations), np.uint32)
            grown[:known] = self._signatures[:known]
            self._signatures = grown
        self._signatures[known:needed] = rows
        self._table.add(rows)
        self._names += names

    def nearest(self, hashes: Shingles, signature: Signatures | None = None) -> Similarity:
        """Return the known set of highest Jaccard similarity, the earliest among equals.

        Beyond `scan_limit` programs only those that collide in a band are compared, as published: a program far from
        everything then has similarity 0.0.
        """
        if not self._names or not len(hashes):
            return Similarity(0.0, None)
        row = signatures([hashes], self._permutations) if signature is None else signature
        numbers = self._table.colliding(row)
        if not len(numbers):
            if len(self._names) > self._scan_limit:
                return Similarity(0.0, None)
            numbers = np.arange(len(self._names))
        equal = np.count_nonzero(self._signatures[numbers] == row, axis=1)
        likely_first = numbers[np.argsort(-equal, kind="stable")[:VERIFIED]]
        best, found = -1.0, 0
        for number in likely_first.tolist():
            exact = jaccard(hashes, self._read(number))
            if exact > best or (exact == best and number < found):
                best, found = exact, number
            if exact == 1.0:  # Its estimate is 1.0 too, and of those the earliest comes first.
                break
        return Similarity(best, self._names[found])


@dataclass(frozen=True, slots=True)
class Verdict:
    """How near a program is to the known ones, and whether it counts as new."""

    lexical: Similarity
    canonical: Similarity
    is_novel: bool
    graph: Similarity | None = None
    """Among traced networks; None for one that was not traced."""


class NoveltyFilter:
    """Judges programs against those added so far; the same additions in the same order give the same verdicts."""

    def __init__(self, config: NoveltyConfig, indices: Mapping[Criterion, ShingleIndex] | None = None) -> None:
        """Judge by `config`, against what the `indices` of both texts' criteria hold, by default nothing yet."""
        self._config = config
        self._indices = indices or {criterion: self._new_index() for criterion in CRITERIA}
        self._graphs = self._new_index()
        self._untraced = self._new_index()
        """Canonical forms of what has no graph: under `graph` these are compared by them."""

    def _new_index(self) -> ShingleIndex:
        return ShingleIndex(self._config.permutations, self._config.lsh_threshold)

    def add(self, name: str, source: str, graph: str | None = None) -> None:
        """Make `source` known as `name`, with the `graph` of its network where it was traced."""
        for criterion, index in self._indices.items():
            hashes = _shingles(source, criterion, self._config.shingle)
            if hashes is not None:
                index.add(name, hashes)
        labels = None if graph is None else _labels(graph)
        if labels is not None:
            self._graphs.add(name, labels)
        elif self._config.criterion == "graph":
            hashes = _shingles(source, "canonical", self._config.shingle)
            if hashes is not None:
                self._untraced.add(name, hashes)

    def judge(self, source: str, graph: str | None = None) -> Verdict:
        """Return how near `source`, and the `graph` of its network, is to what is known.

        Fails closed: a program without tokens or without a canonical form cannot be compared, counts as similarity 1.0
        to nothing in particular, and is not novel under a criterion that would have to compare it.
        """
        found, hashes_of = {}, {}
        for criterion, index in self._indices.items():
            hashes_of[criterion] = hashes = _shingles(source, criterion, self._config.shingle)
            found[criterion] = UNCOMPARABLE if hashes is None else index.nearest(hashes)
        labels = None if graph is None else _labels(graph)
        traced = None if labels is None else self._graphs.nearest(labels)
        if self._config.criterion == "both":
            deciding = [found["lexical"], found["canonical"]]
        elif self._config.criterion != "graph":
            deciding = [found[self._config.criterion]]
        elif traced is None:
            deciding = [found["canonical"]]
        else:
            hashes = hashes_of["canonical"]
            deciding = [traced, UNCOMPARABLE if hashes is None else self._untraced.nearest(hashes)]
        is_novel = all(similarity.value <= self._config.threshold for similarity in deciding)
        return Verdict(found["lexical"], found["canonical"], is_novel, traced)

    def copy(self) -> "NoveltyFilter":
        """Return a filter that knows the same and learns on its own."""
        other = NoveltyFilter(self._config, {criterion: index.copy() for criterion, index in self._indices.items()})
        other._graphs, other._untraced = self._graphs.copy(), self._untraced.copy()
        return other


UNCOMPARABLE = Similarity(1.0, None)
"""What a program that cannot be compared gets: near enough to be refused."""


_shingles = lru_cache(maxsize=4096)(shingles_of)  # The corpus and the elite so far are added anew in every cycle.


@lru_cache(maxsize=4096)
def _labels(graph: str) -> Shingles | None:
    known = graph_of_json(graph)
    return None if known is None else features(known)
