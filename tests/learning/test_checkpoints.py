"""A fine-tuning that was killed or stopped goes on to the same weights."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from archwright.config import TuneConfig
from archwright.learning.checkpoints import STATE, last_checkpoint
from archwright.learning.lora import TRAINER, LoraJob, train_adapter
from archwright.learning.tuning import adapter_digest
from archwright.llm.adapters import CARD
from archwright.llm.pairs import Pair


@pytest.fixture
def job(tiny: Path, pairs: list[Pair], quick: TuneConfig, tmp_path: Path) -> LoraJob:
    """Two epochs of three steps, of one layer, with dropout: what is drawn at random must be drawn again."""
    return LoraJob(
        model="tiny",
        source=str(tiny),
        init_adapter=None,
        pairs=pairs,
        config=quick.model_copy(update={"dropout": 0.3, "layers": 1}),
        seed=1,
        scratch=tmp_path / "scratch",
        held_out=pairs[:1],
        checkpoint_s=0.0,
    )


class Watch:
    """Counts steps, and says to stop behind one of them."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.steps: list[int] = []
        self._stop_at = stop_at

    def report(self, step: int, steps: int, loss: float, speed: float) -> None:
        self.steps.append(step)

    def is_told_to_stop(self) -> bool:
        return len(self.steps) + 1 == self._stop_at


def run(job: LoraJob, out: Path, stop_at: int | None = None) -> tuple[bool, list[int]]:
    """Return whether the adapter was written, and the steps that were trained for it."""
    watch = Watch(stop_at)
    return train_adapter(job, out, watch.report, watch.is_told_to_stop), watch.steps


def card(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / CARD).read_text("utf-8"))
    return {key: content[key] for key in ("steps", "first_loss", "loss", "held_out_loss", "tokens", "epochs")}


def test_stopped_killed_and_resumed_training_ends_in_the_weights_of_unbroken_training(
    job: LoraJob, tmp_path: Path
) -> None:
    assert run(job.model_copy(update={"checkpoint_s": None}), tmp_path / "unbroken") == (True, [1, 2, 3, 4, 5, 6])
    broken = tmp_path / "broken"
    assert run(job.model_copy(update={"until_epoch": 1}), broken, stop_at=2) == (False, [1, 2])
    assert not broken.exists()
    # Killed while a checkpoint was written: its last file is missing, and the one before counts.
    (job.scratch / TRAINER / "checkpoint-2" / STATE).unlink()
    assert run(job.model_copy(update={"until_epoch": 1}), broken) == (True, [2, 3])
    assert card(broken)["epochs"] == 1
    first = adapter_digest(broken)
    shutil.rmtree(broken)
    # Killed between the checkpoint and the adapter of an epoch: nothing is trained again.
    assert run(job.model_copy(update={"until_epoch": 1}), broken) == (True, [])
    assert adapter_digest(broken) == first
    shutil.rmtree(broken)
    assert run(job, broken) == (True, [4, 5, 6])
    assert adapter_digest(broken) == adapter_digest(tmp_path / "unbroken")
    assert card(broken) == card(tmp_path / "unbroken")
    checkpoints = sorted((job.scratch / TRAINER).glob("checkpoint-*"))
    assert [path.name for path in checkpoints] == ["checkpoint-5", "checkpoint-6"]
    assert not list(checkpoints[0].glob("model*.safetensors"))  # Only the adapter's weights, not the base model's.


def test_batches_of_similar_length_come_in_the_same_order_again(job: LoraJob, tmp_path: Path) -> None:
    batched = job.model_copy(
        update={"config": job.config.model_copy(update={"batch": 2, "epochs": 1}), "pairs": [*job.pairs] * 2}
    )
    run(batched.model_copy(update={"checkpoint_s": None}), tmp_path / "unbroken")
    assert run(batched, tmp_path / "broken", stop_at=1) == (False, [1])
    assert run(batched, tmp_path / "broken") == (True, [2, 3])
    assert adapter_digest(tmp_path / "broken") == adapter_digest(tmp_path / "unbroken")


def test_without_a_complete_checkpoint_training_begins_anew(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    (tmp_path / "checkpoint-1").mkdir()
    (tmp_path / "checkpoint-1" / STATE).write_text('{"epoch": 1.0, "glo', "utf-8")
    assert last_checkpoint(tmp_path) is None


@pytest.mark.parametrize("damage", [b"", bytes(4096)])
@pytest.mark.parametrize("name", ["optimizer.pt", "rng_state.pth", "adapter_model.safetensors"])
def test_of_a_checkpoint_that_a_power_cut_left_half_written_the_one_before_counts(
    name: str, damage: bytes, tmp_path: Path
) -> None:
    for step in (1, 2):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        for file in ("optimizer.pt", "rng_state.pth"):
            torch.save({}, folder / file)
        save_file({"weights": torch.zeros(2)}, folder / "adapter_model.safetensors")
        (folder / STATE).write_text(json.dumps({"global_step": step}), "utf-8")
    found = last_checkpoint(tmp_path)
    assert found is not None and found.state.global_step == 2  # noqa: PT018
    (tmp_path / "checkpoint-2" / name).write_bytes(damage)
    found = last_checkpoint(tmp_path)
    assert found is not None and found.state.global_step == 1  # noqa: PT018
