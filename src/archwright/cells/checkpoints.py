"""What a training of cells' models keeps of itself on disk, to go on from after it was killed."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from archwright.errors import UsageError
from archwright.resumable import replacing, writing

CHECKPOINT_S = 60.0
"""Work that a kill can lose."""


def save_checkpoint(path: Path, state: Mapping[str, object]) -> None:
    """Write `state`, whole or not at all; raises StorageError."""
    with writing(f"the checkpoint {path}", "free some space", RuntimeError):  # torch raises it when the disk is full.
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as scratch:
            torch.save(dict(state), scratch)


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Return what `save_checkpoint` wrote; raises UsageError when it cannot be read."""
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"the checkpoint {path} cannot be read: {reason}", "remove it to begin anew") from None
    return state
