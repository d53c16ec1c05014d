"""A prior's folder: `prior.json` says which kind it is and how large, the weights stand beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from archwright.cells.priors.prior import CodePrior
from archwright.errors import UsageError
from archwright.resumable import replace_json, sync_all, writing

DOCUMENT, WEIGHTS = "prior.json", "weights.safetensors"
REMEDY = "train one with `archwright cells train`"


def write_prior(
    folder: Path, kind: str, prior: CodePrior, config: BaseModel, weights: Mapping[str, torch.Tensor] | None = None
) -> None:
    """Write a prior; its document last, so a folder that has one is complete. StorageError when the disk refuses."""
    size = {"vertices": prior.vertices, "codes": prior.codes}
    document = {"kind": kind, **size, "config": config.model_dump(mode="json")}
    with writing(f"the prior in {folder}", "free some space", SafetensorError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DOCUMENT).unlink(missing_ok=True)
        if weights is not None:
            save_file({name: tensor.contiguous().cpu() for name, tensor in weights.items()}, folder / WEIGHTS)
        sync_all(folder)
        replace_json(folder / DOCUMENT, document)


def read_document(folder: Path) -> dict[str, Any]:
    """Return what `write_prior` was told; raises UsageError when `folder` holds no prior."""
    try:
        document: dict[str, Any] = json.loads((folder / DOCUMENT).read_text("utf-8"))
        if not isinstance(document["kind"], str):
            raise TypeError
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no trained prior", REMEDY) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder / DOCUMENT} is damaged: {error}", REMEDY) from None
    return document


def read_weights(folder: Path, network: nn.Module) -> None:
    """Load the weights into `network`; raises UsageError when they are missing, damaged or of another size."""
    try:
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"the weights in {folder} cannot be loaded: {reason}", REMEDY) from None
