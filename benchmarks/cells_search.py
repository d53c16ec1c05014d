"""Which strategy finds good cells by the fewest queries? Every strategy on both benchmarks, over seeds.

    python benchmarks/cells_search.py [--seeds 100-119] [--queries 400] [--models DIR ...] [--runs LOG] [--out FILE]

Query: a cell measured for the first time; all strategies get as many. The cell with the best validation accuracy so far
is the incumbent, and its test accuracy is what is reported: no test accuracy chooses anything. "Best by validation" is
what a search that missed nothing would report. "Recommended" is the measured cell with the highest posterior mean
instead, chosen by validation accuracies as well. NAS-Bench-101's table is a closed pool of 30,001 measured cells of
423,624, without test accuracies: regret there is the best validation accuracy of the pool less the incumbent's, and a
proposal outside it costs no query. "Sequence" is Algorithm 1; it runs on the spaces that `--models` has trained models
of, folders written by `archwright cells train`.

Finished runs are kept in the file --runs, one line each, and not repeated. Means over seeds with t-intervals at 95 %,
in per cent.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.analysis.intervals import t_interval
from archwright.archive import Archive
from archwright.archive.environment import describe_environment
from archwright.assembly import Parts
from archwright.candidate import Record
from archwright.cells.run import CellRun
from archwright.cells.search.asking import CellsStrategy, Queries
from archwright.cells.search.bayesian import BayesianSearch
from archwright.cells.search.contract import TableExecutor
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.oracle import DATASETS, TableOracle, load_oracle
from archwright.cells.search.registry import STRATEGIES, new_strategy
from archwright.cells.search.searching import CellSearch, search_cells, search_config
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.search.strategy import CellStrategy
from archwright.evaluation.classes import state_class_key

MARKS = (50, 100, 192, 200, 300, 400)
"""Numbers of queries at which the figures are given."""
Run = Mapping[str, Any]


def main() -> None:
    """Run what is missing, print the tables and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", nargs="+", choices=SEARCH_SPACES, default=list(SEARCH_SPACES))
    parser.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=list(STRATEGIES))
    parser.add_argument("--seeds", type=read_seeds, default="20", help="how many from 0, or first-last")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--models", type=Path, nargs="+", default=[], metavar="DIR", help="of sequence, one a space")
    parser.add_argument("--runs", type=Path, default=Path("runs/cells_search.jsonl"))
    parser.add_argument("--out", type=Path, help="write the figures to this file (JSON)")
    options = parser.parse_args()
    options.runs.parent.mkdir(parents=True, exist_ok=True)
    models = {run.space: run for run in map(CellRun.open, options.models)}
    if options.strategies == ["sequence"] and not models.keys() >= set(options.spaces):
        parser.error("sequence needs --models of every space")
    runs = read_runs(options.runs, options.queries)
    figures, bounds = [], []
    for space in options.spaces:
        table = load_oracle(space, DATASETS[space][0]).table
        features_mf = SEARCH_SPACES[space].encode(table.cells)
        for oracle in (TableOracle(table, dataset) for dataset in DATASETS[space]):
            bounds.append({"space": space, "dataset": oracle.dataset} | bound_of(oracle))
            for strategy in options.strategies:
                if strategy == "sequence" and space not in models:
                    continue
                found = []
                for seed in options.seeds:
                    name = f"{space} {oracle.dataset} {strategy} {seed}"
                    if name not in runs:
                        runs[name] = run_search(oracle, strategy, seed, options.queries, features_mf, models.get(space))
                        with options.runs.open("a", encoding="utf-8") as file:
                            file.write(json.dumps({"name": name, "wanted": options.queries} | runs[name]) + "\n")
                        print(f"{name}: {runs[name]['validation'][-1]:.2%}", file=sys.stderr, flush=True)
                    found.append(runs[name])
                figures.append(summarize(oracle, strategy, found, options.queries))
    result = {
        "queries": options.queries,
        "seeds": list(options.seeds),
        "machine": describe_environment(),
        "best_by_validation": bounds,
        "figures": figures,
    }
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(tables(result)))


def read_seeds(text: str) -> range:
    """Return the seeds that "20" or "100-119" stand for."""
    first, _, last = text.rpartition("-")
    return range(int(first), int(last) + 1) if first else range(int(last))


