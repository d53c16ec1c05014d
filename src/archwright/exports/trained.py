"""A study's best networks, trained once more in the sandbox: source, weights and a script that classifies images.

The weights are those of one training on the training images of the search, with a seed that no candidate had, and their
score is that of the same network on the validation images. They come out of the box as one block of bytes and are
written as safetensors, which hold numbers and nothing that could run.
"""

import importlib.resources
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save

from archwright import __version__
from archwright.analysis.dataset import require_data_in_place, require_same_data, settings_are_fixed
from archwright.analysis.summary import best_records
from archwright.archive import Archive
from archwright.candidate import Outcome, Record
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts.contract import Contract
from archwright.corpus.kinds import require_networks
from archwright.errors import StudyError, UsageError, typed
from archwright.evaluation.box.layout import Slots, spans
from archwright.evaluation.data import load_task_data
from archwright.evaluation.results import SavedNetwork
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.exports import REMEDY, name_of_network
from archwright.randomness import derive_seed
from archwright.reading import read_text
from archwright.resumable import replace_text, replacing, writing
from archwright.task import DataSpec, Metric, Task
from archwright.vouching import require_vouched

WEIGHTS = "weights.safetensors"
"""Written last: where it is, the export is whole."""
UNFINISHED = ".unfinished"
"""What of an export is in its folder until it is done: what was asked for."""
LARGEST_ASKED = 2**20
_STORED = {"float64": torch.float32, "complex128": torch.complex64}
"""How a box rounds wide numbers (`evaluation.box.layout.ITEM_BYTES`)."""


@dataclass(frozen=True)
class TrainedNetwork:
    """One network that was trained, and where it is."""

    record: Record
    """The candidate with which the search selected it."""
    outcome: Outcome
    """Of this training: the score is that of the weights that were written."""
    folder: Path | None
    """Holds network.py, weights.safetensors, network.json and predict.py; None where the training failed."""
    split: str
    """The images its score is of."""


def export_trained(
    study: Path,
    out: Path,
    top: int | None = None,
    epochs: int | None = None,
    on_trained: Callable[[TrainedNetwork, Metric], None] | None = None,
) -> list[TrainedNetwork]:
    """Train the `top` best programs of a study (one) and write each below the folder `out`; best first.

    Each has the recipe and the epochs it was selected with, or `epochs`. What fails to train is in the list without a
    folder. After a kill the same call begins anew. Raises UsageError when nothing was scored or the study is not of
    classifiers, DataError when its data are not there any more, StorageError when the disk refuses, and StudyError when
    none could be trained.
    """
    with Archive.open(study, read_only=True) as archive, settings_are_fixed():
        config = build_config(archive.config)
        require_vouched(config, study)
        contract = require_networks(archive, "exported")
        best = best_records(archive.records(), top or 1, contract.metric)
        if not best:
            raise UsageError(f"nothing in {study} was scored", f"go on with the study: {typed('resume', study)}")
        require_data_in_place(config, study)
        spec = contract.spec(config)
        require_same_data(archive, spec)
        if spec.target_shape or contract.table(config) is not None:
            raise UsageError(
                f"{study} is no study of classifiers that are trained", "give a study of classes, trained here"
            )
        name = archive.name
    folders = [out / name_of_network(record.program) for record in best]
    begun, asked = out / UNFINISHED, json.dumps([name, [folder.name for folder in folders], epochs])
    for folder in folders:
        if (folder / WEIGHTS).exists() and not (begun.is_file() and read_text(begun, LARGEST_ASKED) == asked):
            raise UsageError(f"{folder} holds an export already", "choose another --out, or remove the folder")
    found = []
    for record, folder in zip(best, folders, strict=True):
        trained = train_again(config, contract, record, epochs)
        if trained.left is not None:
            replace_text(begun, asked, REMEDY)
        is_written = write_network(trained, record, spec, name, folder)
        network = TrainedNetwork(record, trained.outcome, folder if is_written else None, trained.task.split)
        found.append(network)
        if on_trained is not None:
            on_trained(network, contract.metric)
    begun.unlink(missing_ok=True)
    if not any(network.folder for network in found):
        failure = found[0].outcome.failure
        raise StudyError(f"none could be trained again: {failure.message if failure else ''}", "try a larger --top")
    return found


