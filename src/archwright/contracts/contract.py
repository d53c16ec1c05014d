"""The seam to kinds of candidates: a Contract says what a program of its kind must define and how it is treated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from archwright.candidate import Failure, Record
from archwright.registry import CONTRACTS
from archwright.task import Classes, DataSpec, Metric

if TYPE_CHECKING:
    from archwright.config import StudyConfig
    from archwright.evaluation.evaluator import Executor


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """What stands for training where scores are looked up; reports name it in place of the task."""

    name: str
    """Of the table and what of it is searched by."""
    strategy: str
    """How it is searched, where the loop's strategy does not say."""
    sentence: str
    """What its scores are, without a full stop."""


class Contract(Protocol):
    """One kind of candidate. Stateless; the same object serves every study."""

    @property
    def name(self) -> str:
        """As in `loop.contract`."""

    @property
    def defines(self) -> str:
        """The name that a program must bind at module level, by which it is found in a model's answer."""

    @property
    def metric(self) -> Metric:
        """What decides who is better; its name is a key of every `Scores.values`."""

    @property
    def network(self) -> str:
        """Source of the fixed network on which programs are scored; empty where a program is itself what is trained."""

    def starters(self) -> Sequence[Record]:
        """Return the programs a study begins with, as parents for requests: records without an outcome, in cycle 0."""

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return every finding that needs no run, at the stages `parse`, `policy` and `contract`."""

    def spec(self, config: "StudyConfig") -> DataSpec:
        """Return what a program has to know of the data; raises DataError when they are not there."""

    def table(self, config: "StudyConfig") -> PublishedTable | None:
        """Return where scores are looked up; None where programs are trained on the task's images."""

    def load(self, config: "StudyConfig") -> object:
        """Return what `start` needs of the data; raises UsageError or DataError for data that cannot be used as asked.

        It is called before a study begins, so that a study that cannot run leaves no folder.
        """

    def start(self, config: "StudyConfig", data: Any) -> "Executor":
        """Return what boxes and scores programs, with what `load` gave; scores are computed outside every box."""

    def check_test(self, config: "StudyConfig", data: Any) -> None:
        """Raise DataError where there is nothing to score finalists on, in `data`, which `load` gave, or beside them.

        It is called before the opening of the test split is archived: an opening is one of which figures were seen.
        """

    def complete(self, source: str) -> str:
        """Return the full form of a program in compact form; any other text comes back unchanged."""


def usual_contract(spec: DataSpec | None = None) -> Contract:
    """Return the contract of programs for which nobody names another: networks that predict what `spec` asks for.

    Without a `spec` they are classifiers.
    """
    contract: Contract = CONTRACTS.load(
        "network" if spec is None or isinstance(spec.target, Classes) else "restoration"
    )
    return contract
