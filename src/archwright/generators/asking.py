"""How a generator asks the model that writes: a local one a batch at a time, a server one answer after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archwright.candidate import WRITER, Call, Candidate, Failure, FailureKind, Stage
from archwright.config import LlmConfig
from archwright.generators.generator import Models, Request
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt, Trainable


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote for one request."""

    request: Request
    completion: Completion
    call: Call

    def refused(self, generator: str) -> Candidate | None:
        """Return the candidate of a prompt that the server refused; None for an answer."""
        if self.completion.finish_reason is not FinishReason.REFUSED:
            return None
        words = self.completion.note or "the server refused the prompt"
        return self.failed(generator, words)

    def failed(self, generator: str, words: str, **more: object) -> Candidate:
        """Return the candidate of an answer that gives no program."""
        failure = Failure(Stage.WRITE, FailureKind.REFUSED, words)
        return self.request.candidate(generator, failure, calls=(self.call,), generate_s=self.completion.wall_s, **more)


def decoding_of(llm: LlmConfig) -> Decoding:
    """Return how the configuration samples."""
    return Decoding(llm.temperature, llm.top_k, llm.top_p, llm.max_new_tokens)


def answers(
    requests: Sequence[Request], prompts: Sequence[Prompt], models: Models, decoding: Decoding
) -> Iterator[list[Answer]]:
    """Yield the answers of the writer as they come; raises ModelError when it cannot answer, after what was had."""
    if not requests:
        return
    model = models[WRITER]

    def answer(index: int, completion: Completion) -> Answer:
        call = Call(
            WRITER,
            str(prompts[index]),
            completion.text,
            model.name,
            model.adapter,
            completion.prompt_tokens,
            completion.completion_tokens,
            completion.finish_reason.value,
            completion.wall_s,
        )
        return Answer(requests[index], completion, call)

    seeds = [request.seed for request in requests]
    if isinstance(model, Trainable):  # a local model answers a whole batch at once
        yield [answer(index, each) for index, each in enumerate(model.complete(prompts, decoding, seeds))]
        return
    for index, completion in model.stream(prompts, decoding, seeds):
        yield [answer(index, completion)]
