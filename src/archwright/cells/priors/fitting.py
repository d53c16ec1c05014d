"""The training loop of the priors trained from scratch: seeded step by step, so that it can go on where it was cut."""

import hashlib
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from archwright.cells.checkpoints import CHECKPOINT_S, load_checkpoint, save_checkpoint
from archwright.cells.priors.prior import CodePrior, Codes, OnStep, PriorSchedule, checked_codes
from archwright.errors import UsageError
from archwright.randomness import derive_seed

WARM_UP = 0.05
"""Of the steps."""
WEIGHT_DECAY = 0.01
CLIP = 1.0
"""The largest norm of a gradient."""

Loss = Callable[[Codes, np.random.Generator], torch.Tensor]
"""The loss of a batch of sequences, in nats per code; masks are drawn from the generator."""


def fit_network(
    prior: CodePrior,
    network: nn.Module,
    loss_of: Loss,
    codes_nv: Codes,
    *,
    seed: int,
    checkpoint: Path | None,
    on_step: OnStep | None,
) -> None:
    """Train the `network` of `prior` in place; order, masks and dropout of a step depend on `seed` and the step alone.

    Raises UsageError when `checkpoint` is of another training, StorageError when it cannot be written.
    """
    codes_nv, training = checked_codes(codes_nv, prior.vertices, prior.codes), prior.training
    per_epoch = -(-len(codes_nv) // training.batch)
    steps = per_epoch * training.epochs
    optimizer = torch.optim.AdamW(network.parameters(), training.lr, weight_decay=WEIGHT_DECAY)
    identity = training_identity(codes_nv, training, seed)
    first = _restore(checkpoint, identity, network, optimizer) if checkpoint and checkpoint.exists() else 0
    network.train()
    saved = time.monotonic()
    order_n: NDArray[np.intp] = np.empty(0, np.intp)
    with torch.random.fork_rng():
        for step in range(first, steps):
            epoch, batch = divmod(step, per_epoch)
            if not len(order_n) or batch == 0:
                order_n = np.random.default_rng(derive_seed(seed, "epoch", epoch)).permutation(len(codes_nv))
            rows_b = order_n[batch * training.batch : (batch + 1) * training.batch]
            for group in optimizer.param_groups:
                group["lr"] = training.lr * _share_of_rate(step, steps)
            torch.manual_seed(derive_seed(seed, "dropout", step))
            loss = loss_of(codes_nv[rows_b], np.random.default_rng(derive_seed(seed, "masks", step)))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            if on_step is not None:
                on_step(step + 1, steps, loss.item())
            if checkpoint is not None and time.monotonic() - saved >= CHECKPOINT_S:
                weights = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
                save_checkpoint(checkpoint, {"identity": identity, "step": step + 1, **weights})
                saved = time.monotonic()
    network.eval()


def _share_of_rate(step: int, steps: int) -> float:
    warm = max(1, round(WARM_UP * steps))
    return (step + 1) / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def training_identity(codes_nv: Codes, training: PriorSchedule, seed: int) -> str:
    """Return what tells one training from another."""
    return f"{hashlib.sha256(codes_nv.tobytes()).hexdigest()} {training} seed {seed}"


def _restore(path: Path, identity: str, network: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Load the checkpoint and return how many steps it has behind it."""
    state = load_checkpoint(path)
    if state.get("identity") != identity:
        raise UsageError(
            f"the checkpoint {path} is of another training (codes, settings or seed)", "remove it to begin anew"
        )
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
