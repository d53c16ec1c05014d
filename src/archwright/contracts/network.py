"""The contract `network`: a class `Net` that is trained on images and classifies them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from archwright.candidate import Failure, Record
from archwright.config import StudyConfig
from archwright.contracts import check_source, complete
from archwright.evaluation.data import TaskData, load_spec, load_task_data
from archwright.evaluation.evaluator import Executor
from archwright.evaluation.start import start_executor
from archwright.starters import as_record, load_seed_corpus
from archwright.task import DataSpec, Metric

ACCURACY = Metric("accuracy", "%", higher_is_better=True, bounds=(0.0, 1.0), interval="wilson")
"""Share of correct predictions."""


@final
@dataclass(frozen=True, slots=True)
class NetworkContract:
    """Programs that define a classifier."""

    name: str = "network"
    defines: str = "Net"
    metric: Metric = ACCURACY

    def starters(self) -> Sequence[Record]:
        """Return the seed networks."""
        return [as_record(network) for network in load_seed_corpus()]

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return the findings of `contract.check_source`."""
        return check_source(source, with_policy=with_policy)

    def spec(self, config: StudyConfig) -> DataSpec:
        """Return shapes and classes of the task's data."""
        return load_spec(config.task, config.data)

    def load(self, config: StudyConfig) -> TaskData:
        """Return the images a search may see."""
        return load_task_data(config.as_task())

    def start(self, config: StudyConfig, data: TaskData) -> Executor:
        """Return the executor that `sandbox.executor` names."""
        return start_executor(config.as_task(), config.sandbox, data)

    def complete(self, source: str) -> str:
        """Return `source` with the standard training methods."""
        return complete(source)


NETWORK = NetworkContract()
