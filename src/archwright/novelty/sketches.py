"""Sketches of many programs at once, on every core: shingles and MinHash signature of each."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Literal, get_args

from archwright.config import NoveltyConfig
from archwright.novelty.minhash import Signatures, signatures
from archwright.novelty.tokens import Shingles, lexer_tokens, shingles
from archwright.programs.canonical import canonical_form

Criterion = Literal["lexical", "canonical"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
CHUNK = 256
"""Programs a worker takes at a time."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared of one program under one criterion."""

    shingles: Shingles
    """Not empty."""
    signature: Signatures
    """(1, permutations)."""


def shingles_of(source: str, criterion: Criterion, size: int) -> Shingles | None:
    """Return the shingles of the text or of its canonical form; None when there is nothing to compare."""
    try:
        text = source if criterion == "lexical" else canonical_form(source)
    except ValueError:
        return None
    hashes = shingles(lexer_tokens(text), size)
    return hashes if len(hashes) else None


def sketch(sources: Sequence[str], criterion: Criterion, config: NoveltyConfig) -> list[Sketch | None]:
    """Return the sketch of every program, None for one that cannot be compared; all in this process."""
    sets = [shingles_of(source, criterion, config.shingle) for source in sources]
    rows = iter(signatures([hashes for hashes in sets if hashes is not None], config.permutations))
    return [None if hashes is None else Sketch(hashes, next(rows)[None]) for hashes in sets]


def sketch_all(
    sources: Iterable[str], criterion: Criterion, config: NoveltyConfig, *, workers: int = 0
) -> Iterator[Sketch | None]:
    """Yield the sketch of every program in order; `workers` processes share the work, 0 means one per core."""
    chunks = _chunks(iter(sources))
    first = list(islice(chunks, 2))
    if len(first) < 2:
        yield from (each for chunk in first for each in sketch(chunk, criterion, config))
        return
    count = workers or os.cpu_count() or 1
    work = partial(sketch, criterion=criterion, config=config)
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        for result in pool.map(work, [*first, *chunks]):
            yield from result


def _chunks(sources: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(sources, CHUNK)):
        yield chunk
