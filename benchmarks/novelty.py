"""How fast and how exactly are near-duplicates found, beside datasketch and the tool published with LEMUR?

    python benchmarks/mutations.py --out programs.jsonl --bases CORPUS
    python benchmarks/novelty.py WHEEL --programs programs.jsonl --published FOLDER --out docs/results/novelty.json

WHEEL is `nn_dataset-2.1.2-py3-none-any.whl` from PyPI, FOLDER the unpacked wheel of `nn-dup` (`pip download --no-deps
nn-dup`); what is not given is left out. datasketch is needed: `pip install --no-deps datasketch==2.0.0`. Measured:

- `wheel`: all architecture files read, tokenised, signed and clustered (lexical criterion, every core);
- `corpus`: the programs signed and clustered under both criteria, each in a fresh process, with its peak memory;
- `store`: the same programs in an index on disk: making, loading, one query (of a known program, of a new one and of
  either), one addition;
- `error`: estimates of the Jaccard similarity against exact values, in standard errors sqrt(J (1 - J) / k);
- `datasketch`: near-duplicate pairs (J above 0.90) of random samples of files, found by us and by datasketch's
  MinHashLSH from the same shingles with as many permutations and the same thresholds, against all pairs by brute force;
- `published`: the published tool on a sample. Only its data source is replaced, which would build a database for
  minutes. Its tokens differ from ours (names, numbers and strings are masked), so only the speed is compared.

Peers run on one process as ours does there, and are timed in CPU seconds, which other jobs disturb least; ratios are
paired over repetitions, with t-intervals. Prints one JSON document.
"""

import argparse
import json
import logging
import os
import platform
import random
import resource
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr
from functools import partial
from io import StringIO
from itertools import combinations, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from archwright.analysis.intervals import t_interval
from archwright.config import NoveltyConfig
from archwright.corpus.wheel import LemurWheel
from archwright.evaluation.classes import state_class_key
from archwright.novelty.bands import BandTable
from archwright.novelty.clusters import representatives
from archwright.novelty.minhash import Signatures, signatures
from archwright.novelty.sketches import CRITERIA, Criterion, shingles_of, sketch, sketch_all
from archwright.novelty.store import NoveltyStore
from archwright.novelty.tokens import Shingles, jaccard

CONFIG = NoveltyConfig()
PARTS = ("wheel", "error", "datasketch", "corpus", "store", "published")
MARGIN = 0.12
"""Six standard errors of an estimate of 0.9 from 256 permutations."""
Pairs = set[tuple[int, int]]


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--programs", type=Path, help='JSON lines of {"name", "source"}')
    parser.add_argument("--published", type=Path, help="the unpacked wheel of nn-dup")
    parser.add_argument("--sample", type=int, default=1_500, help="files compared by brute force")
    parser.add_argument("--published-sample", type=int, default=300)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with LemurWheel(options.wheel) as wheel:
        sources = [architecture.source for architecture in wheel.architectures()]
    samples = [
        random.Random(f"{options.seed} {number}").sample(sources, min(options.sample, len(sources)))
        for number in range(options.repeats)
    ]
    parts: dict[str, Callable[[], Any]] = {
        "wheel": lambda: [alone(measure_wheel, options.wheel) for _ in range(options.repeats)],
        "error": lambda: measure_error(samples[0]),
        "datasketch": lambda: compare_with_datasketch(samples),
    }
    if options.programs:
        parts["corpus"] = lambda: {each: alone(measure_corpus, options.programs, each) for each in CRITERIA}
        parts["store"] = lambda: alone(measure_store, options.programs, options.queries, options.seed)
    if options.published:
        small = [sample[: options.published_sample] for sample in samples]
        parts["published"] = lambda: compare_with_published(options.published, small)
    result: dict[str, Any] = {"machine": machine(), "seed": options.seed}
    for name, measure in parts.items():
        if name in options.only:
            print(f"{name} ...", file=sys.stderr, flush=True)
            result[name] = measure()
    text = json.dumps(result, indent=1)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    print(text)


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


