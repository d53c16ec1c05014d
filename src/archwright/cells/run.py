"""The models of one space in one folder, trained one after the other; what `archwright cells train` writes.

cells.json      the request: space, seed, configuration
autoencoder/    the autoencoder, its epochs (`epochs.json`), and until it is complete its checkpoint
prior/          the prior over its codes, how it was trained (`training.json`), which codes the training cells have at
                each place (`seen.npy`), and until it is complete its checkpoint
"""

import filecmp
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Self

import numpy as np
from numpy.typing import NDArray

from archwright.cells import SPACES
from archwright.cells.autoencoder.config import PUBLISHED, AutoencoderConfig
from archwright.cells.autoencoder.model import SETTINGS, WEIGHTS, CellAutoencoder
from archwright.cells.autoencoder.training import EpochReport, OnEpoch, OnStep, train_autoencoder
from archwright.cells.decoding import seen_codes
from archwright.cells.priors.prior import CodePrior
from archwright.cells.priors.registry import PUBLISHED as PUBLISHED_PRIOR
from archwright.cells.priors.registry import PriorConfig, load_prior, new_prior
from archwright.cells.priors.storage import DOCUMENT
from archwright.cells.split import CellSplit, split_space
from archwright.configuring import configure
from archwright.errors import UnknownNameError, UsageError
from archwright.resumable import publish, replace_json, require_empty, scratch_beside, training_alone
from archwright.stopwatch import Stopwatch
from archwright.task import Frozen

REQUEST, AUTOENCODER, EPOCHS, CHECKPOINT = "cells.json", "autoencoder", "epochs.json", "checkpoint.pt"
PRIOR, TRAINING, SEEN = "prior", "training.json", "seen.npy"


class CellConfig(Frozen):
    """What can be chosen about the models of a space: one section a model."""

    autoencoder: AutoencoderConfig = AutoencoderConfig()
    prior: PriorConfig = PriorConfig()


PRESETS: dict[str, dict[str, object]] = {
    "default": {},
    "published": {"autoencoder": PUBLISHED, "prior": PUBLISHED_PRIOR},
}
"""By name: keys that differ from the defaults."""


@dataclass(frozen=True, slots=True)
class PriorTraining:
    """What training the prior took."""

    kind: str
    sequences: int
    steps: int
    loss: float
    """In nats per code or token, mean over the last epoch; both tasks together."""
    wall_s: float
    """Since training was last begun or gone on with."""
    cpu_s: float


