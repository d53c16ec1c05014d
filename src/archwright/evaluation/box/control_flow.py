"""Control flow as torch writes it down (`torch.cond` and `while_loop`), run as what it stands for.

Torch compiles these functions wherever they are called, which takes seconds and a cache on disk, and gradients of what
was compiled could not be counted. Where nothing is compiled each of them is a line of Python.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch

_PACKAGE: Any = torch._higher_order_ops


def run_control_flow() -> None:
    """Let programs find what is run where torch has what is compiled, from now on in this process."""
    for function in (cond, while_loop):
        setattr(_PACKAGE, function.__name__, function)
        setattr(sys.modules[f"{_PACKAGE.__name__}.{function.__name__}"], function.__name__, function)
    setattr(torch, "cond", cond)  # noqa: B010 - not for torch's types to know


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], operands: Sequence[Any] = ()) -> Any:
    """Return what the branch returns that `pred` decides for."""
    return true_fn(*operands) if pred else false_fn(*operands)


def while_loop(cond_fn: Callable[..., Any], body_fn: Callable[..., Any], carried_inputs: Sequence[Any]) -> Any:
    """Return what is carried when `cond_fn` says no."""
    carried = tuple(carried_inputs)
    while cond_fn(*carried):
        carried = tuple(body_fn(*carried))
    return carried
