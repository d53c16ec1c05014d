"""Makes a corpus of many canonically distinct programs: mutations of networks that run.

    python benchmarks/mutations.py --out programs.jsonl [--bases CORPUS] [--count 100000] [--verify 500]

The bases are the seed networks and the examples of a corpus (`archwright corpus build --from lemur`) of at most 4,000
characters. A program is one to three random changes (`programs.mutation`) away from its base, and no two have the same
canonical form. Writes JSON lines {"name", "source"} in random order. Checking them all would take hours: a random
sample is built and run forward in the sandbox (3 x 32 x 32, 10 classes, at most 5 million parameters), and the share
that runs is printed with its Wilson interval. The same arguments make the same file. 100,000 programs take half an hour
on two cores.
"""

import argparse
import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

from archwright.analysis.intervals import wilson
from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.corpus.conversion import Verifier
from archwright.corpus.shapes import RGB
from archwright.corpus.store import Corpus
from archwright.evaluation.classes import state_class_key
from archwright.programs.canonical import canonical_digest
from archwright.programs.mutation import mutate
from archwright.starters import load_seed_corpus

CHANGES = 3
"""Most changes between a base and a program."""
LONGEST = 4_000
"""Characters of the longest base: most of a corpus is shorter, and the cost of a change grows with the text."""
SPARE = 1.15
"""More are made of each base than its share: some bases offer fewer, and two may have the same mutation."""


def main() -> None:
    """Make the programs and verify a sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bases", type=Path, help="folder of a corpus")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--verify", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    begun_s = time.perf_counter()
    bases = load_bases(options.bases)
    programs = make(bases, options.count, options.seed, options.workers)
    with options.out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"name": name, "source": source}) + "\n" for name, source in programs)
    print(f"{len(programs):,} programs of {len(bases)} bases in {time.perf_counter() - begun_s:.0f} s", flush=True)
    print(json.dumps(verify(random.Random(options.seed).sample(programs, min(options.verify, len(programs))))))


def load_bases(path: Path | None) -> dict[str, str]:
    """Return name -> source of the seed networks and of the corpus's examples, compact where they have that form."""
    bases = {network.name: network.program.source for network in load_seed_corpus()}
    if path is not None:
        with Corpus.open(path) as corpus:
            bases |= {example.name: example.compact or example.full for example in corpus.examples()}
    return {name: source for name, source in bases.items() if len(source) <= LONGEST}


def make(bases: dict[str, str], count: int, seed: int, workers: int) -> list[tuple[str, str]]:
    """Return `count` (name, source), or as many as the bases offer, canonically distinct, in random order."""
    share = int(SPARE * count / len(bases)) + 1
    seen: set[str] = set()
    programs = []
    with ProcessPoolExecutor(workers) as pool:
        work = partial(mutations_of, count=share, seed=seed)
        for name, found in zip(bases, pool.map(work, bases.values()), strict=True):
            for number, (digest, source) in enumerate(found):
                if digest not in seen:
                    seen.add(digest)
                    programs.append((f"{name}~{number}", source))
    random.Random(seed).shuffle(programs)
    return programs[:count]


def mutations_of(source: str, count: int, seed: int) -> list[tuple[str, str]]:
    """Return at most `count` distinct mutations of `source` as (canonical digest, source)."""
    rng = random.Random(f"{seed} {canonical_digest(source)}")
    found: dict[str, str] = {canonical_digest(source): source}
    parents = [(source, 0)]
    for _ in range(3 * count):
        if len(found) > count:
            break
        parent, changes = rng.choice(parents)
        mutation = mutate(parent, rng)
        if mutation.digest not in found:
            found[mutation.digest] = mutation.source
            if changes + 1 < CHANGES:
                parents.append((mutation.source, changes + 1))
    return list(found.items())[1:]


def verify(programs: list[tuple[str, str]]) -> dict[str, object]:
    """Return how many of `programs` build and run forward, and why the others do not."""
    with closing(Verifier(SandboxConfig())) as verifier:
        outcomes = verifier.run([Program(source) for _, source in programs], RGB)
    reasons = Counter(f"{each.failure.stage}/{each.failure.kind}" for each in outcomes if each.failure is not None)
    valid = len(programs) - sum(reasons.values())
    interval = wilson(valid, len(programs))
    return {
        "sample": len(programs),
        "valid": valid,
        "wilson_95": [round(interval.low, 4), round(interval.high, 4)],
        "failures": dict(reasons.most_common()),
    }


if __name__ == "__main__":
    state_class_key()
    main()
