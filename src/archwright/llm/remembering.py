"""Answers that are kept before they are used: a run killed between two models goes on with what the first has said.

Asked again for the same prompt with the same seed, a model behind this answers what was kept, so nobody pays twice.
What a server refuses is not kept.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, final

from archwright.candidate import Call
from archwright.llm.model import Completion, Decoding, FinishReason, InFront, LanguageModel, Prompt, as_call


class Ledger(Protocol):
    """Where answers are kept."""

    def find(self, seed: int) -> Call | None:
        """Return the answer that was sampled with `seed`, if it was kept."""

    def keep(self, seed: int, call: Call) -> None:
        """Keep an answer; when this returns it is safe."""


@final
class RememberingModel(InFront):
    """A language model in one role whose every answer is in the ledger before anybody sees it."""

    def __init__(self, role: str, model: LanguageModel, ledger: Ledger) -> None:
        super().__init__(model)
        self._role, self._ledger = role, ledger

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions, those that were kept first; raises as the model does."""
        new: list[int] = []
        for number, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True)):
            if (completion := self._remembered(prompt, seed)) is None:
                new.append(number)
            else:
                yield number, completion
        if not new:
            return
        asked, drawn = [prompts[number] for number in new], [seeds[number] for number in new]
        for place, completion in self._model.stream(asked, decoding, drawn):
            if completion.finish_reason is not FinishReason.REFUSED:
                self._ledger.keep(drawn[place], as_call(self._role, self._model, asked[place], completion))
            yield new[place], completion

    def _remembered(self, prompt: Prompt, seed: int) -> Completion | None:
        call = self._ledger.find(seed)
        if call is None or (call.role, call.prompt, call.model) != (self._role, str(prompt), self.name):
            return None
        reason = FinishReason(call.finish_reason or FinishReason.STOP)
        counted = (call.prompt_tokens, call.completion_tokens, reason, call.wall_s)
        return Completion(call.completion, *counted, is_estimated=call.is_estimated)
