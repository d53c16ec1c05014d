"""`archwright cells search`: find the best cell of a benchmark by few queries of its table."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from archwright.analysis.text import count
from archwright.cli.answer import Answer, write_json
from archwright.errors import UsageError
from archwright.resumable import replace_text

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.cells.cell import Cell
    from archwright.cells.search.asking import Queries
    from archwright.cells.search.oracle import TableOracle
    from archwright.events import Event

RESULT = "result.json"
"""In the folder of a search."""


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
        typer.Option(help="Keep the study and the result here; the same command goes on with it.", metavar="DIR"),
    ] = None,
) -> Answer:
    """Find the cell with the best validation accuracy by as few queries of the benchmark's table as possible.

    The test accuracy is looked up once, for the cell that was found. Unless the original file is there,
    NAS-Bench-101's table has 30,001 of 423,624 cells and no test accuracy: proposals of other cells cost nothing, and
    are counted. Asked again for more queries, a search in the same folder goes on. "sequence" is Algorithm 1 of
    Arch-LLM with trained models; 400 queries are its published 12 rounds.
    """
    from archwright.assembly import Parts
    from archwright.cells.search.asking import CellsStrategy, Queries, named_strategy
    from archwright.cells.search.contract import TableExecutor
    from archwright.cells.search.options import CellsOptions
    from archwright.cells.search.oracle import load_oracle
    from archwright.cells.search.searching import search_cells, search_config
    from archwright.cells.search.space import SEARCH_SPACES

    oracle = load_oracle(space, dataset)
    options = CellsOptions(
        space=space,
        dataset=dataset,
        strategy=strategy,
        queries=queries,
        model="" if model is None else str(model),
        temperature=temperature,
    )
    header: dict[str, object] = {"space": space, "dataset": dataset, "strategy": strategy, "seed": seed}
    if strategy == "sequence":
        header |= {"model": str(model), "temperature": temperature}
    config = search_config(options, seed)
    chosen = CellsStrategy(config, named_strategy(options, seed, oracle))
    parts = Parts(strategy=chosen, executor=TableExecutor(oracle, oracle.test))
    with nullcontext(out) if out is not None else TemporaryDirectory(prefix="archwright-") as folder:
        run = search_cells(config, Path(folder), [_Watcher(Queries(SEARCH_SPACES[space]))], parts)
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
        "curve": [incumbent.accuracy for incumbent in run.incumbents],
    }
    if out is not None:
        text = StringIO()
        write_json(document, text)
        replace_text(out / RESULT, text.getvalue(), "free some space, then run the command again")

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
class _FoundCell:
    """A cell and its accuracies in the table."""

    operations: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    validation: float
    test: float | None

    def __str__(self) -> str:
        test = "no test accuracy in the table" if self.test is None else f"{self.test:.2%} on test"
        return f"{self.validation:.2%} on validation, {test}"


def _found(cell: Cell, oracle: TableOracle) -> _FoundCell:
    """Return what the table has of a measured cell; the only place where a test accuracy is read."""
    validation = oracle(cell)
    assert validation is not None
    return _FoundCell(cell.operations, tuple(sorted(cell.edges)), validation, oracle.test(cell))


class _Watcher:
    """An observer that says when a better cell is found."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._best = 0.0

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        from archwright.candidate import Record, Trial
        from archwright.events import Evaluated

        if not isinstance(event, Evaluated):
            return
        trial = Trial(None, event.outcome.seed)
        measured = self._queries.take(Record(event.candidate, {trial: event.outcome}))
        if measured.is_query and measured.accuracy is not None and measured.accuracy > self._best:
            self._best = measured.accuracy
            said = f"query {len(self._queries.found)}, {count(self._queries.proposals)} proposals"
            print(f"{said}: {measured.accuracy:.2%} on validation", file=sys.stderr, flush=True)
