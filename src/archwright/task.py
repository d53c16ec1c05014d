"""What a program is asked to do: the data, the metric, the split protocol, the training recipe and the budget.

Pure values. Loading the data is `evaluation.data`; training is `evaluation`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from archwright.candidate import Fidelity

TEST = "test"
"""The split that only a final evaluation opens, except under protocol `lemur`."""
TASK_NAMES = ("digits", "cifar10", "cifar100", "mnist", "fashion-mnist", "svhn", "imagenette")


class SplitProtocol(StrEnum):
    """Which images a search may select on."""

    HOLDOUT = "holdout"
    """A fixed, stratified validation split of the training set; the test split is opened only by a final evaluation."""
    LEMUR = "lemur"
    """As published: selection on the official test split and one transform for both. For comparison only."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a score is: how it is called, written and compared."""

    name: str
    """The key of `Scores.values`."""
    unit: str = ""
    """Behind the number; `%` has shares written as percentages."""
    higher_is_better: bool = True
    bounds: tuple[float, float] = (0.0, math.inf)
    """Smallest and largest possible value."""
    interval: Literal["wilson", "t"] = "t"
    """Of one score: `wilson` for a share of images, counted one by one. Of a mean it is always Student's."""
    published: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Task -> score after one epoch on all training images that makes an elite in the paper."""

    def key(self, value: float) -> float:
        """Return a number that is larger for a better `value`."""
        return value if self.higher_is_better else -value

    def reaches(self, value: float, threshold: float) -> bool:
        """Return whether `value` is as good as `threshold` or better."""
        return self.key(value) >= self.key(threshold)

    def best(self, values: Iterable[float]) -> float | None:
        """Return the best of `values`; None when there are none."""
        return max(values, key=self.key, default=None)

    def format(self, value: float | None) -> str:
        """Return `value` as people read it; a dash for None."""
        if value is None:
            return "–"
        if self.unit == "%":
            return f"{100 * value:.1f} %"
        return f"{value:.2f} {self.unit}".rstrip()

    def format_difference(self, value: float | None, sign: str = "+") -> str:
        """Return the difference of two scores; of percentages these are points. `sign` "" is for a spread."""
        if value is None:
            return "–"
        return f"{100 * value:{sign}.1f} points" if self.unit == "%" else f"{value:{sign}.2f} {self.unit}".rstrip()


class Frozen(BaseModel):
    """A section of the configuration: immutable, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _check_is_no_truth(cls, value: object, info: ValidationInfo) -> object:
        """Refuse `true` for a number, which pydantic reads as 1."""
        declared = cls.model_fields[str(info.field_name)].annotation
        kinds = {getattr(kind, "__origin__", kind) for kind in (declared, *get_args(declared))}
        if isinstance(value, bool) and kinds & {int, float} and bool not in kinds:
            raise ValueError("a number is wanted, not true or false")
        return value


class Budget(Frozen):
    """What one candidate may use."""

    epochs: int = Field(1, ge=1, description="Training epochs; the proxy is one.")
    max_params: int = Field(500_000, ge=0, description="Parameters a network may have; 0 lifts the limit.")
    max_flops: int = Field(0, ge=0, description="FLOPs of one image's forward pass; 0 lifts the limit.")
    stop_at: float = Field(
        0.0, ge=0, lt=1, description="Share of the first epoch after which a network at chance is stopped; 0: never."
    )
    wall_s: float = Field(
        300.0, gt=0, le=2_000_000, description="Wall-clock seconds for one candidate, everything included."
    )
    memory_mb: int = Field(2048, ge=256, le=2**30, description="Memory of one candidate's process.")


class DataOptions(Frozen):
    """Which part of the data is used."""

    protocol: SplitProtocol = Field(
        SplitProtocol.HOLDOUT,
        description="holdout: a split of the training images selects | lemur: the test split, for comparison only.",
    )
    train_size: int = Field(0, ge=0, description="Training images, stratified; 0 means all that the split leaves.")
    validation_size: int = Field(
        0, ge=0, description="Validation images, stratified; 0 means a tenth of the training set."
    )
    image_size: int = Field(0, ge=0, description="Resize images to this side; 0 keeps the data set's size.")
    image_column: str = Field("", description="Column or array of the images, where it cannot be told by its name.")
    label_column: str = Field("", description="Column or array of the classes, where it cannot be told by its name.")
    skip_corrupt: bool = Field(False, description="Leave out images that cannot be read instead of refusing the set.")


