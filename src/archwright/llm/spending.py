"""What language models may use: limits of tokens and money that no request goes beyond.

A request is sent only if what was used before and all that it may use at most (its prompt, by estimate, and
`max_new_tokens`) stay within the limits. Tokens are those that servers count, reasoning included; an attempt that never
came to an answer (a time-out) is not counted, because nobody says what it cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

from archwright.candidate import IMPROVER, Call
from archwright.config import ModelConfig, StudyConfig
from archwright.errors import SpentError
from archwright.llm.model import Completion, Decoding, InFront, LanguageModel, Prompt
from archwright.llm.usage import estimated_tokens

GO_ON = "go on with: archwright resume DIR"


@dataclass(frozen=True, slots=True)
class Spending:
    """What was used."""

    tokens: int = 0
    cost: float = 0.0
    """In the money of `llm.price_in`."""

    def plus(self, llm: ModelConfig, prompt_tokens: int, completion_tokens: int) -> Spending:
        """Return this and one more request at the prices of `llm`."""
        cost = (prompt_tokens * llm.price_in + completion_tokens * llm.price_out) / 1_000_000
        return Spending(self.tokens + prompt_tokens + completion_tokens, self.cost + cost)


def section_of(config: StudyConfig, role: str) -> str:
    """Return the section of the configuration of the model that plays `role`."""
    return "improver" if role == IMPROVER and config.improver.model else "llm"


def llm_of(config: StudyConfig, role: str) -> ModelConfig:
    """Return the configuration of the model that plays `role`."""
    return config.improver if section_of(config, role) == "improver" else config.llm


def spent(config: StudyConfig, calls: Iterable[Call]) -> dict[str, Spending]:
    """Return what `calls` have used, by section."""
    used = {"llm": Spending(), "improver": Spending()}
    for call in calls:
        section = section_of(config, call.role)
        used[section] = used[section].plus(llm_of(config, call.role), call.prompt_tokens, call.completion_tokens)
    return used


def money_spent(config: StudyConfig, calls: Iterable[Call]) -> float | None:
    """Return what `calls` have cost; None where no price is known."""
    if not any((llm.price_in or llm.price_out) for llm in (config.llm, config.improver)):
        return None
    return sum(each.cost for each in spent(config, calls).values())


@final
class Meter:
    """The limits of one section, and what has been used of them."""

    def __init__(self, section: str, llm: ModelConfig, used: Spending) -> None:
        self._section, self._llm, self._used = section, llm, used

    def add(self, completion: Completion) -> None:
        """Count an answer."""
        self._used = self._used.plus(self._llm, completion.prompt_tokens, completion.completion_tokens)

    def affordable(self, prompts: Sequence[Prompt], decoding: Decoding) -> int:
        """Return how many of the first `prompts` may be asked at once; raises SpentError when none may."""
        might = self._used
        for number, prompt in enumerate(prompts):
            might = might.plus(self._llm, estimated_tokens(str(prompt)), decoding.max_new_tokens)
            if (beyond := self._beyond(might)) is not None:
                if number == 0:
                    raise beyond
                return number
        return len(prompts)

    def _beyond(self, might: Spending) -> SpentError | None:
        llm, used, section = self._llm, self._used, self._section
        if llm.max_tokens_total and might.tokens > llm.max_tokens_total:
            return SpentError(
                f"{used.tokens:,} tokens are used of {llm.max_tokens_total:,} ({section}.max_tokens_total), and the "
                f"next request may use {might.tokens - used.tokens:,}",
                f"{GO_ON} --set {section}.max_tokens_total={max(2 * llm.max_tokens_total, might.tokens)}",
            )
        if llm.max_cost and might.cost > llm.max_cost:
            return SpentError(
                f"{used.cost:.4f} is spent of {llm.max_cost:g} ({section}.max_cost), and the next request may cost "
                f"{might.cost - used.cost:.4f}",
                f"{GO_ON} --set {section}.max_cost={max(2 * llm.max_cost, might.cost):.6g}",
            )
        return None


@final
class MeteredModel(InFront):
    """A language model that is asked no more than its meter allows."""

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        super().__init__(model)
        self._meter = meter

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions; raises SpentError before a request that is not affordable."""
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        start = 0
        while start < len(prompts):
            end = start + self._meter.affordable(prompts[start:], decoding)
            for number, completion in self._model.stream(prompts[start:end], decoding, seeds[start:end]):
                self._meter.add(completion)
                yield start + number, completion
            start = end
