"""`archwright ablate` and `archwright compare`: studies of several configurations and seeds, beside one another."""

from __future__ import annotations

import json as json_module
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archwright.analysis.documents import bounds
from archwright.analysis.text import name_of
from archwright.cli.answer import Answer, print_table
from archwright.errors import ArchwrightError, UsageError, typed

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.ablation import GridCell
    from archwright.analysis.experiments.comparison import Comparison
    from archwright.analysis.experiments.rows import Row
    from archwright.task import Metric

ReferenceOption = Annotated[
    str | None, typer.Option(metavar="ARM", help="The arm that the others are compared with (the first).")
]
LastOption = Annotated[int, typer.Option(min=1, metavar="N", help="Cycles at the end that count.")]
RowsOption = Annotated[
    Path | None, typer.Option("--rows", metavar="FILE", help="Write the candidates as rows, from which all follows.")
]


def ablate(
    grid: Annotated[
        Path,
        typer.Argument(
            help="TOML: preset, seeds, finalists, [settings] of every arm, and [arms.NAME] with the settings of one; "
            "or the folder of an experiment, to go on.",
            metavar="GRID",
        ),
    ],
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the experiment; by default named like the grid.")
    ] = None,
    arms: Annotated[
        list[str] | None, typer.Option("--arm", metavar="ARM", help="Only this arm; may be repeated.")
    ] = None,
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", metavar="N", help="Only this seed; may be repeated.")
    ] = None,
    reference: ReferenceOption = None,
    last: LastOption = 2,
    rows: RowsOption = None,
) -> Answer:
    """Run every study of a grid that is not finished, each resumable, then compare them."""
    from archwright.ablation import cells_of, check_arms, keep_grid, read_grid

    if folder is None:
        folder = grid if grid.is_dir() else Path("runs") / grid.stem
    found = read_grid(grid)
    cells = cells_of(found, folder)
    for name, asked, known in (("arm", arms, found.arms), ("seed", seeds, found.seeds)):
        for one in asked or []:
            if one not in known:
                raise UsageError(f"the grid has no {name} {one}", f"it has: {', '.join(map(str, known))}")
    wanted = [cell for cell in cells if (not arms or cell.arm in arms) and (not seeds or cell.seed in seeds)]
    check_arms(wanted)
    keep_grid(grid, folder)
    for number, cell in enumerate(wanted, start=1):
        print(f"{number}/{len(wanted)}  {cell.arm}, seed {cell.seed}: {cell.folder}", file=sys.stderr, flush=True)
        if not _run(cell, found.finalists):
            raise ArchwrightError("interrupted", f"go on with: {typed('ablate', folder)}")
    return _compare([folder], reference, last, rows, folder)


def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Studies, experiments of `ablate`, or files of rows (JSON).", metavar="DIR|FILE..."),
    ],
    reference: ReferenceOption = None,
    last: LastOption = 2,
    rows: RowsOption = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write comparison.md and comparison.html into this folder.")
    ] = None,
) -> Answer:
    """Compare studies: arms are configurations that differ in more than the seed, paired by seed."""
    return _compare(folders, reference, last, rows, out)


def _run(cell: GridCell, finalists: int) -> bool:
    from archwright.ablation import run_cell
    from archwright.cli.progress import Progress
    from archwright.cli.running import display_of

    with display_of(Progress()) as observer:
        return run_cell(cell, finalists, [observer])


def _compare(
    paths: Sequence[Path], reference: str | None, last: int, rows_file: Path | None, out: Path | None
) -> Answer:
    from archwright.analysis.experiments.comparison import compare as compare_rows
    from archwright.analysis.experiments.writing import write_comparison, write_rows

    rows, metric = _rows(paths)
    comparison = compare_rows(rows, metric, reference=reference, last=last)
    if rows_file is not None:
        write_rows(rows, metric.name, rows_file)
    written: dict[str, str | None] = {"markdown": None, "html": None}
    if out is not None:
        report = write_comparison(comparison, out)
        written = {"markdown": str(report.markdown), "html": str(report.html)}
    document = {**_describe(comparison), "rows": None if rows_file is None else str(rows_file), "report": written}
    return Answer(document, lambda console: _show(console, comparison, written))


def _rows(paths: Sequence[Path]) -> tuple[list[Row], Metric]:
    """Return the rows of everything that was named, each once, and the metric that all of it must have in common."""
    from archwright.analysis.dataset import mark_of_data, require_one_data_set
    from archwright.analysis.experiments.rows import distinct_rows, rows_of
    from archwright.analysis.report.tables import flatten
    from archwright.archive import Archive

    rows: list[Row] = []
    metrics: dict[Metric, None] = {}
    marks: dict[str, Mapping[str, object]] = {}
    folders: list[Path] = []
    named: dict[Path, str] = {}
    for path in _resolved(paths):
        if path.is_file():
            found, of_file = _read_rows(path)
            rows += found
            metrics |= dict.fromkeys(of_file)
            marks |= {f"{path} ({row.arm}, seed {row.seed})": row.data for row in found if row.data}
        else:
            arms = _arms_of(path)
            named |= arms
            folders += list(arms) or [path]
    settings: dict[Path, Mapping[str, str]] = {}
    for folder in _resolved(folders):
        with Archive.open(folder, read_only=True) as archive:
            marks[str(folder)], settings[folder] = mark_of_data(archive), flatten(archive.config)
    require_one_data_set(marks)
    named |= _arms_by_configuration({folder: flat for folder, flat in settings.items() if folder not in named})
    for folder in settings:
        found, metric = rows_of(folder, named[folder])
        rows += found
        metrics[metric] = None
    if len(metrics) > 1:
        names = ", ".join(sorted({metric.name for metric in metrics}))
        raise UsageError(f"these studies are scored by different metrics: {names}", "compare studies of one kind")
    if not metrics:
        raise UsageError("there is no row in what was given", "give studies that have evaluated candidates")
    return distinct_rows(rows), next(iter(metrics))


