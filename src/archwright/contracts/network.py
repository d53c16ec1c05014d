"""The contract `network`: a class `Net` that is trained on images and classifies them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from archwright.candidate import Failure, Record
from archwright.contract import check_source, complete
from archwright.starters import as_record, load_seed_corpus
from archwright.task import Metric

ACCURACY = Metric("accuracy", "%", higher_is_better=True, bounds=(0.0, 1.0), interval="wilson")
"""Share of correct predictions."""


@final
@dataclass(frozen=True, slots=True)
class NetworkContract:
    """Programs that define a classifier."""

    name: str = "network"
    defines: str = "Net"
    box: str = "archwright.evaluation.box.trial:run"
    metric: Metric = ACCURACY

    def starters(self) -> Sequence[Record]:
        """Return the seed networks."""
        return [as_record(network) for network in load_seed_corpus()]

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return the findings of `contract.check_source`."""
        return check_source(source, with_policy=with_policy)

    def complete(self, source: str) -> str:
        """Return `source` with the standard training methods."""
        return complete(source)


NETWORK = NetworkContract()
