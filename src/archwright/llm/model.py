"""The seam to language models: prompts in, completions out."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from archwright.candidate import Call, Json


@dataclass(frozen=True, slots=True)
class Prompt:
    """One chat prompt; the model's own chat template is applied to it."""

    system: str
    user: str
    grammar: str = field(default="", compare=False, repr=False)
    """What the answer must look like, in Lark's syntax as llguidance reads it; empty: anything. A local model is held
    to it where `llm.constrained` is set, servers are not told."""

    def __str__(self) -> str:
        return f"{self.system}\n\n{self.user}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the prompt that `str` wrote as `text`, if its system part is one paragraph."""
        system, _, user = text.partition("\n\n")
        return cls(system, user)


@dataclass(frozen=True, slots=True)
class Decoding:
    """How completions are sampled (section J of the closed-loop paper)."""

    temperature: float
    top_k: int
    top_p: float
    max_new_tokens: int
    schema: Mapping[str, Json] | None = None
    """JSON schema of the answer: a wish, which servers with structured outputs grant and other models do not read."""


class FinishReason(StrEnum):
    """Why a completion ended."""

    STOP = "stop"  # the model ended it
    LENGTH = "length"  # max_new_tokens reached
    EMPTY = "empty"  # the model answered with nothing
    REFUSED = "refused"  # this prompt would not be answered: a server's words, or that it is too long, are in `note`


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model answered to one prompt."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: FinishReason
    wall_s: float
    """Seconds of generation, this completion's share of its batch."""
    note: str = ""
    """What a person should know about it: why a server refused, or why there is no text."""
    is_estimated: bool = False
    """Whether the tokens are our estimate, because the server did not count them."""


REFUSED_IN_VAIN = 8
"""So many prompts are refused by a model that never answered one before it is taken to refuse all."""


def refused(said: str) -> Completion:
    """Return the completion of a prompt that the model would not answer."""
    return Completion("", 0, 0, FinishReason.REFUSED, 0.0, note=said)


class LanguageModel(Protocol):
    """A causal language model that completes chat prompts in batches."""

    @property
    def name(self) -> str:
        """The model's specification, as given in `llm.model`."""

    @property
    def adapter(self) -> str | None:
        """Name of the adapter in use, None for the bare model."""

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return one completion per prompt, in order; raises ModelError when the model cannot answer at all.

        A prompt that is refused, or too long, has an empty completion that is `REFUSED`; the others keep theirs.
        With a local model the same prompts, seeds and batch give the same completions.
        """

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield each prompt's position and completion as it comes; raises as `complete`, after what was had."""

    def close(self) -> None:
        """Free the model's memory and connections."""


class InFront(ABC):
    """A language model in front of another one; what becomes of requests is said in `stream`."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """That of the model."""
        return self._model.name

    @property
    def adapter(self) -> str | None:
        """That of the model."""
        return self._model.adapter

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return one completion per prompt, in order; raises as `stream`."""
        found = dict(self.stream(prompts, decoding, seeds))
        return [found[number] for number in range(len(prompts))]

    @abstractmethod
    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions."""

    def close(self) -> None:
        """Close the model."""
        self._model.close()


@runtime_checkable
class Trainable(LanguageModel, Protocol):
    """A language model whose weights are at hand, so that it can answer with what it was taught."""

    def use_adapter(self, name: str, folder: Path) -> None:
        """Answer from now on with the LoRA weights in `folder`; raises ModelError when they are none for this model."""


def as_call(role: str, model: LanguageModel, prompt: Prompt, completion: Completion) -> Call:
    """Return what is stored of one request and its answer."""
    return Call(
        role,
        str(prompt),
        completion.text,
        model.name,
        model.adapter,
        completion.prompt_tokens,
        completion.completion_tokens,
        completion.finish_reason.value,
        completion.wall_s,
        completion.is_estimated,
    )
