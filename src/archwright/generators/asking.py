"""How a generator asks the model that writes: a local one a batch at a time, a server one answer after the other.

What the generator itself or a check finds wrong can be asked for once more, before the candidate is archived: static
checks, and building the program and running one image forward, which trains nothing and counts as no evaluation.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from archwright.candidate import WRITER, Call, Candidate, Failure, FailureKind, Program, Record, Repair, Stage
from archwright.config import LlmConfig, ModelConfig
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
class ModelAnswer:
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


def whole_program(generator: str, setting: Setting, answer: ModelAnswer) -> Candidate:
    """Return the candidate of an answer that is a whole program."""
    if refused := answer.refused(generator):
        return refused
    program = extract_program(answer.completion.text, setting.contract.defines, answer.call.prompt)
    repaired = mended(program, setting)
    return answer.candidate(generator, Program(repaired.source), facts={"repair": repaired.repair.value})


class AskingGenerator(ABC):
    """A generator that asks the writer once for each request; as it stands, the answer is the whole program."""

    name: ClassVar[str]
    roles: ClassVar[tuple[str, ...]] = (WRITER,)

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    @abstractmethod
    def prompt_for(self, request: Request) -> Prompt:
        """Return the prompt of one request."""

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield candidates as the model answers; raises ModelError when it cannot, after what was had."""
        prompts = [self.prompt_for(request) for request in requests]
        yield from written(requests, prompts, models, self._setting, self._candidate)

    def _candidate(self, answer: ModelAnswer) -> Candidate:
        return whole_program(self.name, self._setting, answer)

    def _asked(self, record: Record) -> Prompt:
        """Return the prompt that `record` answered; what no model wrote answers one that shows nothing."""
        call = record.candidate.first_asked
        return Prompt.parse(call.prompt) if call and call.prompt else self.prompt_for(Request())


def decoding_of(llm: ModelConfig) -> Decoding:
    """Return how the configuration samples."""
    return Decoding(llm.temperature, llm.top_k, llm.top_p, llm.max_new_tokens)


def written(
    requests: Sequence[Request],
    prompts: Sequence[Prompt],
    models: Models,
    setting: Setting,
    read: Callable[[ModelAnswer], Candidate],
) -> Iterator[list[Candidate]]:
    """Yield what `read` makes of the answers as they come.

    Raises ModelError when the model cannot and SpentError at a limit, after what was had.

    What fails before it is trained is asked for again, as `llm.repair_by` says, at most `llm.repair_rounds` times, once
    all are answered: meanwhile answers of a server would arrive that nobody keeps. Every call stays with the candidate,
    and the fact `failed_before` says what was wrong at first.
    """
    if not requests:
        return
    llm = setting.config.llm
    decoding, remarks = decoding_of(llm), llm.remarks
    prompts = [
        replace(prompt, user="\n\n".join(filter(None, (prompt.user, remarks, broken(plain_text(request.advice))))))
        for request, prompt in zip(requests, prompts, strict=True)
    ]
    is_batch = isinstance(models[WRITER], Trainable)  # What is written together is stored together.
    done: dict[int, Candidate] = {}
    tried: dict[int, tuple[Candidate, Failure]] = {}
    failed: dict[int, tuple[Candidate, Failure]] = {}
    try:
        for number in range(llm.repair_rounds + 1):
            tried, failed = failed, {}
            asked = _mending(tried, prompts, llm) if number else dict(enumerate(prompts))
            seeds = [derive_seed(requests[i].seed, "repair", number - 1) if number else requests[i].seed for i in asked]
            for answer in _answers(requests, asked, models, decoding, seeds):
                candidate = read(answer)
                if number:
                    candidate = _joined(*tried.pop(answer.index), candidate)
                if number < llm.repair_rounds:
                    candidate, failure = _looked_at(candidate, setting)
                else:
                    failure = None
                if failure is not None:
                    failed[answer.index] = candidate, failure
                elif is_batch:
                    done[answer.index] = candidate
                else:
                    yield [candidate]
    except (ModelError, SpentError):
        done |= {index: candidate for index, (candidate, _) in (tried | failed).items()}
        if done:  # What was answered has been paid for.
            yield [done[index] for index in sorted(done)]
        raise
    if done:
        yield [done[index] for index in sorted(done)]


def _mending(
    tried: Mapping[int, tuple[Candidate, Failure]], prompts: Sequence[Prompt], llm: LlmConfig
) -> dict[int, Prompt]:
    """Return what is asked next for candidates that failed."""
    if llm.repair_by != "reason":
        return {index: prompts[index] for index in tried}
    return {i: render_repair(prompts[i], each.calls[-1].completion, failure) for i, (each, failure) in tried.items()}


def _looked_at(candidate: Candidate, setting: Setting) -> tuple[Candidate, Failure | None]:
    """Return a candidate with the time that looking at it took, and what is wrong with it that the model can mend.

    Nothing is where a server refused the prompt.
    """
    if candidate.program is None:
        is_answer = candidate.calls[-1].finish_reason != FinishReason.REFUSED.value
        return candidate, candidate.failure if is_answer else None
    policy = setting.config.sandbox.policy == "on"
    found = next(iter(setting.contract.check(candidate.program.source, with_policy=policy)), None)
    if found is not None or setting.verify is None:
        return candidate, found
    outcome = setting.verify(candidate.program)
    seconds = candidate.generate_s + outcome.seconds.get("total", 0.0)
    return replace(candidate, generate_s=seconds), outcome.failure


def _joined(first: Candidate, failure: Failure, second: Candidate) -> Candidate:
    """Return the second try with what the first has cost, and why there was a second."""
    before = first.facts.get("failed_before", f"{failure.stage}/{failure.kind}")
    return replace(
        second,
        calls=(*first.calls, *second.calls),
        facts={**second.facts, "failed_before": before},
        generate_s=first.generate_s + second.generate_s,
    )


def _answers(
    requests: Sequence[Request],
    prompts: Mapping[int, Prompt],
    models: Models,
    decoding: Decoding,
    seeds: Sequence[int],
) -> Iterator[ModelAnswer]:
    """Yield the answers of the writer to the prompts of some requests as they come."""
    if not prompts:
        return
    model, indices = models[WRITER], list(prompts)
    asked = list(prompts.values())
    for place, completion in model.stream(asked, decoding, seeds):
        index = indices[place]
        yield ModelAnswer(index, requests[index], completion, as_call(WRITER, model, asked[place], completion))
