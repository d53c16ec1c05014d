"""The box's side of what is handed over: data in as mapped memory, weights out as one block of bytes."""

import mmap
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.layout import Slot, Slots, block_bytes
from archwright.evaluation.box.plan import Plan
from archwright.evaluation.box.tensors import copy_in, copy_out, has_only, slot_of, tensors_named

_ALWAYS_THE_SAME = "build every layer in __init__, always the same, and keep all state in parameters and buffers"


@dataclass(frozen=True, slots=True)
class Arrays:
    """The training data of a box, mapped and not copied."""

    images: torch.Tensor
    """uint8 (N, C, H, W)."""
    labels: torch.Tensor
    """int64 (N,), or the images to predict: uint8 (N, C, H, W)."""

    @classmethod
    def mapped(cls, plan: Plan, files: Mapping[str, int]) -> "Arrays":
        """Return the arrays behind the descriptors."""
        labels = _mapped(files["train_labels"], np.int64 if plan.has_classes else np.uint8)
        shape = (-1,) if plan.has_classes else (-1, *plan.output_shape)
        return cls(mapped_images(plan, files["train_images"]), labels.reshape(shape))


def mapped_images(plan: Plan, file: int) -> torch.Tensor:
    """Return the uint8 (N, C, H, W) images behind a descriptor, not copied."""
    return _mapped(file, np.uint8).reshape(-1, *plan.image_shape)


def write_weights(net: object, fresh: Slots, file: int) -> tuple[bytearray, bool]:
    """Write the values of the parameters and buffers that a network newly built has; `fresh` is its layout.

    Return them, and whether they are all that the trained network has: with others beside it may be another one.
    Raises Problem where one of them is gone or no longer what it was.
    """
    tensors = [_as_built(slot, tensor) for slot, tensor in zip(fresh, tensors_named(net, fresh), strict=True)]
    needed, size = block_bytes(fresh), os.fstat(file).st_size
    if needed > size:
        message = f"the weights take {needed:,} bytes; the limit is {size:,}; use smaller layers and buffers"
        raise NamedProblem(Stage.PREDICT, FailureKind.BAD_RESULT, message)
    with mmap.mmap(file, size) as block, memoryview(block) as view:
        copy_out(tensors, fresh, view)
        return bytearray(view[:needed]), has_only(net, tensors)


def load_weights(net: object, layout: Slots, block: bytearray) -> None:
    """Put the values in `block` into a newly built network; raises Problem where they cannot be its own."""
    if len(block) != block_bytes(layout):
        finding = f"the trained network has {len(block):,} bytes of weights, a newly built one {block_bytes(layout):,}"
        raise NamedProblem(Stage.BUILD, FailureKind.NOT_REPRODUCIBLE, f"{finding}; {_ALWAYS_THE_SAME}")
    copy_in(net, layout, block)


def _as_built(slot: Slot, tensor: torch.Tensor | None) -> torch.Tensor:
    """Return the trained tensor that has to be one like `slot`; raises Problem when it is not."""
    now = None if tensor is None else slot_of(slot.role, slot.name, tensor)
    if tensor is not None and now is not None and slot.fits(now):
        return tensor
    finding = f"a network newly built has {slot}, this one " + (f"{now}" if now else "does not")
    raise NamedProblem(
        Stage.BUDGET, FailureKind.NOT_REPRODUCIBLE, f"training changed the network: {finding}; {_ALWAYS_THE_SAME}"
    )


def _mapped(file: int, dtype: Any) -> torch.Tensor:
    array = np.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # read-only is the point
        return torch.from_numpy(array)
