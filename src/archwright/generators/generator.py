"""The seam to generators: how a candidate is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from archwright.candidate import Candidate, Key, Record
from archwright.config import StudyConfig
from archwright.llm.model import LanguageModel, Prompt
from archwright.task import DataSpec


@dataclass(frozen=True, slots=True)
class Request:
    """What a strategy asks of a generator: one candidate, from these parents."""

    key: Key
    seed: int
    parents: tuple[Record, ...] = ()
    """Known programs with their outcomes, the first one to be changed, the others to be quoted."""
    mutations: int = 1
    """Changes in a row for a generator that mutates; 0 proposes the first parent as it is."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a generator is built from; every generator's constructor takes just this."""

    config: StudyConfig
    spec: DataSpec
    model: Callable[[], LanguageModel]
    """Returns the study's language model, loading it on the first call; it may change between cycles."""


class Generator(Protocol):
    """Writes one candidate per request."""

    name: ClassVar[str]
    uses_model: ClassVar[bool]
    """Whether candidates are written by the language model; if not, `Parts.model` is never called."""

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return what the model is asked for `request`; None where no model is asked."""
        ...

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        """Return one candidate per request, in order.

        Always returns a candidate: a completion without a program becomes a Program that fails at `parse`.
        The same request gives the same candidate as long as the model (if any) is deterministic.
        """
        ...
