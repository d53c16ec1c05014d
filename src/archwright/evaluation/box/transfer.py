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
from archwright.evaluation.box.diagnosis import Problem
from archwright.evaluation.box.layout import Layout, Role, block_bytes, mismatch, parameters_of
from archwright.evaluation.box.plan import Plan
from archwright.evaluation.box.tensors import copy_in, copy_out, layout_of

_ALWAYS_THE_SAME = "build every layer in __init__, always the same, and keep all state in parameters and buffers"


@dataclass(frozen=True, slots=True)
class Arrays:
    """The training data of a box, mapped and not copied."""

    images: torch.Tensor
    """uint8 (N, C, H, W)."""
    labels: torch.Tensor
    """int64 (N,)."""

    @classmethod
    def mapped(cls, plan: Plan, files: Mapping[str, int]) -> "Arrays":
        """Return the arrays behind the descriptors."""
        return cls(mapped_images(plan, files["train_images"]), _mapped(files["train_labels"], np.int64))


def mapped_images(plan: Plan, file: int) -> torch.Tensor:
    """Return the uint8 (N, C, H, W) images behind a descriptor, not copied."""
    return _mapped(file, np.uint8).reshape(-1, *plan.image_shape)


def write_weights(net: object, fresh: Layout, plan: Plan, file: int) -> None:
    """Write the values of parameters and buffers; raises Problem when the network is not what it was when `fresh`."""
    layout = layout_of(net)
    if finding := mismatch(fresh, layout):
        _refuse_growth(finding, fresh, layout, plan)
    needed, size = block_bytes(layout), os.fstat(file).st_size
    if needed > size:
        message = f"the weights take {needed:,} bytes; the limit is {size:,}; use smaller layers and buffers"
        raise Problem(Stage.PREDICT, FailureKind.BAD_RESULT, message)
    with mmap.mmap(file, size) as block, memoryview(block) as view:
        copy_out(net, layout, view)


def load_weights(net: object, layout: Layout, block: bytearray) -> None:
    """Put the values in `block` into a newly built network; raises Problem where they cannot be its own."""
    if len(block) != block_bytes(layout):
        finding = f"the trained network has {len(block):,} bytes of weights, a newly built one {block_bytes(layout):,}"
        raise Problem(Stage.BUILD, FailureKind.NOT_REPRODUCIBLE, f"{finding}; {_ALWAYS_THE_SAME}")
    copy_in(net, layout, block)


def _refuse_growth(finding: str, fresh: Layout, trained: Layout, plan: Plan) -> None:
    known = {(slot.name, slot.shape, slot.dtype) for slot in fresh}
    added = (s.words for s in trained if s.role is not Role.PARAMETER and (s.name, s.shape, s.dtype) not in known)
    params = parameters_of(trained) + sum(added)
    if plan.max_params and params > plan.max_params:
        message = (
            f"the trained network has {params:,} parameters; the limit is {plan.max_params:,} (budget.max_params); "
            "build every layer in __init__ and keep tables out of buffers"
        )
        raise Problem(Stage.BUDGET, FailureKind.TOO_MANY_PARAMETERS, message)
    raise Problem(
        Stage.BUDGET, FailureKind.NOT_REPRODUCIBLE, f"training changed the network: {finding}; {_ALWAYS_THE_SAME}"
    )


def _mapped(file: int, dtype: Any) -> torch.Tensor:
    array = np.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # read-only is the point
        return torch.from_numpy(array)
