"""What a network is asked to do: the data, the split protocol, the training recipe and the budget.

Pure values. Loading the data is `evaluation.data`; training is `evaluation`.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

TASK_NAMES = ("digits", "cifar10", "cifar100", "mnist", "fashion-mnist", "svhn", "imagenette")


class Protocol(StrEnum):
    """Which images a search may select on."""

    HOLDOUT = "holdout"
    """A fixed, stratified validation split of the training set; the test split is opened only by a final evaluation."""
    LEMUR = "lemur"
    """As published: selection on the official test split and one transform for both. For comparison only."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Budget(_Frozen):
    """What one candidate may use."""

    epochs: int = Field(1, ge=1, description="Training epochs; the proxy is one.")
    max_params: int = Field(500_000, ge=0, description="Parameters a network may have; 0 lifts the limit.")
    max_flops: int = Field(0, ge=0, description="FLOPs of one image's forward pass; 0 lifts the limit.")
    stop_at: float = Field(
        0.0, ge=0, lt=1, description="Share of the first epoch after which a network at chance is stopped; 0: never."
    )
    wall_s: float = Field(300.0, gt=0, description="Wall-clock seconds for one candidate, everything included.")
    memory_mb: int = Field(2048, ge=256, description="Memory of one candidate's process.")


class DataOptions(_Frozen):
    """Which part of the data is used."""

    protocol: Protocol = Protocol.HOLDOUT
    train_size: int = Field(0, ge=0, description="Training images, stratified; 0 means all that the split leaves.")
    validation_size: int = Field(
        0, ge=0, description="Validation images, stratified; 0 means a tenth of the training set."
    )
    image_size: int = Field(0, ge=0, description="Resize images to this side; 0 keeps the data set's size.")


class Recipe(_Frozen):
    """Hyper-parameters and augmentation given to every candidate alike."""

    lr: float = Field(0.01, gt=0, le=1)
    momentum: float = Field(0.9, ge=0, le=1)
    dropout: float = Field(0.2, ge=0, le=1)
    batch: int = Field(64, ge=1)
    augmentation: str = Field("none", description="none | flip | flip-crop, applied to training images only.")


class Task(_Frozen):
    """A data set, how it is split, how networks are trained on it and what they may use."""

    name: str = "digits"
    """One of `TASK_NAMES`, or a path to a folder, parquet, CIFAR archive or IDX data set."""
    data: DataOptions = DataOptions()
    recipe: Recipe = Recipe()
    budget: Budget = Budget()

    @property
    def is_path(self) -> bool:
        """Whether `name` is a path rather than a known task."""
        return self.name not in TASK_NAMES and ("/" in self.name or Path(self.name).exists())


@dataclass(frozen=True, slots=True)
class DataSpec:
    """What a program has to know of a data set: shapes and classes."""

    name: str
    title: str
    """As written in prompts and reports, for example `CIFAR-10 (JPEG copy)`."""
    image_shape: tuple[int, int, int]
    """(C, H, W)."""
    class_names: tuple[str, ...]
    train_images: int
    test_images: int

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)
