"""What a box is told to do: the program and everything about its training, as plain JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

AUGMENTATIONS = ("none", "flip", "flip-crop")
TRANSFORM = "transform"
"""The augmentation that is the candidate's own program, on a fixed network."""


class Purpose(StrEnum):
    """What a box is for."""

    VERIFY = "verify"  # build and one forward pass, no training
    TRAIN = "train"  # train, and predict the validation images by what was written of it
    FINAL = "final"  # train, and predict them by what was trained, which fresh boxes are compared with
    PREDICT = "predict"  # predict given images with given weights, in a box that never saw the training


@dataclass(frozen=True, slots=True)
class GpuPlan:
    """What a box on a GPU is told besides."""

    environment: Mapping[str, str]
    """For libcuda alone: which GPU it sees, and where its MPS daemon is."""
    memory_share: float
    """Part of the GPU's memory the box may use."""
    is_graphed: bool
    """Whether the training step, a standard one, may be replayed as a CUDA graph."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One trial."""

    source: str
    """As the candidate wrote it; of a transform only the box that augments has it."""
    full_source: str
    """What is trained: the program, or the fixed network of a transform, completed with the standard methods.

    Empty in the box that augments.
    """
    is_compact: bool
    """Whether what is trained leaves its training to us."""
    purpose: Purpose
    seed: int
    threads: int
    device: str
    image_shape: tuple[int, int, int]
    output_shape: tuple[int, ...]
    """What is to be predicted of an image: (classes,) logits, or an image (C, H, W) with values in [0, 1]."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    batch: int
    epochs: int
    augmentation: str
    evaluation_augmentation: str
    """Of the images it is asked about: `none`, except in protocol `lemur`, which has one transform for both."""
    stop_at: float
    """Share of the first epoch after which a network that is no better than chance is stopped; 0: never."""
    max_params: int
    max_flops: int
    prm: Mapping[str, float | str]
    """What a program gets as `prm`."""
    gpu: GpuPlan | None = None
    """Given when `device` is a GPU."""

    @property
    def is_transform(self) -> bool:
        """Whether the candidate is an augmentation and the network that is trained is ours."""
        return self.augmentation == TRANSFORM

    @property
    def is_for_augmenting(self) -> bool:
        """Whether this is for the box in which the candidate augments, and no network is."""
        return not self.full_source

    @property
    def is_augmented(self) -> bool:
        """Whether the candidate is asked for batches, from a box of its own."""
        predicts = self.purpose is Purpose.PREDICT
        return (self.evaluation_augmentation if predicts else self.augmentation) == TRANSFORM

    @property
    def trains(self) -> bool:
        """Whether the box trains."""
        return self.purpose in (Purpose.TRAIN, Purpose.FINAL)

    @property
    def has_classes(self) -> bool:
        """Whether classes are predicted, not images."""
        return len(self.output_shape) == 1

    def as_json(self) -> bytes:
        """Return the payload of an order."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, payload: bytes) -> "Plan":
        """Return the plan in `payload`, which the supervisor wrote."""
        content = json.loads(payload)
        gpu = GpuPlan(**content["gpu"]) if content["gpu"] else None
        return cls(**content | {"purpose": Purpose(content["purpose"]), "gpu": gpu})