@dataclass(frozen=True)
class _TrainedOnce:
    task: Task
    images: int
    """That it learned from."""
    outcome: Outcome
    left: SavedNetwork | None
    """None unless it is valid."""


def train_again(config: StudyConfig, contract: Contract, record: Record, epochs: int | None) -> _TrainedOnce:
    """Train a candidate's program as it was selected, but for the seed and perhaps the epochs."""
    at = record.candidate.at or config.as_task().fidelity
    task = config.as_task().at(replace(at, epochs=epochs or at.epochs))
    seed = derive_seed(config.seed, "export", task.budget.epochs)
    kept: list[SavedNetwork] = []
    data = load_task_data(task)
    with closing(SandboxEvaluator(task, config.sandbox, data, contract=contract)) as evaluator:
        outcome = evaluator.train(record.program, seed=seed, keep=kept.append)
    return _TrainedOnce(task, len(data.train), outcome, kept[0] if outcome.failure is None else None)


def write_network(training: _TrainedOnce, record: Record, spec: DataSpec, study: str, folder: Path) -> bool:
    """Write what is left of a training, the weights last; return False where nothing is."""
    left = training.left
    if left is None:
        return False
    with writing(folder, REMEDY):
        (folder / WEIGHTS).unlink(missing_ok=True)
    script = importlib.resources.files("archwright.exports").joinpath("predict.py").read_text("utf-8")
    card = _card(training, left, record, spec, study)
    replace_text(folder / "network.py", left.plan.full_source, REMEDY)
    replace_text(folder / "predict.py", script, REMEDY)
    replace_text(folder / "network.json", json.dumps(card, indent=1) + "\n", REMEDY)
    weights = folder / WEIGHTS
    values = save(tensors_in(left.block, left.layout))
    with writing(weights, REMEDY), replacing(weights) as scratch:
        scratch.write_bytes(values)
    return True


def tensors_in(block: bytes, layout: Slots) -> dict[str, torch.Tensor]:
    """Return the tensors of a block of weights by name; numbers of double precision are float32 in it."""
    tensors = {}
    for slot, place in spans(layout):
        values = torch.frombuffer(bytearray(block[place]), dtype=_STORED.get(slot.dtype) or getattr(torch, slot.dtype))
        tensors[slot.name] = values.reshape(slot.shape)
    if len(tensors) < len(layout):
        raise StudyError("two tensors of the network have one name", "give its modules shorter names")
    return tensors


def _card(
    training: _TrainedOnce, left: SavedNetwork, record: Record, spec: DataSpec, study: str
) -> Mapping[str, object]:
    """Return everything that `predict.py` has to know, and where the network comes from."""
    plan, task, scores = left.plan, training.task, training.outcome.scores
    assert left.aliases is not None
    assert scores is not None
    return {
        "in_shape": [plan.batch, *plan.image_shape],
        "out_shape": list(plan.output_shape),
        "prm": dict(plan.prm),
        "classes": _in_order_of_outputs(spec.class_names, left.aliases.tolist()),
        "mean": list(plan.mean),
        "std": list(plan.std),
        "data": spec.title,
        "train_images": training.images,
        "epochs": plan.epochs,
        "seed": plan.seed,
        "recipe": task.recipe.model_dump(mode="json"),
        "validation": {**scores.values, "n": scores.n},
        "params": training.outcome.params,
        "flops": training.outcome.flops,
        "study": study,
        "candidate": str(record.candidate.key),
        "digest": record.program.digest,
        "archwright": __version__,
        "torch": torch.__version__,
    }


def _in_order_of_outputs(names: Sequence[str], aliases: Sequence[int]) -> list[str]:
    """Return what each output of the network stands for: a box knows the classes under secret numbers."""
    ordered = [""] * len(names)
    for name, alias in zip(names, aliases, strict=True):
        ordered[alias] = name
    return ordered
