"""The box's side of what is handed over: data in as mapped memory, predictions and weights out as bytes."""

import mmap
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import Problem
from archwright.evaluation.box.plan import BUFFER, LENGTH_BYTES, PARAMETER, Plan


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
            mapped_images(plan, files["train_images"]),
            _mapped(files["train_labels"], np.int64),
            mapped_images(plan, files["validation_images"]),
        )


def mapped_images(plan: Plan, file: int) -> torch.Tensor:
    """Return the uint8 (N, C, H, W) images behind a descriptor, not copied."""
    return _mapped(file, np.uint8).reshape(-1, *plan.image_shape)


def prediction_block(files: Mapping[str, int], n: int, classes: int) -> NDArray[np.float32]:
    """Return the float32 (n, classes) array whose memory the supervisor reads."""
    return np.frombuffer(mmap.mmap(files["predictions"], 0), np.float32).reshape(n, classes)


def write_weights(net: torch.nn.Module, files: Mapping[str, int]) -> None:
    """Write parameters and buffers as safetensors, after their length."""
    tensors = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in _state(net).items()
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


def load_weights(net: torch.nn.Module, file: int) -> None:
    """Put the tensors in `file` into a newly built network, every one where it was; raises Problem where they differ.

    The supervisor wrote them without names, in the order of the names they had: a name can carry no message.
    """
    stored = load(os.pread(file, os.fstat(file).st_size, 0))
    own = sorted(_state(net).items())
    if len(own) != len(stored):
        _refuse_weights(f"the trained network has {len(stored)} tensors, a newly built one {len(own)}")
    with torch.no_grad():
        for (name, tensor), (_, value) in zip(own, sorted(stored.items()), strict=True):
            if (tensor.shape, tensor.dtype) != (value.shape, value.dtype):
                there, here = (f"{tuple(t.shape)} of {t.dtype}" for t in (value, tensor))
                _refuse_weights(f"{name} is {there} in the trained network and {here} in a newly built one")
            tensor.copy_(value)


def _state(net: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return everything that training leaves in the network, shared tensors once, buffers that are not saved too.

    By torch's own account: a program may not leave some out by overriding a method.
    """
    module = torch.nn.Module
    parameters = {PARAMETER + name: tensor for name, tensor in module.named_parameters(net)}
    return parameters | {BUFFER + name: tensor for name, tensor in module.named_buffers(net)}


def _refuse_weights(finding: str) -> NoReturn:
    message = f"{finding}; build every layer in __init__, always the same, and keep all state in parameters and buffers"
    raise Problem(Stage.BUILD, FailureKind.NOT_REPRODUCIBLE, message)


def _mapped(file: int, dtype: Any) -> torch.Tensor:
    array = np.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # read-only is the point
        return torch.from_numpy(array)
