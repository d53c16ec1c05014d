"""The models of one space in one folder, trained one after the other; what `archwright cells train` writes.

cells.json      the request: space, seed, configuration
autoencoder/    the autoencoder, its epochs (`epochs.json`), and until it is complete its checkpoint
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

from archwright.archive.lock import StudyLock
from archwright.cells import SPACES
from archwright.cells.autoencoder.config import PUBLISHED, AutoencoderConfig
from archwright.cells.autoencoder.model import SETTINGS, CellAutoencoder, replace_file
from archwright.cells.autoencoder.training import CHECKPOINT_S, Epoch, OnEpoch, OnStep, train_autoencoder
from archwright.cells.split import Split, split_space
from archwright.config import configure
from archwright.errors import StudyBusyError, UnknownNameError, UsageError
from archwright.task import _Frozen

REQUEST, AUTOENCODER, EPOCHS, CHECKPOINT = "cells.json", "autoencoder", "epochs.json", "checkpoint.pt"


class CellConfig(_Frozen):
    """What can be chosen about the models of a space: one section a model."""

    autoencoder: AutoencoderConfig = AutoencoderConfig()


PRESETS: dict[str, dict[str, object]] = {"default": {}, "published": {"autoencoder": PUBLISHED}}
"""By name: keys that differ from the defaults."""


class CellRun:
    """The run in one folder; `begin` a new one or `open` one that is there."""

    def __init__(self, folder: Path, space: str, seed: int, config: CellConfig) -> None:
        self.folder, self.space, self.seed, self.config = folder, space, seed, config

    @classmethod
    def begin(cls, folder: Path, space: str, seed: int, config: CellConfig) -> Self:
        """Return a new run; raises UsageError for an unknown space and for a folder with something in it."""
        if space not in SPACES:
            raise UnknownNameError.of("space", space, SPACES)
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"there is already something in {folder}", "add --resume to go on, or give a new folder")
        request = {"space": space, "seed": seed, "config": config.model_dump(mode="json")}
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / REQUEST, json.dumps(request, indent=1).encode())
        return cls(folder, space, seed, config)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the run in `folder`; raises UsageError when there is none."""
        try:
            request = json.loads((folder / REQUEST).read_text("utf-8"))
            return cls(folder, request["space"], request["seed"], configure(CellConfig, request["config"]))
        except (OSError, ValueError, KeyError):
            raise UsageError(f"{folder} has no models of cells", "begin with archwright cells train") from None

    def split(self) -> Split:
        """Return the cells that the models learn from, and those held out."""
        return split_space(self.space, self.seed)

    def autoencoder(self) -> CellAutoencoder:
        """Return the trained autoencoder; raises UsageError when it is not complete."""
        return CellAutoencoder.load(self.folder / AUTOENCODER)

    @property
    def epochs(self) -> list[Epoch]:
        """What the complete autoencoder knew after each epoch."""
        rows = json.loads((self.folder / AUTOENCODER / EPOCHS).read_text("utf-8"))
        return [Epoch(**row) for row in rows]

    def train_autoencoder(
        self,
        on_step: OnStep = lambda step, steps, loss: None,
        on_epoch: OnEpoch = lambda epoch: None,
        *,
        checkpoint_s: float = CHECKPOINT_S,
    ) -> CellAutoencoder:
        """Return the autoencoder, trained as far as it is not yet; raises UsageError when another process does so."""
        folder = self.folder / AUTOENCODER
        with self._alone():
            if not (folder / SETTINGS).exists():
                trained, epochs = train_autoencoder(
                    self.space,
                    self.split(),
                    self.config.autoencoder,
                    self.seed,
                    checkpoint=folder / CHECKPOINT,
                    on_step=on_step,
                    on_epoch=on_epoch,
                    checkpoint_s=checkpoint_s,
                )
                replace_file(folder / EPOCHS, json.dumps([asdict(epoch) for epoch in epochs], indent=1).encode())
                trained.save(folder)
            (folder / CHECKPOINT).unlink(missing_ok=True)
        return self.autoencoder()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            lock = StudyLock(self.folder / ".lock")
        except StudyBusyError:
            raise UsageError(f"another process is training in {self.folder}", "wait for it or stop it") from None
        lock.sign()
        try:
            yield
        finally:
            lock.release()
