"""The contract `transform`: a candidate is an augmentation, scored by what a fixed network learns with it.

The network is ours: its layout, weights and FLOPs are what is counted, and it is trained in a box that has nothing of
the candidate, which augments in another. Training images alone are augmented, except in protocol `lemur`, which has one
transform for training and test images, as published: its scores are for comparison with that mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, final

from pydantic import Field

from archwright.candidate import Failure, Record
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.contracts import check_source
from archwright.contracts.contract import PublishedTable
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.errors import UnknownNameError, UsageError
from archwright.evaluation.data import TaskData, open_test_split
from archwright.evaluation.evaluator import Executor
from archwright.evaluation.plans import check_augmentation
from archwright.evaluation.start import start_executor
from archwright.reading import read_text
from archwright.starters import load_seed_corpus
from archwright.starters.baselines import baseline_records
from archwright.task import DataSpec, Frozen, Metric
from archwright.transforms.checking import AUGMENT, check_transform

LARGEST_NETWORK = 2**18
"""Bytes of a file that holds the fixed network."""


class TransformOptions(Frozen):
    """A search for augmentations."""

    network: str = Field(
        "resnet", description="The fixed network that is trained with each: a seed network, or a file with a program."
    )
    cold_cycles: int = Field(
        0,
        ge=0,
        description="Cycles at the beginning whose candidates are drawn at random: what a model is taught before it "
        "writes any.",
    )
    margin: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How much better one must be to be taught as better than another; never less than the noise of "
        "counting images (95 %).",
    )


@final
@dataclass(frozen=True, slots=True)
class TransformContract:
    """Programs that define `augment(images, op)`."""

    Options: ClassVar[type[TransformOptions]] = TransformOptions

    name: str = "transform"
    defines: str = AUGMENT
    metric: Metric = ACCURACY
    network: str = ""
    """Empty until `start` reads it from the configuration."""

    def starters(self) -> Sequence[Record]:
        """Return no augmentation, flip + crop, TrivialAugment and RandAugment."""
        return baseline_records()

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return the findings of `transforms.checking`."""
        return check_transform(source, with_policy=with_policy)

    def spec(self, config: StudyConfig) -> DataSpec:
        """Return shapes and classes of the task's data."""
        return NETWORK.spec(config)

    def table(self, config: StudyConfig) -> PublishedTable | None:
        """Return None: programs are trained."""
        return None

    def load(self, config: StudyConfig) -> TaskData:
        """Return the images a search may see; raises UsageError for an unknown network or a second augmentation."""
        network_source(options_of(config, self.name, TransformOptions).network)
        data = NETWORK.load(config)
        check_augmentation(config.recipe.augmentation, data.spec, is_searched=True)
        return data

    def start(self, config: StudyConfig, data: TaskData) -> Executor:
        """Return the executor that `sandbox.executor` names, with the network in `transform.network`."""
        source = network_source(options_of(config, self.name, TransformOptions).network)
        return start_executor(config.as_task(), config.sandbox, data, replace(self, network=source))

    def check_test(self, config: StudyConfig, data: TaskData) -> None:
        """Decode the test split; raises DataError for images that cannot be read."""
        open_test_split(config.as_task())

    def complete(self, source: str) -> str:
        """Return `source`: there is one form."""
        return source


def network_source(name: str) -> str:
    """Return the source of a seed network, or of the program in a file; raises UnknownNameError and UsageError."""
    known = {network.name: network.program.source for network in load_seed_corpus()}
    if name in known:
        return known[name]
    if not name.endswith(".py"):
        raise UnknownNameError.of("seed network", name, list(known))
    try:
        source = read_text(Path(name), LARGEST_NETWORK)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"transform.network = {name} cannot be read: {error}", "check the path") from None
    if findings := check_source(source):
        raise UsageError(f"transform.network = {name} is no network: {findings[0].message}", "correct it")
    return source


TRANSFORM = TransformContract()