def _resolved(paths: Sequence[Path]) -> list[Path]:
    """Return where `paths` lead, each place once, in the order they were given."""
    return list(dict.fromkeys(Path(os.path.realpath(path)) for path in paths))


def _arms_of(path: Path) -> dict[Path, str]:
    """Return the studies that an experiment's folder holds, with their arms; none when it is no experiment."""
    from archwright.ablation import GRID, cells_of, read_grid
    from archwright.archive.database import holds_study

    if not (path / GRID).is_file():
        return {}
    cells = cells_of(read_grid(path), path)
    return {_resolved([cell.folder])[0]: cell.arm for cell in cells if holds_study(cell.folder)}


def _arms_by_configuration(settings: Mapping[Path, Mapping[str, str]]) -> dict[Path, str]:
    """Return a name for each study: the settings in which it differs from others, but for the seed.

    Of studies of several presets it is the preset with those that it does not have.
    """
    from archwright.analysis.report.tables import flatten
    from archwright.configuring import load_config, preset_names

    keys = dict.fromkeys(key for flat in settings.values() for key in flat)
    differing = [
        key
        for key in keys
        if key not in ("seed", "preset", "task") and not key.startswith("sandbox.")
        if len({flat.get(key) for flat in settings.values()}) > 1
    ]
    presets = {folder: flat.get("preset", "").strip('"') for folder, flat in settings.items()}
    known: dict[str, Mapping[str, str]] = {preset: {} for preset in presets.values()}
    if len(known) > 1 and known.keys() <= set(preset_names()):
        known = {preset: flatten(load_config(preset).model_dump(mode="json")) for preset in known}
    names = {}
    for folder, flat in settings.items():
        own = known[presets[folder]]
        beyond = [f"{key}={flat.get(key)}" for key in differing if not own or flat.get(key) != own.get(key)]
        names[folder] = ", ".join([presets[folder], *beyond] if own else beyond) or "all"
    return names


def _read_rows(path: Path) -> tuple[list[Row], list[Metric]]:
    """Return the rows in a file and the metrics they are scored by."""
    from archwright.analysis.experiments.rows import Row, metric_of
    from archwright.reading import LARGEST_TEXT, read_text

    try:
        rows = json_module.loads(read_text(path, LARGEST_TEXT))
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError("it is no list of rows")
    except (OSError, ValueError, RecursionError) as error:
        remedy = "give a file written by `archwright compare --rows`"
        raise UsageError(f"{path} cannot be read: {error}", remedy) from None
    metrics = {frozenset(row): metric_of(row) for row in {frozenset(row): row for row in rows}.values()}
    return [Row.from_json(row, metrics[frozenset(row)].name) for row in rows], list(dict.fromkeys(metrics.values()))


def _describe(comparison: Comparison) -> dict[str, Any]:
    from archwright.analysis.experiments.comparison import FIGURES

    def triple(mean: Any) -> list[float | None]:
        return [mean.mean, mean.low, mean.high]

    return {
        "metric": comparison.metric.name,
        "reference": comparison.reference,
        "last": comparison.last,
        "arms": {
            arm: {
                "seeds": [study.seed for study in studies],
                "candidates": [study.candidates for study in studies],
                "figures": {
                    name: triple(comparison.over_seeds(arm, lambda study, value=value: value(comparison, study)))  # type: ignore[misc]
                    for name, value, _ in FIGURES
                },
                "cycles": {
                    which.value: {
                        "means": [study.curves[which].means() for study in studies],
                        "shares": [study.curves[which].shares(comparison.metric) for study in studies],
                    }
                    for which in studies[0].curves
                },
            }
            for arm, studies in comparison.arms.items()
        },
        "differences": {
            arm: {
                each.figure: {
                    "mean": triple(each.mean),
                    "seeds": each.mean.n,
                    "p": each.p,
                    "over_candidates": bounds(each.over_candidates),
                }
                for each in comparison.differences(arm)
            }
            for arm in comparison.arms
            if arm != comparison.reference
        },
    }


def _show(console: Console, comparison: Comparison, written: Mapping[str, str | None]) -> None:
    from archwright.analysis.experiments.sections import sections_of

    for section in sections_of(comparison)[:2]:
        for note in section.notes:
            console.print(note, soft_wrap=True)
        for found in section.tables:
            print_table(console, found.headings, found.rows, left=found.left, title=section.title)
    if written["html"]:
        console.print(f"Report: {name_of(written['html'])}", soft_wrap=True)
