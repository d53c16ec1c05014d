"""The `full` generator: the model writes the whole program (closed-loop paper, section I)."""

from collections.abc import Sequence
from typing import ClassVar

from archwright.candidate import Candidate, Program, Record, Repair
from archwright.generators.generator import Parts, Request
from archwright.llm.model import Completion, Decoding, Prompt
from archwright.programs.extraction import extract_program
from archwright.programs.repair import Repaired, repair
from archwright.prompts import render_full


class FullGenerator:
    """Asks the model for whole programs; parents are quoted as examples."""

    name: ClassVar[str] = "full"
    uses_model: ClassVar[bool] = True

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        llm = parts.config.llm
        self._decoding = Decoding(llm.temperature, llm.top_k, llm.top_p, llm.max_new_tokens)

    def prompt_for(self, request: Request) -> Prompt:
        """Return the prompt of one request."""
        config = self._parts.config
        examples = [_example(parent) for parent in request.parents]
        return render_full(self._parts.spec, config.budget, config.llm.form, examples)

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        """Return one candidate per request from one batch of completions; raises ModelError when there is none."""
        model = self._parts.model()
        prompts = [self.prompt_for(request) for request in requests]
        completions = model.complete(prompts, self._decoding, [request.seed for request in requests])
        written = [self._program_in(completion) for completion in completions]
        return [
            Candidate(
                key=request.key,
                program=Program(program.source),
                generator=self.name,
                seed=request.seed,
                parents=tuple(parent.candidate.program.digest for parent in request.parents),
                prompt=str(prompt),
                completion=completion.text,
                model=model.name,
                adapter=model.adapter,
                prompt_tokens=completion.prompt_tokens,
                completion_tokens=completion.completion_tokens,
                finish_reason=completion.finish_reason.value,
                repair=program.repair,
                generate_s=completion.wall_s,
            )
            for request, prompt, completion, program in zip(requests, prompts, completions, written, strict=True)
        ]

    def _program_in(self, completion: Completion) -> Repaired:
        config, source = self._parts.config, extract_program(completion.text)
        if not config.llm.repair:
            return Repaired(source, Repair.RAW)
        return repair(source, with_policy=config.sandbox.policy == "on")


def _example(parent: Record) -> tuple[Program, float | None]:
    accuracy = parent.outcome.accuracy if parent.outcome else None
    return parent.candidate.program, accuracy
