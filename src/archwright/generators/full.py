"""The `full` generator: the model writes the whole program (closed-loop paper, section I)."""

import re
from collections.abc import Sequence

from archwright.candidate import Candidate, Program, Record
from archwright.generators.generator import Request
from archwright.llm.model import Decoding, LanguageModel
from archwright.prompts import Form, render_full
from archwright.task import Budget, DataSpec

_FENCE = re.compile(r"```[ \t]*(?:python|py)?[ \t]*\r?\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL | re.IGNORECASE)


class FullGenerator:
    """Asks the model for whole programs; parents are quoted as examples."""

    name = "full"

    def __init__(
        self, model: LanguageModel, decoding: Decoding, spec: DataSpec, budget: Budget, form: Form
    ) -> None:
        self._model = model
        self._decoding = decoding
        self._spec = spec
        self._budget = budget
        self._form: Form = form

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        """Return one candidate per request from one batch of completions; raises ModelError when there is none."""
        prompts = [
            render_full(self._spec, self._budget, self._form, [_example(parent) for parent in request.parents])
            for request in requests
        ]
        completions = self._model.complete(prompts, self._decoding, [request.seed for request in requests])
        return [
            Candidate(
                key=request.key,
                program=Program(extract_program(completion.text)),
                generator=self.name,
                seed=request.seed,
                parents=tuple(parent.candidate.program.digest for parent in request.parents),
                prompt=str(prompt),
                completion=completion.text,
                model=self._model.name,
                adapter=self._model.adapter,
                prompt_tokens=completion.prompt_tokens,
                completion_tokens=completion.completion_tokens,
                finish_reason=completion.finish_reason.value,
                generate_s=completion.wall_s,
            )
            for request, prompt, completion in zip(requests, prompts, completions, strict=True)
        ]


def _example(parent: Record) -> tuple[Program, float | None]:
    accuracy = parent.outcome.accuracy if parent.outcome else None
    return parent.candidate.program, accuracy


def extract_program(text: str) -> str:
    """Return the program in a completion: the fenced block that defines Net, else the longest, else all of it.

    A block that was never closed (the completion ran out of tokens) counts up to its end.
    """
    blocks = [match.group(1) for match in _FENCE.finditer(text)]
    if not blocks:
        return text.strip()
    with_net = [block for block in blocks if re.search(r"^\s*class\s+Net\b", block, re.MULTILINE)]
    return max(with_net or blocks, key=len).strip("\n") + "\n"