# Our speed ------------------------------------------------------------------------------------------------------------


def alone(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Return what `measure` does in a fresh process, with the CPU seconds and the peak memory of all processes."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_watched, measure, *arguments).result()


def _watched(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    begun_s = time.perf_counter()
    result = measure(*arguments)
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return result | {
        "total_s": seconds(time.perf_counter() - begun_s),
        "cpu_s": seconds(sum(each.ru_utime + each.ru_stime for each in (own, workers))),
        "peak_memory_mb": round((own.ru_maxrss + (os.cpu_count() or 1) * workers.ru_maxrss) / 1024),
    }


def measure_wheel(path: Path) -> dict[str, Any]:
    """Return the wall seconds from the wheel's path to its clusters."""
    begun_s = time.perf_counter()
    with LemurWheel(path) as wheel:
        sources = sorted((each.source for each in wheel.architectures()), key=len)
    read_s = time.perf_counter() - begun_s
    return {"files": len(sources), "read_s": seconds(read_s), **cluster(sources, "lexical")}


def measure_corpus(path: Path, criterion: Criterion) -> dict[str, Any]:
    """Return the wall seconds in which all programs are signed and clustered."""
    sources = [source for _, source in read_programs(path)]
    characters = round(sum(map(len, sources)) / len(sources))
    return {"programs": len(sources), "characters_mean": characters, **cluster(sources, criterion)}


def cluster(sources: Sequence[str], criterion: Criterion) -> dict[str, Any]:
    """Return the seconds to sign and to cluster, and how many representatives there are."""
    begun_s = time.perf_counter()
    sketches = list(sketch_all(sources, criterion, CONFIG))
    signed_s = time.perf_counter()
    chosen = representatives(sketches, CONFIG)
    done_s = time.perf_counter()
    return {
        "sign_s": seconds(signed_s - begun_s),
        "cluster_s": seconds(done_s - signed_s),
        "sign_and_cluster_s": seconds(done_s - begun_s),
        "clusters": len(set(chosen) - {None}),
    }


def measure_store(path: Path, queries: int, seed: int) -> dict[str, Any]:
    """Return what the index on disk costs; every tenth program is left out, to be asked for and added later."""
    programs = read_programs(path)
    unknown, known = programs[::10], [each for number, each in enumerate(programs) if number % 10]
    rng = random.Random(seed)
    half = min(queries // 2, len(unknown))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.db"
        with NoveltyStore.open(file, CONFIG) as store:
            made_s, _ = timed(partial(store.add, known))
        load_s, store = timed(lambda: NoveltyStore.open(file, CONFIG))
        with store:
            asked = [(False, source) for _, source in rng.sample(known, half)]
            asked += [(True, source) for _, source in rng.sample(unknown, half)]
            rng.shuffle(asked)
            query_s = [(is_new, timed(partial(store.judge, source))[0]) for is_new, source in asked]
            add_s = [timed(partial(store.add, [each]))[0] for each in unknown[: queries // 4]]
        size = file.stat().st_size
    return {
        "programs": len(known),
        "make_s": seconds(made_s),
        "load_s": seconds(load_s),
        "size_mb": round(size / 2**20),
        "query_ms": quantiles([taken_s for _, taken_s in query_s]),
        "query_known_ms": quantiles([taken_s for is_new, taken_s in query_s if not is_new]),
        "query_new_ms": quantiles([taken_s for is_new, taken_s in query_s if is_new]),
        "add_one_ms": quantiles(add_s),
    }


# Exactness ------------------------------------------------------------------------------------------------------------


def measure_error(sources: Sequence[str]) -> dict[str, Any]:
    """Return the errors of the estimates over all pairs that are neither equal nor disjoint, in standard errors."""
    sets = sets_of(sources)
    rows = signatures(sets, CONFIG.permutations)
    found = []
    for first, second in combinations(range(len(sets)), 2):
        exact = jaccard(sets[first], sets[second])
        if 0.0 < exact < 1.0:
            error = float(np.mean(rows[first] == rows[second])) - exact
            found.append((exact, error, error / np.sqrt(exact * (1 - exact) / CONFIG.permutations)))
    values = np.array(found)
    edges = (0.0, 0.25, 0.5, 0.75, 0.85, 0.95, 1.0)
    rows_of = {
        f"{low} to {high}": values[(values[:, 0] >= low) & (values[:, 0] < high)] for low, high in pairwise(edges)
    }
    return {"all": errors(values), **{name: errors(part) for name, part in rows_of.items() if len(part)}}


def errors(values: np.ndarray) -> dict[str, float]:
    """Return the mean error and the errors' size in standard errors: 1.0 is what theory says."""
    in_standard_errors = values[:, 2]
    return {
        "pairs": len(values),
        "mean_error": round(float(values[:, 1].mean()), 5),
        "rms_in_standard_errors": round(float(np.sqrt((in_standard_errors**2).mean())), 3),
        "largest_in_standard_errors": round(float(np.abs(in_standard_errors).max()), 2),
    }


def sets_of(sources: Sequence[str]) -> list[Shingles]:
    """Return the lexical shingles of every program that has some."""
    found = (shingles_of(source, "lexical", CONFIG.shingle) for source in sources)
    return [hashes for hashes in found if hashes is not None]


# Peers ----------------------------------------------------------------------------------------------------------------


def compare_with_datasketch(samples: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return recall, precision and speed of both, and the paired ratio of the speeds."""
    ours, theirs = [], []
    for warm_up in (our_pairs, their_pairs):
        warm_up(sets_of(samples[0][:2]))
    for sample in samples:
        sets = sets_of(sample)
        truth = near_duplicates(sets)
        cpu_s, found = timed(partial(our_pairs, sets), clock=time.process_time)
        ours.append(describe(cpu_s, found, truth, len(sets)))
        cpu_s, found = timed(partial(their_pairs, sets), clock=time.process_time)
        theirs.append(describe(cpu_s, found, truth, len(sets)))
    return {
        "files": [len(sample) for sample in samples],
        "ours": ours,
        "datasketch": theirs,
        "speed_ratio": interval(
            [a["documents_per_s"] / b["documents_per_s"] for a, b in zip(ours, theirs, strict=True)]
        ),
    }


def near_duplicates(sets: Sequence[Shingles]) -> Pairs:
    """Return all pairs above the threshold by brute force; a pair whose sizes differ too much is not merged."""
    found = set()
    for first, second in combinations(range(len(sets)), 2):
        small, large = sorted((len(sets[first]), len(sets[second])))
        if small > CONFIG.threshold * large and jaccard(sets[first], sets[second]) > CONFIG.threshold:
            found.add((first, second))
    return found


def our_pairs(sets: Sequence[Shingles]) -> Pairs:
    """Return the near-duplicates that our bands retrieve and exact similarity confirms.

    What the estimate puts `MARGIN` below the threshold is not compared.
    """
    rows: Signatures = signatures(sets, CONFIG.permutations)
    table = BandTable(CONFIG.lsh_threshold, CONFIG.permutations)
    table.add(rows)
    least = (CONFIG.threshold - MARGIN) * CONFIG.permutations
    found = set()
    for second in range(len(sets)):
        row = rows[second : second + 1]
        colliding = table.colliding(row)
        colliding = colliding[colliding < second]
        likely = colliding[np.count_nonzero(rows[colliding] == row, axis=1) > least]
        for first in likely.tolist():
            if jaccard(sets[first], sets[second]) > CONFIG.threshold:
                found.add((first, second))
    return found


def their_pairs(sets: Sequence[Shingles]) -> Pairs:
    """Return the near-duplicates that MinHashLSH retrieves and the estimate confirms, as the paper does.

    Its fastest way: signatures in bulk, and our 64-bit hashes cut to 32 bits instead of SHA-1 of every shingle.
    """
    from datasketch import MinHash, MinHashLSH

    lists = [hashes.tolist() for hashes in sets]
    rows = MinHash.bulk(lists, num_perm=CONFIG.permutations, hashfunc=lambda value: value & 0xFFFFFFFF)
    table = MinHashLSH(threshold=CONFIG.lsh_threshold, num_perm=CONFIG.permutations)
    found = set()
    for second, row in enumerate(rows):
        for first in table.query(row):
            if rows[first].jaccard(row) > CONFIG.threshold:
                found.add((first, second))
        table.insert(second, row)
    return found


def describe(cpu_s: float, found: Pairs, truth: Pairs, documents: int) -> dict[str, float]:
    """Return how fast the pairs were found, and how well."""
    right = len(found & truth)
    return {
        "documents_per_s": round(documents / cpu_s, 1),
        "pairs": len(truth),
        "recall": round(right / max(len(truth), 1), 5),
        "precision": round(right / max(len(found), 1), 5),
    }


def compare_with_published(folder: Path, samples: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the files a CPU second of both, from text to clusters, and how many files each keeps."""
    curate = published_tool(folder)
    ours, theirs, kept = [], [], []
    for sample in samples:
        cpu_s, chosen = timed(
            lambda sample=sample: representatives(sketch(sample, "lexical", CONFIG), CONFIG), clock=time.process_time
        )
        ours.append(len(sample) / cpu_s)
        cpu_s, theirs_kept = timed(partial(curate, sample), clock=time.process_time)
        theirs.append(len(sample) / cpu_s)
        kept.append((len(set(chosen) - {None}), theirs_kept))
    return {
        "files": [len(sample) for sample in samples],
        "ours_files_per_s": [round(value, 1) for value in ours],
        "published_files_per_s": [round(value, 1) for value in theirs],
        "speed_ratio": interval([a / b for a, b in zip(ours, theirs, strict=True)]),
        "kept_ours_published": kept,
    }


def published_tool(folder: Path) -> Callable[[Sequence[str]], int]:
    """Return a function that runs nn-dup over programs and says how many it keeps."""
    import pandas

    rows: list[Any] = []
    api = types.ModuleType("ab.nn.api")
    api.data = lambda only_best_accuracy: rows[-1]  # type: ignore[attr-defined]
    package = types.ModuleType("ab.nn")
    package.api = api  # type: ignore[attr-defined]
    sys.path.insert(0, str(folder))
    sys.modules |= {"ab.nn": package, "ab.nn.api": api}
    from ab.dup import curate_from_lemur

    def curate(sources: Sequence[str]) -> int:
        names = [f"network-{number}" for number in range(len(sources))]
        rows.append(pandas.DataFrame({"nn": names, "nn_code": list(sources), "accuracy": 0.5}))
        with tempfile.TemporaryDirectory() as out, redirect_stderr(StringIO()):
            curate_from_lemur(Path(out), logger=logging.getLogger("nn-dup"))
            return len(json.loads((Path(out) / "kept_records.json").read_text("utf-8")))

    return curate


# Figures --------------------------------------------------------------------------------------------------------------


def read_programs(path: Path) -> list[tuple[str, str]]:
    """Return (name, source) of every line."""
    with path.open(encoding="utf-8") as lines:
        return [(row["name"], row["source"]) for row in map(json.loads, lines)]


def timed(work: Callable[[], Any], *, clock: Callable[[], float] = time.perf_counter) -> tuple[float, Any]:
    """Return the seconds that `work` took, and its result."""
    begun_s = clock()
    result = work()
    return clock() - begun_s, result


def seconds(value: float) -> float:
    """Return seconds as they are reported."""
    return round(value, 2)


def quantiles(values_s: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and largest, in milliseconds."""
    values = 1000 * np.array(values_s)
    return {
        "median": round(float(np.median(values)), 2),
        "p95": round(float(np.quantile(values, 0.95)), 2),
        "largest": round(float(values.max()), 2),
        "n": len(values),
    }


def interval(values: Sequence[float]) -> dict[str, float | None]:
    """Return the mean with its 95 % t-interval."""
    mean = t_interval(values)
    return {"mean": mean.mean, "low": mean.low, "high": mean.high, "n": mean.n}


if __name__ == "__main__":
    state_class_key()
    main()