class Recipe(Frozen):
    """Hyper-parameters and augmentation given to every candidate alike."""

    lr: float = Field(0.01, gt=0, le=1, description="With the three below, what programs find in `prm`.")
    momentum: float = Field(0.9, ge=0, le=1, description="Of SGD.")
    dropout: float = Field(0.2, ge=0, le=1, description="For programs that have a dropout layer.")
    batch: int = Field(64, ge=1, description="Images in a training step.")
    augmentation: str = Field("none", description="none | flip | flip-crop, applied to training images only.")

    def given(self, epochs: int) -> dict[str, Any]:
        """Return `prm`, as a network is given it."""
        named = self.model_dump(include={"lr", "momentum", "dropout", "batch"})
        return named | {"epoch": epochs, "transform": self.augmentation}


class Task(Frozen):
    """A data set, how it is split, how networks are trained on it and what they may use."""

    name: str = "digits"
    """One of `TASK_NAMES`, or a path to a data set."""
    data: DataOptions = DataOptions()
    recipe: Recipe = Recipe()
    budget: Budget = Budget()

    @property
    def is_path(self) -> bool:
        """Whether `name` is a path rather than a known task."""
        return self.name not in TASK_NAMES and ("/" in self.name or Path(self.name).exists())

    @property
    def fidelity(self) -> Fidelity:
        """How programs are trained on this task."""
        recipe = json.dumps(self.recipe.model_dump(mode="json"), sort_keys=True)
        return Fidelity(self.budget.epochs, self.data.train_size, self.data.image_size, recipe)

    def at(self, fidelity: Fidelity) -> "Task":
        """Return this task at another fidelity, with as much more or less time as there are epochs."""
        wall_s = self.budget.wall_s * max(1.0, fidelity.epochs / self.budget.epochs)
        recipe = Recipe.model_validate_json(fidelity.recipe) if fidelity.recipe else self.recipe
        return self.model_copy(
            update={
                "budget": self.budget.model_copy(update={"epochs": fidelity.epochs, "wall_s": wall_s}),
                "data": self.data.model_copy(
                    update={"train_size": fidelity.train_size, "image_size": fidelity.image_size}
                ),
                "recipe": recipe,
            }
        )

    @property
    def split(self) -> str:
        """The images that a search on this task selects on: `validation`, or `test` under protocol `lemur`."""
        return TEST if self.data.protocol is SplitProtocol.LEMUR else "validation"


@dataclass(frozen=True, slots=True)
class Classes:
    """The target is one of these classes."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """The target is an image."""

    shape: tuple[int, int, int]
    """(C, H, W)."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What the images of a data set look like, for people: printed before a search and in its report."""

    class_counts: tuple[int, ...]
    """Images of each class that are not in the test split."""
    pixel_range: tuple[int, int]
    """Darkest and brightest value in any of them, of 0 to 255."""
    warnings: tuple[str, ...] = ()
    """What is probably not as it was meant, and what was left out."""
    mean: tuple[float, ...] = ()
    """Brightness of each channel, of 0 to 1; empty where nobody has measured it."""


@dataclass(frozen=True, slots=True)
class DataSpec:
    """What a program has to know of a data set: shapes and classes."""

    name: str
    title: str
    """As written in reports, for example `CIFAR-10 (JPEG copy)`."""
    image_shape: tuple[int, int, int]
    """(C, H, W)."""
    class_names: tuple[str, ...]
    train_images: int
    test_images: int
    target_shape: tuple[int, int, int] | None = None
    """(C, H, W) of the images to predict; None where classes are predicted."""
    wording: str = ""
    """As written in prompts, whatever copy of it is here: `CIFAR-10`; empty for the title."""
    facts: DataFacts | None = None

    @property
    def target(self) -> Classes | Image:
        """What is to be predicted of an image."""
        return Classes(self.class_names) if self.target_shape is None else Image(self.target_shape)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What a program returns for one image: (classes,) logits or a (C, H, W) image."""
        return self.target_shape or (self.classes,)