def read_runs(path: Path, queries: int) -> dict[str, Run]:
    """Return the finished runs of so many queries by name."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    runs = [json.loads(line) for line in lines]
    return {run["name"]: run for run in runs if run["wanted"] == queries}


def replay(strategy: CellStrategy, search: CellSearch, records: Sequence[Record], space: str) -> None:
    """Tell `strategy` every whole batch of `records` within the queries of `search`."""
    queries, position = Queries(SEARCH_SPACES[space]), 0
    while batch := strategy.ask():
        told = [queries.take(record) for record in records[position : position + len(batch)]]
        position += len(batch)
        if len(told) < len(batch) or len(queries.found) > len(search.queries):
            return
        strategy.tell(told)


def run_search(
    oracle: TableOracle,
    strategy: str,
    seed: int,
    queries: int,
    features_mf: NDArray[np.float32],
    models: CellRun | None,
) -> Run:
    """Return one search: the incumbent's accuracies after every query, its proposals and its CPU seconds."""
    started = time.process_time()
    pool = oracle.table.cells
    space = SEARCH_SPACES[oracle.table.space]
    chosen = (
        BayesianSearch(pool, features_mf, seed)
        if strategy == "bayesian"
        else new_strategy(strategy, space, pool, seed, models=models)
    )
    config = search_config(
        CellsOptions(space=space.name, dataset=oracle.dataset, strategy=strategy, queries=queries), seed
    )
    parts = Parts(strategy=CellsStrategy(config, chosen), executor=TableExecutor(oracle, oracle.test))
    with TemporaryDirectory(prefix="archwright-") as folder:
        search = search_cells(config, Path(folder) / "search", parts=parts)
        with Archive.open(Path(folder) / "search", read_only=True) as archive:
            records = archive.records()
    recommended = {}
    for mark in [*(mark for mark in MARKS if mark < queries), queries] if strategy == "bayesian" else []:
        until = BayesianSearch(pool, features_mf, seed)
        replay(until, CellSearch(search.queries[:mark], search.proposals), records, space.name)
        cell = until.recommend()
        recommended[str(mark)] = [oracle(cell), oracle.test(cell)]
    return {
        "recommended": recommended,
        "validation": [query.accuracy for query in search.incumbents],
        "test": [oracle.test(query.cell) for query in search.incumbents],
        "proposals": search.proposals,
        "cpu_s": round(time.process_time() - started, 2),
    }


def summarize(oracle: TableOracle, strategy: str, runs: Sequence[Run], queries: int) -> dict[str, Any]:
    """Return means over the seeds: at the marks with t-intervals, every 10 queries without."""
    best = oracle(oracle.best) or 0.0
    marks = [mark for mark in MARKS if mark <= queries]

    def after(run: Run, number: int, name: str) -> float:
        # A strategy that ended early keeps what it has.
        values = run[name]
        return float(values[min(number, len(values)) - 1])

    def mean(number: int, name: str) -> list[float | None]:
        values = [
            best - after(run, number, "validation") if name == "regret" else after(run, number, name) for run in runs
        ]
        found = t_interval(values)
        return [found.mean, found.low, found.high]

    names = ["validation", "regret", *(["test"] if oracle.test(oracle.best) is not None else [])]
    return {
        "space": oracle.table.space,
        "dataset": oracle.dataset,
        "strategy": strategy,
        "pool": oracle.pool,
        "at": {name: {str(mark): mean(mark, name) for mark in marks} for name in names},
        "curve": {name: [mean(number, name)[0] for number in range(10, queries + 1, 10)] for name in names},
        "recommended": {mark: recommended_at(runs, mark) for mark in runs[0]["recommended"]},
        "found_best": sum(after(run, queries, "validation") == best for run in runs),
        "queries": [len(run["validation"]) for run in runs],
        "proposals": sum(run["proposals"] for run in runs) / len(runs),
        "cpu_s": sum(run["cpu_s"] for run in runs) / len(runs),
    }


def recommended_at(runs: Sequence[Run], mark: str) -> list[float | None]:
    """Return mean and t-interval of the recommended cells' test accuracy, nothing where there is none."""
    found = t_interval([test for run in runs for _, test in [run["recommended"][mark]] if test is not None])
    return [found.mean, found.low, found.high]


def bound_of(oracle: TableOracle) -> dict[str, float | None]:
    """Return the accuracies of the cell with the best validation accuracy."""
    return {"validation": oracle(oracle.best), "test": oracle.test(oracle.best)}


def tables(result: Mapping[str, Any]) -> list[str]:
    """Return one Markdown table per data set: test accuracy where there is one, else regret."""
    lines: list[str] = []
    seeds = result["seeds"]
    for bound in result["best_by_validation"]:
        rows = [row for row in result["figures"] if all(row[key] == bound[key] for key in ("space", "dataset"))]
        name = "regret" if bound["test"] is None else "test"
        marks = list(rows[0]["at"][name])
        title = "validation regret" if name == "regret" else "test accuracy of the best by validation"
        lines += [
            f"{bound['space']} {bound['dataset']} ({rows[0]['pool']}): {title}, %, seeds {seeds[0]} to {seeds[-1]}",
            "",
            f"| queries | {' | '.join(marks)} | found the best | proposals | CPU s |",
            f"|{'---|' * (len(marks) + 4)}",
        ]
        for row in rows:
            cells = [interval(row["at"][name][mark]) for mark in marks]
            ends = [f"{row['found_best']} of {len(seeds)}", f"{row['proposals']:,.0f}", f"{row['cpu_s']:.1f}"]
            lines.append(f"| {' | '.join([row['strategy'], *cells, *ends])} |")
            if name == "test" and row["recommended"]:
                cells = [interval(row["recommended"][mark]) for mark in marks]
                lines.append("| " + " | ".join([f"{row['strategy']}, recommended", *cells, "", "", ""]) + " |")
        best = 0.0 if name == "regret" else 100 * bound["test"]
        lines += [f"| best by validation |{f' {best:.2f} |' * len(marks)} | | |", ""]
    return lines


def interval(values: Sequence[float | None]) -> str:
    """Return a figure and its interval in per cent."""
    mean, low, high = (None if value is None else 100 * value for value in values)
    return f"{mean:.2f}" + ("" if low is None or high is None else f" [{low:.2f}, {high:.2f}]")


if __name__ == "__main__":
    state_class_key()
    main()
