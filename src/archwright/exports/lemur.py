"""A study's networks in LEMUR's format: `ab/nn/nn/NAME.py` and their results, where its own tools look for them.

What LEMUR's records cannot say stands in `archwright.json` beside them: our accuracies are measured on validation
images (protocol `holdout`), theirs on the test split.
"""

import ast
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archwright import __version__
from archwright.archive import Archive
from archwright.candidate import Record
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts import STANDARD_TAIL
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.corpus.kinds import require_networks
from archwright.corpus.wheel import ARCHITECTURES, STATISTICS
from archwright.errors import UsageError, typed
from archwright.evaluation.data import describe_tasks, load_spec
from archwright.exports import REMEDY, name_of_network
from archwright.resumable import replace_text
from archwright.syntax import syntax_tree
from archwright.task import DataOptions, Task

ABOUT = "archwright.json"
LEMUR_NAMES = {"cifar10": "cifar-10", "cifar100": "cifar-100"}
"""Data sets that LEMUR calls otherwise."""

_BATCHES, _STEP = 'batches = self.prm["epoch"] * len(train_data)', "self(inputs), labels)"
_SUPPORTED = '{"lr", "momentum"}'


@dataclass(frozen=True, slots=True)
class Exported:
    """One architecture that was written."""

    name: str
    source: Path
    statistics: Sequence[Path]
    """One file for each number of epochs it was trained for."""
    trials: int
    accuracy: float
    """The best of its trials, in [0, 1]."""
    split: str
    """The images it is of."""


def export_lemur(study: Path, out: Path, top: int | None = None) -> list[Exported]:
    """Write the scored networks of a study, the `top` best or all, below the folder `out`; best first.

    A program that was proposed several times is one architecture with several trials. Raises UsageError when nothing
    was scored, `out` holds an export already or the study is not of classifiers, StorageError when the disk refuses.
    """
    with Archive.open(study, read_only=True) as archive:
        name, config, records = archive.name, build_config(archive.config), archive.records()
        metric = require_networks(archive, "exported").metric
    if metric.name != ACCURACY.name:
        words = f"{study} has the {metric.name} of its networks, and LEMUR's trials are of classifiers"
        raise UsageError(words, "give a study of classes")
    if (out / ABOUT).exists():
        raise UsageError(f"{out} holds an export already", "choose another --out, or remove the folder")
    by_program: dict[str, list[Record]] = {}
    for record in records:
        if _accuracy(record) is not None:
            by_program.setdefault(record.program.digest, []).append(record)
    chosen = sorted(by_program.values(), key=lambda found: -max(_accuracies(found)))[:top]
    if not chosen:
        raise UsageError(f"nothing in {study} was scored", f"go on with the study: {typed('resume', study)}")
    dataset = LEMUR_NAMES.get(config.task, Path(config.task).name.replace("_", "-"))
    exported = [_write(name, config, dataset, found, out) for found in chosen]
    about = {"archwright": __version__, "study": name, "task": config.task, "protocol": str(config.data.protocol)}
    replace_text(out / ABOUT, json.dumps(about, indent=1) + "\n", REMEDY)
    return exported


def lemur_source(source: str, epochs: int) -> str:
    """Return `source` in full form as LEMUR trains it.

    Standard methods, where it has none of its own, also move each batch to the network's device, do without the number
    of epochs, which LEMUR does not tell, and declare the dropout rate if the program reads it.
    """
    full = NETWORK.complete(source)
    if full == source:
        return source
    own, standard = full[: len(source)], full[len(source) :]
    batches = f'batches, device = self.prm.get("epoch", {epochs}) * len(train_data), next(self.parameters()).device'
    standard = standard.replace(_BATCHES, batches).replace(_STEP, "self(inputs.to(device)), labels.to(device))")
    if any(isinstance(node, ast.Constant) and node.value == "dropout" for node in ast.walk(syntax_tree(source))):
        standard = standard.replace(STANDARD_TAIL, STANDARD_TAIL.replace(_SUPPORTED, '{"lr", "momentum", "dropout"}'))
    return own + standard


def _write(study: str, config: StudyConfig, dataset: str, records: Sequence[Record], out: Path) -> Exported:
    program, best = records[0].program, max(records, key=lambda record: _accuracy(record) or 0.0)
    name = name_of_network(program)
    source = out / ARCHITECTURES / f"{name}.py"
    folder = out / STATISTICS / f"img-classification_{dataset}_acc_{name}"
    replace_text(source, lemur_source(program.source, _task(config, best).budget.epochs), REMEDY)
    rows: defaultdict[int, list[dict[str, object]]] = defaultdict(list)
    for record in records:
        task = _task(config, record)
        rows[task.budget.epochs].append(_trial(study, task, record))
    files = {folder / f"{epochs}.json": found for epochs, found in sorted(rows.items())}
    for file, found in files.items():
        replace_text(file, json.dumps(found, indent=4, sort_keys=True) + "\n", REMEDY)
    return Exported(name, source, list(files), len(records), max(_accuracies(records)), config.as_task().split)


def _task(config: StudyConfig, record: Record) -> Task:
    """Return what a candidate was trained on: the study's task, at the candidate's own fidelity where it has one."""
    task, at = config.as_task(), record.candidate.at
    return task if at is None else task.at(at)


def _trial(study: str, task: Task, record: Record) -> dict[str, object]:
    assert record.outcome is not None
    recipe, train_s = task.recipe, record.outcome.seconds.get("train", 0.0)
    return {
        "accuracy": _accuracy(record),
        "batch": recipe.batch,
        "duration": round(1e9 * train_s) if math.isfinite(train_s) else 0,
        "lr": recipe.lr,
        "momentum": recipe.momentum,
        "dropout": recipe.dropout,
        "transform": _transform(task),
        "uid": hashlib.sha256(f"{study}/{record.candidate.key}".encode()).hexdigest()[:32],
    }


def _transform(task: Task) -> str:
    """Return what LEMUR would call how the images were prepared: normalised, at their side, augmented."""
    augmentation = "" if task.recipe.augmentation == "none" else f"_{task.recipe.augmentation}"
    return f"norm_{task.data.image_size or _own_side(task.name, task.data)}{augmentation}"


@cache
def _own_side(name: str, data: DataOptions) -> int:
    sides = {entry.name: entry.image_shape[1] for entry in describe_tasks()}
    return sides.get(name) or load_spec(name, data).image_shape[1]


def _accuracy(record: Record) -> float | None:
    return record.value(ACCURACY.name)


def _accuracies(records: Sequence[Record]) -> list[float]:
    return [accuracy for record in records if (accuracy := _accuracy(record)) is not None]
