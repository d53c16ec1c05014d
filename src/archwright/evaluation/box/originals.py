"""What torch was before a candidate's module ran: the standard training uses this and nothing else.

A compact program leaves its training to us, so optimizer, loss and loop are ours whatever the program does to torch.
Names that it replaced are put back before every batch; a program that really needs another loss or another optimizer
says so in the full form.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, final

import torch
from torch.optim import adam, adamw, optimizer

OPTIMIZER, LOSS, IMAGE_LOSS = torch.optim.AdamW, torch.nn.CrossEntropyLoss, torch.nn.MSELoss
clip_gradients = torch.nn.utils.clip_grad_norm_
step, zero_gradients, backward = OPTIMIZER.step, OPTIMIZER.zero_grad, torch.Tensor.backward

Owner = ModuleType | type
_WHOLE: tuple[Owner, ...] = (
    adam,
    adamw,
    optimizer,
    torch.optim.AdamW,
    torch.optim.Adam,
    torch.optim.Optimizer,
    torch.nn.CrossEntropyLoss,
    torch.nn.MSELoss,
)
_CLASSES = frozenset(owner for owner in _WHOLE if isinstance(owner, type))
_NAMES: tuple[tuple[Owner, tuple[str, ...]], ...] = (
    (torch.nn.functional, ("cross_entropy", "mse_loss")),
    (torch.nn.modules.loss, ("F",)),
    (torch.nn.Module, ("__call__", "_call_impl", "_wrapped_call_impl")),
    (torch._C._nn, ("cross_entropy_loss", "mse_loss")),
    (torch.autograd, ("backward", "grad", "_engine_run_backward")),
    (torch.autograd.graph, ("_engine_run_backward",)),
    (torch.nn.utils.clip_grad, ("clip_grad_norm_", "_get_total_norm", "_clip_grads_with_norm_")),
    (torch.Tensor, ("backward",)),
)


@final
class Originals:
    """The names the standard training needs, as they are when this is made."""

    def __init__(self) -> None:
        whole = [(owner, dict(vars(owner))) for owner in _WHOLE]
        self._kept: list[tuple[Owner, Mapping[str, Any]]] = whole + [
            (owner, {name: getattr(owner, name) for name in names if hasattr(owner, name)}) for owner, names in _NAMES
        ]

    def restore(self) -> None:
        """Put back what was replaced."""
        for owner, kept in self._kept:
            now = vars(owner)
            for name, value in kept.items():
                if name not in LIVELY and now.get(name) is not value:
                    setattr(owner, name, value)
            if owner in _CLASSES:
                for name in now.keys() - kept.keys() - LIVELY:  # would come before what it inherits
                    delattr(owner, name)


LIVELY = frozenset({"__dict__", "__weakref__", "__doc__", "__annotations__", "__slotnames__"})
"""Names of a class that change by themselves, or cannot be set."""
