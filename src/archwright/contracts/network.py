"""The contract `network`, a class `Net` that classifies images, and its like `restoration`: from image to image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

from archwright.candidate import Failure, Record
from archwright.config import StudyConfig
from archwright.contracts import check_source, compact, complete
from archwright.contracts.contract import PublishedTable
from archwright.contracts.form import NET
from archwright.contracts.standard import IMAGE_METHODS, STANDARD_METHODS
from archwright.errors import UsageError
from archwright.evaluation.data import TaskData, load_spec, load_task_data, open_test_split
from archwright.evaluation.evaluator import Executor
from archwright.evaluation.plans import check_augmentation
from archwright.evaluation.start import start_executor
from archwright.starters import RESTORER, as_record, load_seed_corpus
from archwright.task import Classes, DataSpec, Metric

ACCURACY = Metric(
    "accuracy", "%", higher_is_better=True, bounds=(0.0, 1.0), interval="wilson", published={"cifar10": 0.40}
)
"""Share of correct predictions.

The published elite was the 98th percentile of a first cycle of some hundred candidates. Of the twenty of a small cycle
that is nearly the maximum, and the top-up would decide everything: `loop.threshold_quantile` asks for less.
"""
PSNR = Metric("psnr", "dB", higher_is_better=True, bounds=(0.0, 100.0))
"""Peak signal-to-noise ratio, mean over images."""


@final
@dataclass(frozen=True, slots=True)
class NetworkContract:
    """Programs that define a network, which is trained on images."""

    name: str = "network"
    defines: str = NET
    metric: Metric = ACCURACY
    predicts: Literal["classes", "images"] = "classes"
    network: str = ""

    @property
    def methods(self) -> str:
        """The training methods of a program in compact form, as text."""
        return STANDARD_METHODS if self.predicts == "classes" else IMAGE_METHODS

    def starters(self) -> Sequence[Record]:
        """Return the seed networks; of those that predict images there is one."""
        return [as_record(network) for network in (load_seed_corpus() if self.predicts == "classes" else [RESTORER])]

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return the findings of `contracts.check_source`."""
        return check_source(source, with_policy=with_policy)

    def spec(self, config: StudyConfig) -> DataSpec:
        """Return shapes and classes of the task's data; raises UsageError for data with other targets as well."""
        spec = load_spec(config.task, config.data)
        if isinstance(spec.target, Classes) != (self.predicts == "classes"):
            raise UsageError(
                f"networks of the contract {self.name} predict {self.predicts}; the targets of {spec.title} are others",
                "choose another --task, or another contract with --set loop.contract",
            )
        return spec

    def table(self, config: StudyConfig) -> PublishedTable | None:
        """Return None: programs are trained."""
        return None

    def load(self, config: StudyConfig) -> TaskData:
        """Return the images a search may see; raises UsageError for an augmentation that they cannot have."""
        data = load_task_data(config.as_task())
        check_augmentation(config.recipe.augmentation, data.spec, is_searched=False)
        return data

    def start(self, config: StudyConfig, data: TaskData) -> Executor:
        """Return the executor that `sandbox.executor` names."""
        return start_executor(config.as_task(), config.sandbox, data, self)

    def check_test(self, config: StudyConfig, data: TaskData) -> None:
        """Decode the test split; raises DataError for images that cannot be read."""
        open_test_split(config.as_task())

    def complete(self, source: str) -> str:
        """Return `source` with the standard training methods."""
        return complete(source, self.methods)

    def compact(self, source: str) -> str | None:
        """Return `source` without training methods; None when there is no network, or it needs them."""
        return compact(source)


NETWORK = NetworkContract()
RESTORATION = NetworkContract("restoration", metric=PSNR, predicts="images")
