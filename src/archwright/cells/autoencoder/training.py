"""Training an autoencoder (section 3.1.4): seeded, and able to go on after being killed at any instant.

Nothing random depends on what happened before: the order of an epoch follows from the seed and its number, so the
weights after a stop are those of a run without one, to the bit on a CPU with as many threads.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from archwright.cells import SPACES
from archwright.cells.arrays import CellArrays
from archwright.cells.autoencoder.config import AutoencoderConfig
from archwright.cells.autoencoder.model import CellAutoencoder, as_tensors, best_device, new_network
from archwright.cells.checkpoints import CHECKPOINT_S, load_checkpoint, save_checkpoint
from archwright.cells.metrics import measure_reconstruction
from archwright.cells.split import CellSplit
from archwright.randomness import derive_seed
from archwright.stopwatch import Stopwatch

RATE, CLIP = 1e-3, 5.0
"""Adam's learning rate, and the largest norm of a gradient, of arch2vec."""
EXAMINED = 5_000
"""Held-out cells that are reconstructed after every epoch; all of them after the last."""


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What the network knew after an epoch."""

    epoch: int
    """From 1."""
    reconstruction_loss: float
    """-log p of a training cell in nats, mean over the epoch while it was trained."""
    quantiser_loss: float
    """Codebook's and commitment's terms, likewise."""
    held_out: int
    """Held-out cells that were reconstructed."""
    exact: float
    """Share of them that came back exactly."""
    codes: int
    """Different codes that they have."""
    wall_s: float
    """Of training, without the examination; with what was done before an interruption."""
    cpu_s: float


OnStep = Callable[[int, int, float], None]
"""Called after a step with its number from 1, the number of all steps, and its loss."""
OnEpoch = Callable[[EpochReport], None]


def train_autoencoder(
    space: str,
    split: CellSplit,
    config: AutoencoderConfig,
    seed: int,
    *,
    checkpoint: Path | None = None,
    on_step: OnStep = lambda step, steps, loss: None,
    on_epoch: OnEpoch = lambda epoch: None,
    checkpoint_s: float = CHECKPOINT_S,
) -> tuple[CellAutoencoder, list[EpochReport]]:
    """Return an autoencoder trained on `split.train`, on the GPU where there is one, and what it knew after each epoch.

    Goes on from the file `checkpoint` where there is one, and writes it every `checkpoint_s` seconds and after each
    epoch; Ctrl-C writes it too and raises KeyboardInterrupt. Raises StorageError when the disk refuses.
    """
    training = _TrainingState(space, split, config, seed)
    if checkpoint is not None and checkpoint.exists():
        training.restore(checkpoint)
    saved = time.monotonic()

    def save() -> None:
        nonlocal saved
        if checkpoint is not None:
            training.save(checkpoint)
            saved = time.monotonic()

    try:
        while training.epoch < config.epochs:
            for step, loss in training.steps():
                on_step(step, training.total, loss)
                if time.monotonic() - saved >= checkpoint_s:
                    save()
            on_epoch(training.finish_epoch())
            save()
    except KeyboardInterrupt:
        save()
        raise
    return CellAutoencoder(space, config, training.network), training.history


class _TrainingState:
    """A network, its optimizer, and how far they are."""

    def __init__(self, space: str, split: CellSplit, config: AutoencoderConfig, seed: int) -> None:
        self._space, self._split, self._config, self._seed = space, split, config, seed
        self._device = best_device()
        with torch.random.fork_rng():
            torch.manual_seed(derive_seed(seed, "weights"))
            self.network = new_network(space, config).to(self._device)
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE, fused=True)
        operations = len(SPACES[space].OPERATIONS)
        self._classes_nv, self._adjacency_nvv = as_tensors(split.train, operations, self._device)
        self._per_epoch = math.ceil(len(split.train) / config.batch)
        self.total = self._per_epoch * config.epochs
        self.epoch = 0
        """Whole epochs behind us."""
        self._step = 0
        """Steps of the present epoch behind us."""
        self._sums = torch.zeros(2, dtype=torch.float64)
        """Of the two losses over the cells of the present epoch."""
        self._wall_s = self._cpu_s = 0.0
        self.history: list[EpochReport] = []

    def steps(self) -> Iterator[tuple[int, float]]:
        """Take what is left of the epoch's steps; yields the number of each among all, and its loss."""
        order = np.random.default_rng(derive_seed(self._seed, "epoch", self.epoch)).permutation(len(self._classes_nv))
        self.network.train()
        while self._step < self._per_epoch:
            clock = Stopwatch()
            start = self._step * self._config.batch
            rows = torch.from_numpy(order[start : start + self._config.batch]).to(self._device)
            losses = self._take_step(self._classes_nv[rows], self._adjacency_nvv[rows])
            self._sums += losses * len(rows)
            self._step += 1
            self._wall_s += clock.wall_s
            self._cpu_s += clock.cpu_s
            yield self.epoch * self._per_epoch + self._step, float(losses.sum())

    def _take_step(self, classes_nv: Tensor, adjacency_nvv: Tensor) -> Tensor:
        done = self.epoch * self._per_epoch + self._step
        if done == 0:
            with torch.no_grad():
                self.network.quantiser.begin(self.network.encode(classes_nv, adjacency_nvv).flatten(0, 1))
        if self._config.schedule == "cosine":
            self._optimizer.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * done / self.total)) / 2
        reconstruction, quantiser = self.network.losses(classes_nv, adjacency_nvv)
        self._optimizer.zero_grad()
        (reconstruction + quantiser).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self._optimizer.step()
        return torch.stack([reconstruction.detach(), quantiser.detach()]).double().cpu()

    def finish_epoch(self) -> EpochReport:
        """Examine the network on held-out cells and begin the next epoch."""
        is_last = self.epoch + 1 == self._config.epochs
        held_out = self._split.held_out if is_last else self._split.held_out[:EXAMINED]
        exact, codes = self._examine(held_out)
        mean_reconstruction, mean_quantiser = (self._sums / len(self._classes_nv)).tolist()
        examined = EpochReport(
            epoch=self.epoch + 1,
            reconstruction_loss=mean_reconstruction,
            quantiser_loss=mean_quantiser,
            held_out=len(held_out),
            exact=exact,
            codes=codes,
            wall_s=round(self._wall_s, 3),
            cpu_s=round(self._cpu_s, 3),
        )
        self.history.append(examined)
        self.epoch, self._step = self.epoch + 1, 0
        self._sums = torch.zeros_like(self._sums)
        self._wall_s = self._cpu_s = 0.0
        return examined

    def _examine(self, held_out: CellArrays) -> tuple[float, int]:
        autoencoder = CellAutoencoder(self._space, self._config, self.network)
        codes_nv = autoencoder.encode(held_out)
        return measure_reconstruction(held_out, autoencoder.decode(codes_nv)).exact, len(np.unique(codes_nv))

    def save(self, path: Path) -> None:
        """Write all there is to go on from, whole or not at all; raises StorageError."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "epoch": self.epoch,
            "step": self._step,
            "sums": self._sums,
            "wall_s": self._wall_s,
            "cpu_s": self._cpu_s,
            "history": [asdict(epoch) for epoch in self.history],
        }
        save_checkpoint(path, state)

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote; raises UsageError when it cannot be read."""
        state = load_checkpoint(path, self._device)
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.epoch, self._step, self._sums = state["epoch"], state["step"], state["sums"].cpu()
        self._wall_s, self._cpu_s = state["wall_s"], state["cpu_s"]
        self.history = [EpochReport(**epoch) for epoch in state["history"]]
