"""How a generator asks the model that writes: a local one a batch at a time, a server one answer after the other.

What a static check or the generator itself finds wrong can be asked for once more; what fails when it is run
cannot: by then the candidate is archived.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archwright.candidate import WRITER, Call, Candidate, Failure, FailureKind, Program, Repair, Stage
from archwright.config import LlmConfig
from archwright.errors import ModelError, SpentError
from archwright.generators.generator import Models, Request, Setting
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt, Trainable, as_call
from archwright.programs.extraction import extract_program
from archwright.programs.quoting import broken
from archwright.programs.repair import Repaired, repair
from archwright.prompts import render_repair
from archwright.randomness import derive_seed
from archwright.untrusted import plain_text


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote for one request."""

    index: int
    """Of its request among those that were asked together."""
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
        return self.candidate(generator, Failure(Stage.WRITE, FailureKind.REFUSED, words), **more)

    def candidate(self, generator: str, written: Program | Failure, **more: object) -> Candidate:
        """Return the candidate of the answer, with its call and its time."""
        return self.request.candidate(generator, written, calls=(self.call,), generate_s=self.completion.wall_s, **more)


def mended(source: str, setting: Setting) -> Repaired:
    """Return what is run of a program that a model wrote: as it is, or mended where the settings say so."""
    config = setting.config
    if not config.llm.repair:
        return Repaired(source, Repair.RAW)
    return repair(source, setting.contract, with_policy=config.sandbox.policy == "on")


def whole_program(generator: str, setting: Setting, answer: Answer) -> Candidate:
    """Return the candidate of an answer that is a whole program."""
    if refused := answer.refused(generator):
        return refused
    repaired = mended(extract_program(answer.completion.text, setting.contract.defines), setting)
    return answer.candidate(generator, Program(repaired.source), facts={"repair": repaired.repair.value})


def decoding_of(llm: LlmConfig) -> Decoding:
    """Return how the configuration samples."""
    return Decoding(llm.temperature, llm.top_k, llm.top_p, llm.max_new_tokens)


def written(
    requests: Sequence[Request],
    prompts: Sequence[Prompt],
    models: Models,
    setting: Setting,
    read: Callable[[Answer], Candidate],
) -> Iterator[list[Candidate]]:
    """Yield what `read` makes of the answers as they come.

    Raises ModelError when the model cannot and SpentError at a limit, after what was had.

    What fails before it is run is asked for again, as `llm.repair_by` says, at most `llm.repair_rounds` times. Every
    call stays with the candidate, and the fact `failed_before` says what was wrong at first.
    """
    if not requests:
        return
    decoding = decoding_of(setting.config.llm)
    remarks = setting.config.llm.remarks
    prompts = [
        replace(prompt, user="\n\n".join(filter(None, (prompt.user, remarks, broken(plain_text(request.advice))))))
        for request, prompt in zip(requests, prompts, strict=True)
    ]
    for some in _answers(requests, prompts, models, decoding, [request.seed for request in requests]):
        found = {answer.index: read(answer) for answer in some}
        for number in range(setting.config.llm.repair_rounds):
            failures = {index: failure for index, each in found.items() if (failure := _failure(each, setting))}
            asked = [prompts[index] for index in failures]
            if setting.config.llm.repair_by == "reason":
                asked = [render_repair(prompts[i], found[i].calls[-1].completion, failures[i]) for i in failures]
            seeds = [derive_seed(requests[index].seed, "repair", number) for index in failures]
            again = _answers([requests[index] for index in failures], asked, models, decoding, seeds)
            indices = list(failures)
            try:
                for answer in (answer for more in again for answer in more):
                    index = indices[answer.index]
                    found[index] = _joined(found[index], read(answer), failures[index])
            except (ModelError, SpentError):
                yield list(found.values())  # What was answered has been paid for.
                raise
        yield list(found.values())


def _failure(candidate: Candidate, setting: Setting) -> Failure | None:
    """Return what is wrong with a candidate that the model can mend; None where a server refused the prompt."""
    if candidate.program is None:
        is_answer = candidate.calls[-1].finish_reason != FinishReason.REFUSED.value
        return candidate.failure if is_answer else None
    policy = setting.config.sandbox.policy == "on"
    return next(iter(setting.contract.check(candidate.program.source, with_policy=policy)), None)


def _joined(first: Candidate, second: Candidate, failure: Failure) -> Candidate:
    """Return the second try with what the first has cost, and why there was a second."""
    before = first.facts.get("failed_before", f"{failure.stage}/{failure.kind}")
    return replace(
        second,
        calls=(*first.calls, *second.calls),
        facts={**second.facts, "failed_before": before},
        generate_s=first.generate_s + second.generate_s,
    )


def _answers(
    requests: Sequence[Request], prompts: Sequence[Prompt], models: Models, decoding: Decoding, seeds: Sequence[int]
) -> Iterator[list[Answer]]:
    """Yield the answers of the writer as they come."""
    if not requests:
        return
    model = models[WRITER]

    def answer(index: int, completion: Completion) -> Answer:
        return Answer(index, requests[index], completion, as_call(WRITER, model, prompts[index], completion))

    if isinstance(model, Trainable):  # a local model answers a whole batch at once
        yield [answer(index, each) for index, each in enumerate(model.complete(prompts, decoding, seeds))]
        return
    for index, completion in model.stream(prompts, decoding, seeds):
        yield [answer(index, completion)]
