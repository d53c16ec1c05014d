"""What the trained models of a space generate: tables 1 and 2, figures 2 and 3, and the test of section 4.4.

    python benchmarks/cells_samples.py DIR [--n 10000] [--seeds 0 1 2] [--temperatures 0.5 ... 2.0] [--out FILE.json]

DIR is a folder written by `archwright cells train`. Plain sampling at every temperature, constrained and without
replacement at 1; strict and published (lenient) metrics, means over the seeds with the lowest and the highest. Every
measurement is appended to a log beside `--out`, and a run that was killed goes on from there. The figures go beside it
when there is more than one temperature.

Figure 3 shows what is novel to the published metrics, at the temperature that gives most of it. The permutation test
takes --permuted plain samples at temperature 1 of their own, at most --n; with 0 it is left out.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from cells_figures import draw_positions, draw_temperatures
from cells_permutations import PermutationTest, permutation_test

from archwright.archive.environment import describe_environment
from archwright.cells.canonical import OUTSIDE, published_keys
from archwright.cells.metrics import Generated, GenerationMetrics
from archwright.cells.run import CellRun
from archwright.cells.sampling import DECODINGS, CellSampler
from archwright.evaluation.classes import state_class_key
from archwright.randomness import derive_seed
from archwright.stopwatch import Stopwatch

COUNTED = ("strict", "lenient")
SHOWN = ("validity", "uniqueness", "absolute_uniqueness", "novelty", "absolute_novelty", "held_out_recall")
Row = dict[str, Any]
"""One measurement: decoding, temperature, seed, drawn, wall_s, cpu_s, and the metrics by how they count."""


def main() -> None:
    """Measure what the log lacks, draw the figures, write the result and print the table."""
    options = read_options()
    run = CellRun.open(options.folder)
    sampler, metrics = CellSampler(run), GenerationMetrics(run.space, run.split())
    rows = list(measure(sampler, metrics, options))
    permuted = permute(sampler, min(options.permuted, options.n))
    if len(options.temperatures) > 1:
        draw(run, sampler, rows, options)
    result = {
        "space": run.space,
        "config": run.config.model_dump(mode="json"),
        "n": options.n,
        "seeds": options.seeds,
        "machine": describe_environment(),
        "prior": asdict(run.prior_training()),
        "rows": rows,
        "permutation_test": permuted and asdict(permuted),
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(table({run.config.prior.kind: rows})))
    if permuted:
        print(
            f"\nPermutation test: of {permuted.sequences} valid sequences, {permuted.with_other_duplicate} have "
            f"another order among {permuted.permutations} that decodes to the same cell (strict); "
            f"{permuted.with_duplicate} with orders that leave the sequence as it is (lenient)."
        )


def read_options() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.5, 0.7, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0])
    parser.add_argument("--decodings", nargs="+", choices=DECODINGS, default=list(DECODINGS))
    parser.add_argument("--permuted", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path("docs/results/cells_samples.json"))
    return parser.parse_args()


def measure(sampler: CellSampler, metrics: GenerationMetrics, options: argparse.Namespace) -> Iterator[Row]:
    """Yield every measurement, those that are in the log already from there."""
    log = options.out.with_suffix(".jsonl")
    log.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    wanted = [(decoding, t) for decoding in options.decodings for t in temperatures_of(decoding, options)]
    for decoding, temperature in wanted:
        for seed in options.seeds:
            asked = {"decoding": decoding, "temperature": temperature, "seed": seed, "n": options.n}
            row = next((row for row in known if asked.items() <= row.items()), None)
            if row is None:
                clock = Stopwatch()
                sampled = sampler.draw(options.n, temperature=temperature, decoding=decoding, seed=seed)
                cells = sampler.decode(sampled.codes_nv)
                row = asked | {"drawn": sampled.drawn, "wall_s": clock.wall_s, "cpu_s": clock.cpu_s}
                row |= {"strict": metrics.strict(cells).document(), "lenient": metrics.lenient(cells).document()}
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(
                    f"{decoding} at {temperature:g}, seed {seed}: {clock.cpu_s:.1f} CPU s", file=sys.stderr, flush=True
                )
            yield row


def permute(sampler: CellSampler, n: int) -> PermutationTest | None:
    """Return section 4.4's test of `n` plain samples at temperature 1, None without any."""
    if n == 0:
        return None
    codes_nv = sampler.draw(n, temperature=1.0, decoding="plain", seed=derive_seed(0, "permutations")).codes_nv
    return permutation_test(codes_nv, sampler.keys, seed=0)


def temperatures_of(decoding: str, options: argparse.Namespace) -> Sequence[float]:
    """Return the temperatures to draw at."""
    return options.temperatures if decoding == "plain" else [1.0]


def draw(run: CellRun, sampler: CellSampler, rows: Sequence[Row], options: argparse.Namespace) -> None:
    """Draw figures 2 and 3 beside the result."""
    measured: dict[str, dict[float, list[Generated]]] = {counted: {} for counted in COUNTED}
    for row in rows:
        if row["decoding"] == "plain":
            for counted in COUNTED:
                counts = {field.name: row[counted][field.name] for field in fields(Generated)}
                measured[counted].setdefault(row["temperature"], []).append(Generated(**counts))
    title = f"{run.space}, prior: {run.config.prior.kind}"
    stem = options.out.with_suffix("")
    draw_temperatures(measured, Path(f"{stem}_figure2.svg"), title)
    lenient = measured["lenient"]
    hottest = max(lenient, key=lambda t: fmean(one.absolute_novelty for one in lenient[t]))
    train = run.split().train
    codes_nv = sampler.draw(options.n, temperature=hottest, decoding="plain", seed=options.seeds[0]).codes_nv
    keys_n = published_keys(run.space, sampler.decode(codes_nv))
    is_novel_n = (keys_n != OUTSIDE) & ~np.isin(keys_n, published_keys(run.space, train))
    draw_positions(
        sampler.autoencoder.encode(train),
        codes_nv[is_novel_n],
        sampler.autoencoder.codes,
        Path(f"{stem}_figure3.svg"),
        f"{title}; novel: {int(is_novel_n.sum())} of {options.n} at temperature {hottest:g}",
    )


def table(rows_of: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Yield the lines of a Markdown table of each prior's rows: mean [lowest, highest] over the seeds, in %."""
    yield f"| prior | decoding | T | counted | n | drawn | {' | '.join(name.replace('_', ' ') for name in SHOWN)} |"
    yield "|---" * (6 + len(SHOWN)) + "|"
    for prior, rows in rows_of.items():
        for decoding, temperature in dict.fromkeys((row["decoding"], row["temperature"]) for row in rows):
            chosen = [row for row in rows if (row["decoding"], row["temperature"]) == (decoding, temperature)]
            drawn = fmean(row["drawn"] for row in chosen)
            for counted in COUNTED:
                shares = [[100 * row[counted][name] for row in chosen] for name in SHOWN]
                cells = [spread(values) for values in shares]
                amounts = [f"{temperature:g}", counted, f"{chosen[0]['n']:,}", f"{drawn:,.0f}"]
                yield f"| {' | '.join([prior, decoding, *amounts, *cells])} |"


def spread(values: Sequence[float]) -> str:
    """Return the mean with the lowest and the highest, where there are several."""
    mean = f"{fmean(values):.2f}"
    return mean if len(values) == 1 else f"{mean} [{min(values):.2f}, {max(values):.2f}]"


if __name__ == "__main__":
    state_class_key()
    main()
