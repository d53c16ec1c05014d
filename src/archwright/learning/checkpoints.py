"""Checkpoints of a fine-tuning: adapter, optimizer, schedule, random state and the steps so far; never the base model.

The trainer writes each into a folder of its own, its state last, so a folder with a readable state is complete, and
after a power cut if nothing in it is empty or cut short. What a process that is killed has not saved is trained again,
to the same weights on a CPU.
"""

import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import TrainerCallback, TrainerState

from archwright.resumable import sync_all

STATE = "trainer_state.json"


@dataclass(frozen=True)
class Checkpoint:
    """Where a fine-tuning can go on."""

    folder: Path
    state: Any
    """The trainer's: `global_step`, `epoch`, `log_history`."""


def last_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the latest complete checkpoint below `folder`, None when there is none."""
    found = []
    for path in folder.glob(f"checkpoint-*/{STATE}"):
        try:
            _check_whole(path.parent)
            found.append(Checkpoint(path.parent, TrainerState.load_from_json(str(path))))
        except (OSError, ValueError, TypeError, SafetensorError):  # Killed while it was written.
            continue
    return max(found, key=lambda checkpoint: int(checkpoint.state.global_step), default=None)


def _check_whole(folder: Path) -> None:
    """Raise ValueError or SafetensorError where a file in a checkpoint lacks its end, as a power cut can leave it."""
    for path in folder.glob("*.pt*"):  # optimizer.pt, scheduler.pt, rng_state.pth, as torch writes them.
        if not zipfile.is_zipfile(path):
            raise ValueError(f"{path} is cut short")
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "pt"):
            pass


class Checkpointer(TrainerCallback):  # type: ignore[misc]  # transformers is untyped here
    """Has a checkpoint written every so often, and a last one where training ends: after an epoch, or when told to."""

    def __init__(self, every_s: float, until_epoch: int, is_told_to_stop: Callable[[], bool]) -> None:
        self._every_s = every_s
        self._until_epoch = until_epoch
        self._is_told_to_stop = is_told_to_stop
        self._saved = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Decide after every optimizer step."""
        if state.epoch >= self._until_epoch or self._is_told_to_stop():
            control.should_training_stop = True
        if control.should_training_stop or time.monotonic() - self._saved >= self._every_s:
            control.should_save = True
            self._saved = time.monotonic()

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """See the checkpoint onto the disk."""
        sync_all(Path(args.output_dir, f"checkpoint-{state.global_step}"))
