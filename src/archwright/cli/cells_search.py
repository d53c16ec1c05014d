"""`archwright cells search`: find the best cell of a benchmark by few queries of its table."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count
from archwright.cli.answer import Answer, DebugFlag, JsonFlag, write_json
from archwright.errors import StorageError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.cells.cell import Cell
    from archwright.cells.search.loop import CellSearch
    from archwright.cells.search.oracle import TableOracle


def search(
    space: Annotated[str, typer.Argument(help="nasbench101 or nasbench201.", metavar="SPACE")],
    strategy: Annotated[
        str, typer.Option(help="random, evolution, local, bayesian or sequence.", metavar="NAME")
    ] = "bayesian",
    queries: Annotated[int, typer.Option(help="How many different cells are measured.", min=1, metavar="N")] = 192,
    dataset: Annotated[str, typer.Option(help="c10, c100 or in16; nasbench101 has c10 only.", metavar="NAME")] = "c10",
    seed: Annotated[int, typer.Option(help="Of everything the strategy draws.", metavar="N")] = 0,
    model: Annotated[
        Path | None, typer.Option(help="For sequence: a folder of the space written by train.", metavar="DIR")
    ] = None,
    temperature: Annotated[float, typer.Option(help="For sequence: of the prior.", metavar="T", min=0.01)] = 1.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Keep the log and the result here; the same command goes on with it.", metavar="DIR"),
    ] = None,
    json: JsonFlag = False,
    debug: DebugFlag = False,
) -> Answer:
    """Find the cell with the best validation accuracy by as few queries of the benchmark's table as possible.

    The test accuracy is looked up once, for the cell that was found. Unless the original file is there,
    NAS-Bench-101's table has 30,001 of 423,624 cells and no test accuracy: proposals of other cells cost nothing, and
    are counted. Asked again for more queries, a search in the same folder goes on. "sequence" is Algorithm 1 of
    Arch-LLM with trained models; 400 queries are its published 12 rounds.
    """
    from archwright.cells.run import CellRun
    from archwright.cells.search.log import SearchLog
    from archwright.cells.search.loop import CellSearch, incumbents
    from archwright.cells.search.oracle import load_oracle
    from archwright.cells.search.registry import new_strategy
    from archwright.cells.search.space import SEARCH_SPACES

    oracle = load_oracle(space, dataset)
    rules = SEARCH_SPACES[space]
    header: dict[str, str | int | float | None] = {
        "space": space,
        "dataset": dataset,
        "strategy": strategy,
        "seed": seed,
    }
    if strategy == "sequence":
        header |= {"model": str(model), "temperature": temperature}
    models = None if model is None else CellRun.open(model)
    chosen = new_strategy(strategy, rules, oracle.table.cells, seed, models=models, temperature=temperature)
    log = None if out is None else SearchLog(out / "search.jsonl", header)
    try:
        run = CellSearch(rules, chosen, oracle, log)
        run.run(queries, _say_what_is_better)
    finally:
        if log is not None:
            log.close()
    if not run.queries:
        raise UsageError(
            f"none of {count(run.proposals)} cells that were proposed can be measured", "train the models for longer"
        )
    best, best_of_pool = _found(run.incumbent.cell, oracle), _found(oracle.best, oracle)
    document = header | {
        "pool": oracle.pool,
        "queries": len(run.queries),
        "proposals": run.proposals,
        "best": asdict(best),
        "best_of_pool": asdict(best_of_pool),
        "curve": [incumbent.accuracy for incumbent in incumbents(run.queries)],
    }
    if out is not None:
        _write(out / "result.json", document)

    def show(console: Console) -> None:
        asked = f"{count(len(run.queries))} queries, {count(run.proposals)} proposals"
        console.print(f"{space}, {dataset}, {strategy}, seed {seed}: {asked}")
        console.print(oracle.pool)
        console.print(f"found:            {best}")
        console.print(f"best of the pool: {best_of_pool}")
        console.print(", ".join(best.operations))
        console.print(", ".join(f"{start}-{end}" for start, end in best.edges))

    return Answer(document, show)


@dataclass(frozen=True, slots=True)
class _Found:
    """A cell and its accuracies in the table."""

    operations: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    validation: float
    test: float | None

    def __str__(self) -> str:
        test = "no test accuracy in the table" if self.test is None else f"{self.test:.2%} on test"
        return f"{self.validation:.2%} on validation, {test}"


def _found(cell: Cell, oracle: TableOracle) -> _Found:
    """Return what the table has of a measured cell; the only place where a test accuracy is read."""
    validation = oracle(cell)
    assert validation is not None
    return _Found(cell.operations, tuple(sorted(cell.edges)), validation, oracle.test(cell))


def _say_what_is_better(run: CellSearch) -> None:
    newest = run.queries[-1]
    if run.incumbent is newest:
        said = f"query {len(run.queries)}, {count(run.proposals)} proposals"
        print(f"{said}: {newest.accuracy:.2%} on validation", file=sys.stderr, flush=True)


def _write(path: Path, document: Mapping[str, object]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            write_json(document, file)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", "free some space") from None
