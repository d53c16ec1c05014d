"""The Improver of the feedback-memory paper: it reads the last outcomes and advises any generator.

Its calls stay with the candidate they led to. What decides the whole way is that the study keeps each answer before the
writer is asked with it (`models`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from archwright.candidate import IMPROVER, WRITER, Call, Candidate, Json, Record
from archwright.generators.advice import Advice, read_advice
from archwright.generators.asking import decoding_of
from archwright.generators.generator import Generator, Models, Request, Setting
from archwright.llm.model import Completion, FinishReason, Prompt, as_call
from archwright.llm.pairs import Pair
from archwright.llm.spending import llm_of
from archwright.programs.quoting import quotable
from archwright.prompts import render_improve
from archwright.randomness import derive_seed

REPAIRS = 1
"""Times that an answer which is no advice is asked for again."""
WORDS = ("reason", "inspiration", "improvement_suggestions")
SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in WORDS},
    "required": list(WORDS),
    "additionalProperties": False,
}
"""Of an `Advice`, for servers that hold a model to it."""
LONGEST_WORDS = 400
"""Characters of a problem, a suggestion or an outcome that are quoted: the context stays as long in every cycle."""
LONGEST_SOURCE = 8_000
"""Characters of a quoted program."""
GRAMMAR = "start: %json " + json.dumps(
    {
        **SCHEMA,
        "properties": {name: {"type": "string", "minLength": 1, "maxLength": LONGEST_WORDS} for name in WORDS},
        "x-guidance": {"whitespace_flexible": False},
    }
)
"""Of an `Advice` no part of which is longer than what is quoted of it, for local models."""


class AdvisedGenerator:
    """Asks the improver first, then lets the generator it wraps write with the advice in its prompt.

    `Request.history` ends with the latest candidate; those before it, the latest once more among them, are the triples.
    Without history nobody is asked. Candidates bear the name of the generator that wrote them.
    """

    name: ClassVar[str] = "advised"
    roles: ClassVar[tuple[str, ...]] = (IMPROVER, WRITER)

    def __init__(self, inner: Generator, setting: Setting) -> None:
        self._inner, self._setting = inner, setting

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return what the writer is asked, without the advice, which is not known before the improver is asked."""
        return self._inner.prompt_for(request)

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield each candidate with the improver's calls before the writer's."""
        for request in requests:
            advice, calls, facts = self._advice(request, models)
            for some in self._inner.write([replace(request, advice=advice)], models):
                yield [self._joined(each, calls, facts) for each in some]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return the lessons of the generator that writes."""
        return self._inner.lessons(elite, known)

    def _advice(self, request: Request, models: Models) -> tuple[str, list[Call], dict[str, str]]:
        """Return what is added to the writer's prompt, the calls it took, and the facts to keep."""
        if not request.history:
            return "", [], {}
        words = f"The latest program: {self._outcome(request.history[-1])}."
        if not request.choice.get("improve"):
            return words, [], {}
        llm, model = llm_of(self._setting.config, IMPROVER), models[IMPROVER]
        decoding = replace(decoding_of(llm), schema=SCHEMA)
        calls: list[Call] = []
        prompt, facts = self._asked(request, request.history[:-1]), {"no_suggestion": ""}
        for attempt in range(1 + REPAIRS):
            (done,) = model.complete([prompt], decoding, [derive_seed(request.seed, IMPROVER, attempt)])
            calls.append(as_call(IMPROVER, model, prompt, done))
            try:
                advice = _read(done, llm.max_new_tokens)
            except ValueError as error:
                facts["no_suggestion"] = wrong = _short(str(error))
                if done.finish_reason is FinishReason.REFUSED:  # Most likely too long: without the memory it is short.
                    prompt = self._asked(request, ())
                    facts["memory"] = "left out"
                else:
                    again = f"Your last answer was not valid: {wrong}\nAnswer again, with nothing but the JSON object."
                    prompt = replace(prompt, user=f"{prompt.user}\n\n{again}")
                continue
            del facts["no_suggestion"]
            facts |= {"problem": _short(advice.reason), "suggestion": _short(advice.improvement_suggestions)}
            return f"{words}\nSuggestion: {facts['suggestion']}", calls, facts
        return words, calls, facts

    def _asked(self, request: Request, memory: Sequence[Record]) -> Prompt:
        current = request.history[-1]
        prompt = render_improve(
            [_triple(record, self._outcome(record)) for record in memory],
            _source(request.parents[0]) if request.parents else "none is valid yet",
            _source(current),
            self._outcome(current),
        )
        return replace(prompt, grammar=GRAMMAR)

    def _outcome(self, record: Record) -> str:
        outcome = record.outcome
        if outcome is not None and outcome.failure:
            return _short(f"failed at {outcome.failure.stage}/{outcome.failure.kind}: {outcome.failure.message}")
        return self._setting.told(self._setting.value(record)) or "no score"

    def _joined(self, written: Candidate, calls: Sequence[Call], facts: dict[str, str]) -> Candidate:
        return replace(
            written,
            calls=(*calls, *written.calls),
            facts={**written.facts, **facts},
            generate_s=written.generate_s + sum(call.wall_s for call in calls),
        )


def _read(done: Completion, most_tokens: int) -> Advice:
    """Return the advice in an answer; raises ValueError with what is wrong."""
    if done.finish_reason is FinishReason.REFUSED:
        raise ValueError(f"the server refused: {done.note}")
    try:
        return read_advice(done.text)
    except ValueError:
        if done.finish_reason is FinishReason.LENGTH:
            wrong = f"it was cut off after {most_tokens} tokens (max_new_tokens); answer in fewer words"
            raise ValueError(wrong) from None
        raise


def _triple(record: Record, outcome: str) -> str:
    facts = record.candidate.facts
    return f"problem: {facts.get('problem', '-')} | suggestion: {facts.get('suggestion', '-')} | outcome: {outcome}"


def _source(record: Record) -> str:
    """Return the program as it may be quoted, cut afterwards: half a program does not parse, and keeps its comments."""
    program = record.candidate.program
    return quotable(program.source)[:LONGEST_SOURCE] if program else "there is none"


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORDS]
