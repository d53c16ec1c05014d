"""Experiments: the same search under several configurations (arms) and seeds, at equal budgets, resumable at any point.

A grid is a TOML file:

    preset = "laptop"           # of every arm that names no other
    seeds = [0, 1, 2]
    finalists = 1               # scored on the test split at the end of each study; 0: none
    [settings]
    loop.cycles = 8             # of every arm
    [arms.learning]
    [arms.frozen]
    tune.enabled = false        # of this one; the first arm is the reference
    [arms.evolution]
    preset = "evolution"

Every study is an ordinary one in its own folder, `FOLDER/ARM-SEED`, so it can be resumed, reported and taken apart by
the other commands. Studies run in the order of the arms, each over all seeds.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, StrictInt, ValidationError, field_validator

from archwright.analysis.finalists import summarize_finalists
from archwright.analysis.report.facts import StudyFacts, read_facts
from archwright.analysis.report.tables import flatten
from archwright.analysis.summary import best_records
from archwright.archive.database import holds_study
from archwright.assembly import Assembly
from archwright.config import StudyConfig
from archwright.configuring import LIMITS, load_config
from archwright.errors import UsageError
from archwright.events import Observer
from archwright.finals import evaluate_finalists
from archwright.reading import parse_toml, read_text
from archwright.resumable import replacing
from archwright.study import Study
from archwright.task import Frozen

GRID = "grid.toml"
"""The copy of its grid in the folder of an experiment."""
LARGEST_GRID = 2**20
"""Bytes of a grid."""
_NAME = re.compile(r"[A-Za-z0-9][\w.+]{0,63}(?:-[\w.+]+)*", re.ASCII)


class Grid(Frozen):
    """Which studies an experiment has."""

    preset: str | None = None
    seeds: tuple[StrictInt, ...] = Field((0, 1, 2), min_length=1)
    finalists: int = Field(0, ge=0)
    settings: dict[str, Any] = Field({})
    arms: dict[str, dict[str, Any]] = Field(min_length=1)

    @field_validator("seeds")
    @classmethod
    def _are_different(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        """Refuse a seed that stands there twice: its studies would be one."""
        if twice := [seed for seed, count in Counter(seeds).items() if count > 1]:
            raise ValueError(f"seed {twice[0]} stands there twice")
        return seeds

    @field_validator("settings")
    @classmethod
    def _are_settings(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Refuse what stands elsewhere in a grid, where it would say nothing."""
        for name in ("preset", "seed"):
            if name in settings:
                raise ValueError(f"{name} belongs above, as {name if name == 'preset' else 'seeds'}")
        return settings

    @field_validator("arms")
    @classmethod
    def _are_arms(cls, arms: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Refuse what is no name of a folder, and an arm with a seed or with a preset that is no name."""
        for name, own in arms.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"an arm is called {name!r}; use letters, digits, _ and -")
            if "seed" in own:
                raise ValueError(f"{name} has a seed; all arms have the same, above as seeds")
            if not isinstance(own.get("preset", ""), str):
                raise ValueError(f"the preset of {name} is {own['preset']!r}, not a name")
        return arms


@dataclass(frozen=True, slots=True)
class GridCell:
    """One study of an experiment."""

    arm: str
    seed: int
    folder: Path
    config: StudyConfig


def read_grid(path: Path) -> Grid:
    """Return the grid in a file, or in the folder of an experiment; raises UsageError for the first thing wrong."""
    if path.is_dir():
        path = path / GRID
    try:
        return Grid.model_validate(parse_toml(read_text(path, LARGEST_GRID)))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "give a grid as in `archwright ablate --help`"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the grid"
        raise UsageError(f"{path}: {where} is not valid: {first['msg']}", "see `archwright ablate --help`") from None
    except ValueError as error:  # malformed TOML, or no text
        raise UsageError(f"{path} is not valid TOML: {error}", "correct that line") from None


def cells_of(grid: Grid, folder: Path) -> list[GridCell]:
    """Return every study of the grid in the order they run; raises UsageError for a wrong setting of any of them."""
    cells = []
    for arm, own in grid.arms.items():
        preset, values = own.get("preset", grid.preset), {key: own[key] for key in own if key != "preset"}
        for seed in grid.seeds:
            config = load_config(preset, [f"seed={seed}"], tables=(grid.settings, values))
            cells.append(GridCell(arm, seed, folder / f"{arm}-{seed}", config))
    return cells


def check_arms(cells: Sequence[GridCell]) -> None:
    """Raise UsageError for arms that cannot run here or cannot be compared, before the first has taken hours."""
    tasks = {cell.config.task: cell.arm for cell in cells}
    if len(tasks) > 1:
        words = ", ".join(f"{arm} of {task}" for task, arm in tasks.items())
        raise UsageError(f"the arms are of different data sets: {words}", "give each data set a grid of its own")
    for cell in {cell.arm: cell for cell in cells if not holds_study(cell.folder)}.values():
        Assembly(cell.config, cell.folder).check()


def keep_grid(grid_file: Path, folder: Path) -> None:
    """Copy a grid into the folder of its experiment; raises UsageError when another one is there.

    An experiment may be given further arms, seeds and finalists later, but what it has must stay as it was.
    """
    source = grid_file / GRID if grid_file.is_dir() else grid_file
    grid, copy = read_grid(source), folder / GRID
    if copy.exists():
        _check_kept(read_grid(copy), grid, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(copy) as scratch:
        scratch.write_text(source.read_text("utf-8"), "utf-8")


def _check_kept(kept: Grid, grid: Grid, folder: Path) -> None:
    """Raise UsageError when `grid` lacks something of the grid that was `kept`, or has it otherwise."""
    shared = [arm for arm in kept.arms if arm in grid.arms]
    is_same = (kept.preset, kept.settings) == (grid.preset, grid.settings)
    if not is_same or any(kept.arms[arm] != grid.arms[arm] for arm in shared):
        raise UsageError(
            f"the studies in {folder} were made by another grid", "give a new folder, or the grid as it was"
        )
    missing = [
        *(f"arm {arm}" for arm in kept.arms if arm not in grid.arms),
        *(f"seed {seed}" for seed in kept.seeds if seed not in grid.seeds),
        *([f"finalists = {kept.finalists}"] if grid.finalists < kept.finalists else []),
    ]
    if missing:
        raise UsageError(
            f"the experiment in {folder} has what the grid lacks: {', '.join(missing)}",
            "leave it in the grid (--arm and --seed run a part of it), or give a new folder",
        )


def run_cell(cell: GridCell, finalists: int, observers: Sequence[Observer] = ()) -> bool:
    """Begin the study of `cell` or go on with it, and score its finalists; return whether it is finished.

    Finalists that an earlier run left unscored are scored now, and where more are asked for than the test split was
    opened for, it is opened again. False after Ctrl-C. Raises UsageError when the study there was made with other
    settings, SpentError at a limit, and what `Study` and `evaluate_finalists` raise.
    """
    facts = read_facts(cell.folder) if holds_study(cell.folder) else None
    if facts is not None:
        _check_settings(facts.config, cell)
    if facts is None or facts.status == "unfinished":
        with Study.open(cell.folder, (), observers) if facts else Study(cell.config, cell.folder, observers) as study:
            result = study.run()
        if result.reason == "interrupted":
            return False
        if result.limit is not None:
            raise result.limit.in_folder(cell.folder)
        facts = read_facts(cell.folder)
    if finalists and facts.best:
        _score_finalists(cell.folder, facts, finalists)
    return True


def _score_finalists(folder: Path, facts: StudyFacts, finalists: int) -> None:
    """Score what is missing of the last opening of the test split, or `finalists` where it was opened for fewer."""
    last = facts.openings[-1] if facts.openings else None
    if last is None or len(last.programs) < len(best_records(facts.records, finalists, facts.metric)):
        evaluate_finalists(folder, top=finalists, again=last is not None)
    elif any(len(each.outcomes) < len(last.seeds) for each in summarize_finalists(facts.records, last, facts.metric)):
        evaluate_finalists(folder)


def _check_settings(known: StudyConfig, cell: GridCell) -> None:
    """Raise UsageError when the study of `cell` was made with settings that lead to other rows."""
    before, now = (flatten(_what_rows_follow_from(config)) for config in (known, cell.config))
    differing = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if differing:
        changes = ", ".join(f"{key} = {before.get(key)}, not {now.get(key)}" for key in differing)
        raise UsageError(
            f"the study in {cell.folder} was made with other settings: {changes}",
            "move it away, or give the grid as it was",
        )


def _what_rows_follow_from(config: StudyConfig) -> dict[str, Any]:
    """Return the settings that decide rows: where programs run, what `resume` may change without another row, how much
    may be spent and the name of a preset are not among them.
    """
    model = dict.fromkeys((*LIMITS, "timeout_s", "retries", "concurrency"), True)
    return config.model_dump(
        mode="json",
        exclude={"sandbox": True, "preset": True, "loop": {"stop": True}, "llm": model, "improver": model},
    )