class CellRun:
    """The run in one folder; `begin` a new one or `open` one that is there."""

    def __init__(self, folder: Path, space: str, seed: int, config: CellConfig) -> None:
        self.folder, self.space, self.seed, self.config = folder, space, seed, config

    @classmethod
    def begin(
        cls, folder: Path, space: str, seed: int, config: CellConfig, *, autoencoder_of: "CellRun | None" = None
    ) -> Self:
        """Return a new run, with a copy of another one's complete autoencoder if that is given.

        Raises UsageError for an unknown space, for a folder with something in it, and for an autoencoder that is not
        complete, of another space or of another seed, whose training cells are others.
        """
        if space not in SPACES:
            raise UnknownNameError.of("space", space, SPACES)
        if autoencoder_of is None or not autoencoder_of._is_copied_to(folder):
            require_empty(folder)
        if autoencoder_of is not None:
            config = config.model_copy(update={"autoencoder": autoencoder_of.config.autoencoder})
            autoencoder_of._copy_autoencoder(folder / AUTOENCODER, space, seed)
        folder.mkdir(parents=True, exist_ok=True)
        request = {"space": space, "seed": seed, "config": config.model_dump(mode="json")}
        replace_json(folder / REQUEST, request)
        return cls(folder, space, seed, config)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the run in `folder`; raises UsageError when there is none."""
        try:
            request = json.loads((folder / REQUEST).read_text("utf-8"))
            return cls(folder, request["space"], request["seed"], configure(CellConfig, request["config"]))
        except (OSError, ValueError, KeyError):
            raise UsageError(f"{folder} has no models of cells", "begin with archwright cells train") from None

    def split(self) -> CellSplit:
        """Return the cells that the models learn from, and those held out."""
        return split_space(self.space, self.seed)

    def autoencoder(self) -> CellAutoencoder:
        """Return the trained autoencoder; raises UsageError when it is not complete."""
        return CellAutoencoder.load(self.folder / AUTOENCODER)

    @property
    def epochs(self) -> list[EpochReport]:
        """What the complete autoencoder knew after each epoch."""
        rows = json.loads((self.folder / AUTOENCODER / EPOCHS).read_text("utf-8"))
        return [EpochReport(**row) for row in rows]

    def prior(self) -> CodePrior:
        """Return the trained prior; raises UsageError when it is not complete."""
        return load_prior(self.folder / PRIOR)

    def prior_training(self) -> PriorTraining:
        """Return how the complete prior was trained."""
        return PriorTraining(**json.loads((self.folder / PRIOR / TRAINING).read_text("utf-8")))

    def seen_codes(self) -> NDArray[np.bool_]:
        """Return which codes the training cells have at each place, (V, K); raises UsageError without a prior."""
        try:
            seen_vk: NDArray[np.bool_] = np.load(self.folder / PRIOR / SEEN)
        except (OSError, ValueError, EOFError):
            raise UsageError(f"there is no trained prior in {self.folder}", "run archwright cells train") from None
        return seen_vk

    def train_autoencoder(
        self, on_step: OnStep = lambda step, steps, loss: None, on_epoch: OnEpoch = lambda epoch: None
    ) -> CellAutoencoder:
        """Return the autoencoder, trained as far as it is not yet; raises UsageError when another process does so."""
        folder = self.folder / AUTOENCODER
        with training_alone(self.folder):
            if not (folder / SETTINGS).exists():
                trained, epochs = train_autoencoder(
                    self.space,
                    self.split(),
                    self.config.autoencoder,
                    self.seed,
                    checkpoint=folder / CHECKPOINT,
                    on_step=on_step,
                    on_epoch=on_epoch,
                )
                replace_json(folder / EPOCHS, [asdict(epoch) for epoch in epochs])
                trained.save(folder)
            (folder / CHECKPOINT).unlink(missing_ok=True)
        return self.autoencoder()

    def train_prior(self, on_step: OnStep = lambda step, steps, loss: None) -> CodePrior:
        """Return the prior over the trained autoencoder's codes, trained as far as it is not yet.

        Raises UsageError without an autoencoder, and when another process trains it.
        """
        folder = self.folder / PRIOR
        with training_alone(self.folder):
            if not (folder / DOCUMENT).exists():
                autoencoder = self.autoencoder()
                codes_nv = autoencoder.encode(self.split().train)
                learned_nv = codes_nv[: self.config.prior.sequences]  # The split is in random order.
                prior = new_prior(self.config.prior, autoencoder.vertices, autoencoder.codes, seed=self.seed)
                clock, losses = Stopwatch(), []

                def note(step: int, steps: int, loss: float) -> None:
                    losses.append(loss)
                    on_step(step, steps, loss)

                prior.fit(learned_nv, seed=self.seed, checkpoint=folder / CHECKPOINT, on_step=note)
                last = losses[-max(1, len(losses) // prior.training.epochs) :] or [float("nan")]
                training = PriorTraining(
                    self.config.prior.kind, len(learned_nv), len(losses), fmean(last), clock.wall_s, clock.cpu_s
                )
                folder.mkdir(exist_ok=True)
                replace_json(folder / TRAINING, asdict(training))
                np.save(folder / SEEN, seen_codes(codes_nv, autoencoder.codes))
                prior.save(folder)
            if (folder / CHECKPOINT).is_dir():  # Of the language model.
                shutil.rmtree(folder / CHECKPOINT)
            (folder / CHECKPOINT).unlink(missing_ok=True)
        return self.prior()

    def _copy_autoencoder(self, place: Path, space: str, seed: int) -> None:
        if (self.space, self.seed) != (space, seed):
            raise UsageError(
                f"the autoencoder in {self.folder} is of {self.space}, seed {self.seed}",
                "give one of the same space and seed",
            )
        self.autoencoder()
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with scratch_beside(place) as scratch:
                publish(Path(shutil.copytree(self.folder / AUTOENCODER, scratch / AUTOENCODER)), place)

    def _is_copied_to(self, folder: Path) -> bool:
        """Return whether the autoencoder is all there is in `folder`: a run was killed there while it began."""
        copied = folder / AUTOENCODER / WEIGHTS
        if not copied.is_file() or any(not p.name.startswith(".") for p in folder.iterdir() if p.name != AUTOENCODER):
            return False
        return filecmp.cmp(self.folder / AUTOENCODER / WEIGHTS, copied, shallow=False)
