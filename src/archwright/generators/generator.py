"""The seam to generators: how a candidate is written, and what a model is taught of it."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol

from archwright.candidate import NOTHING, Candidate, Failure, Fidelity, Json, Key, Outcome, Program, Record
from archwright.config import StudyConfig
from archwright.contracts.contract import Contract
from archwright.llm.model import LanguageModel, Prompt
from archwright.llm.pairs import Pair
from archwright.randomness import derive_seed
from archwright.task import DataSpec

Models = Mapping[str, LanguageModel]
"""Role -> the model that plays it; loaded when it is first looked up."""

UNASSIGNED = Key(0, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """What a strategy asks of a generator: one candidate."""

    parents: tuple[Record, ...] = ()
    """Known programs that are changed, the main one first; without any, the generator starts from a starter."""
    examples: tuple[Record, ...] = ()
    """Known programs that are quoted."""
    history: tuple[Record, ...] = ()
    """What was tried before, oldest first, failures included: for generators that learn from it in context."""
    advice: str = ""
    """Words added to the end of the writer's prompt."""
    choice: Mapping[str, Json] = field(default_factory=lambda: NOTHING)
    """What a design asks for: chosen experts, loss x optimizer, widths, the number of `mutations`."""
    at: Fidelity | None = None
    """How the candidate is to be trained; None for the study's own fidelity."""
    key: Key = UNASSIGNED
    """The candidate's place; the loop assigns it."""
    seed: int = 0
    """Seeds the proposal; the loop assigns it."""

    @property
    def mutations(self) -> int:
        """How often the parent is to be changed; once, where the choice says nothing."""
        mutations = self.choice.get("mutations", 1)
        return mutations if isinstance(mutations, int) else 1

    def parent(self, starters: Sequence[Record]) -> Record:
        """Return the main parent; where there is none, the starter that the seed draws."""
        return self.parents[0] if self.parents else random.Random(derive_seed(self.seed, "parent")).choice(starters)

    def candidate(self, generator: str, written: Program | Failure, **more: object) -> Candidate:
        """Return the candidate that answers this request: a program, or why there is none."""
        bare = Candidate(
            key=self.key,
            program=None if isinstance(written, Failure) else written,
            generator=generator,
            seed=self.seed,
            parents=tuple(record.program.digest for record in (*self.parents, *self.examples)),
            failure=written if isinstance(written, Failure) else None,
            at=self.at,
        )
        return replace(bare, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a generator is built from; every generator's constructor takes just this."""

    config: StudyConfig
    spec: DataSpec
    contract: Contract
    starters: Sequence[Record] | None = None
    """The programs the study begins with; None for those of the contract."""
    verify: Callable[[Program], Outcome] | None = None
    """Builds a program and runs one image forward, without training it; None where static checks have to do."""

    @property
    def starting(self) -> Sequence[Record]:
        """The programs a generator starts from."""
        return self.contract.starters() if self.starters is None else self.starters

    def value(self, record: Record) -> float | None:
        """Return the score of `record` that the contract compares by."""
        return record.value(self.contract.metric.name)

    def told(self, value: float | None) -> str | None:
        """Return a score in the words of a prompt."""
        metric = self.contract.metric
        return None if value is None else f"{metric.format(value)} {metric.name}"


class Generator(Protocol):
    """Writes one candidate per request."""

    name: ClassVar[str]

    @property
    def roles(self) -> tuple[str, ...]:
        """What language models are asked as; empty when no model is asked. It may depend on the settings."""

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return what the writer is asked for `request`; None where no model is asked."""

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield the candidates of all `requests`, those that become known together in one list, each exactly once.

        Every request gets a candidate: an answer without a program becomes a Program that fails at `parse`, or a
        candidate with a failure at `write` when there is not even text to run. The same requests give the same
        candidates as long as the models (if any) are deterministic.
        """

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return what a model that plays the writer should learn from the `elite`; empty when no model is asked.

        `known` are programs it is reminded of, so that it does not forget them.
        """
