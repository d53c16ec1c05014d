"""The box's side of what is handed over: data in as mapped memory, predictions and weights out as bytes."""

import mmap
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.diagnosis import Problem
from archwright.evaluation.plan import BUFFER, LENGTH_BYTES, PARAMETER, Plan


@dataclass(frozen=True, slots=True)
class Arrays:
    """The data of a box, mapped and not copied."""

    train_images: torch.Tensor
    """uint8 (N, C, H, W)."""
    train_labels: torch.Tensor
    """int64 (N,)."""
    validation_images: torch.Tensor
    """uint8 (M, C, H, W)."""

    @classmethod
    def mapped(cls, plan: Plan, files: Mapping[str, int]) -> "Arrays":
        """Return the arrays behind the descriptors."""
        return cls(
            _mapped(files["train_images"], np.uint8).reshape(-1, *plan.image_shape),
            _mapped(files["train_labels"], np.int64),
            _mapped(files["validation_images"], np.uint8).reshape(-1, *plan.image_shape),
        )


def prediction_block(files: Mapping[str, int], n: int, classes: int) -> NDArray[np.float32]:
    """Return the float32 (n, classes) array whose memory the supervisor reads."""
    return np.frombuffer(mmap.mmap(files["predictions"], 0), np.float32).reshape(n, classes)


def write_weights(net: torch.nn.Module, files: Mapping[str, int]) -> None:
    """Write parameters and buffers as safetensors, after their length."""
    tensors: dict[str, torch.Tensor] = {}
    for prefix, named in ((PARAMETER, net.named_parameters()), (BUFFER, net.named_buffers())):
        tensors |= {
            prefix + name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in named
        }
    data = save(tensors)
    size = os.fstat(files["weights"]).st_size
    if len(data) + LENGTH_BYTES > size:
        limit = size - LENGTH_BYTES
        message = f"the weights take {len(data):,} bytes; the limit is {limit:,}; use smaller layers and buffers"
        raise Problem(Stage.PREDICT, FailureKind.BAD_RESULT, message)
    with mmap.mmap(files["weights"], size) as block:
        block[:LENGTH_BYTES] = len(data).to_bytes(LENGTH_BYTES, "little")
        block[LENGTH_BYTES : LENGTH_BYTES + len(data)] = data


def _mapped(file: int, dtype: Any) -> torch.Tensor:
    array = np.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # read-only is the point
        return torch.from_numpy(array)
