"""The Improver of the feedback-memory paper: it reads the last outcomes and advises any generator.

Its calls stay with the candidate they led to, and are archived with it before its outcome can be anybody's history.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel, Field, ValidationError

from archwright.candidate import WRITER, Call, Candidate, Record
from archwright.generators.asking import decoding_of
from archwright.generators.generator import Generator, Models, Request, Setting
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair
from archwright.prompts import render_improve
from archwright.randomness import derive_seed

IMPROVER = "improver"
LONGEST_WORDS = 400
"""Characters of a problem, a suggestion or an outcome that are quoted: the context stays as long in every cycle."""
LONGEST_SOURCE = 8_000
"""Characters of a quoted program."""


class Advice(BaseModel):
    """What the Improver answers."""

    reason: str = Field(min_length=1)
    inspiration: str = ""
    improvement_suggestions: str = Field(min_length=1)


class AdvisedGenerator:
    """Asks the improver first, then lets the generator it wraps write with the advice in its prompt.

    `Request.history` ends with the latest candidate; those before it are the triples. Without history nobody is asked.
    """

    roles: ClassVar[tuple[str, ...]] = (IMPROVER, WRITER)

    def __init__(self, inner: Generator, setting: Setting) -> None:
        self._inner, self._setting = inner, setting
        self.name = inner.name

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
        *triples, current = request.history
        words = f"The latest program: {self._outcome(current)}."
        if not request.choice.get("improve"):
            return words, [], {}
        asked = render_improve(
            [_triple(record, self._outcome(record)) for record in triples],
            _source(request.parents[0]) if request.parents else "none is valid yet",
            _source(current),
            self._outcome(current),
        )
        calls: list[Call] = []
        prompt, wrong = asked, ""
        model, config = models[IMPROVER], self._setting.config
        llm = config.improver if config.improver.model else config.llm
        for attempt in range(2):
            seed = derive_seed(request.seed, IMPROVER, attempt)
            (done,) = model.complete([prompt], decoding_of(llm), [seed])
            calls.append(
                Call(
                    IMPROVER,
                    str(prompt),
                    done.text,
                    model.name,
                    model.adapter,
                    done.prompt_tokens,
                    done.completion_tokens,
                    done.finish_reason.value,
                    done.wall_s,
                )
            )
            try:
                advice = _read(done.text)
            except ValueError as error:
                wrong = _short(str(error))
                prompt = Prompt(asked.system, f"{asked.user}\n\nYour last answer was not valid: {wrong}\nAnswer again.")
                continue
            suggestion = _short(advice.improvement_suggestions)
            facts = {"problem": _short(advice.reason), "suggestion": suggestion}
            return f"{words}\nSuggestion: {suggestion}", calls, facts
        return words, calls, {"no_suggestion": wrong}

    def _outcome(self, record: Record) -> str:
        outcome, metric = record.outcome, self._setting.contract.metric
        if outcome is not None and outcome.failure:
            return _short(f"failed at {outcome.failure.stage}/{outcome.failure.kind}: {outcome.failure.message}")
        value = record.value(metric.name)
        return "no score" if value is None else f"{metric.format(value)} {metric.name}"

    def _joined(self, written: Candidate, calls: Sequence[Call], facts: dict[str, str]) -> Candidate:
        return replace(
            written,
            calls=(*calls, *written.calls),
            facts={**written.facts, **facts},
            generate_s=written.generate_s + sum(call.wall_s for call in calls),
        )


def _read(text: str) -> Advice:
    """Return the JSON object in `text`; raises ValueError with what is wrong."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise ValueError("there is no JSON object")
    try:
        return Advice.model_validate(json.loads(text[start : end + 1], strict=False))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _triple(record: Record, outcome: str) -> str:
    facts = record.candidate.facts
    return f"problem: {facts.get('problem', '-')} | suggestion: {facts.get('suggestion', '-')} | outcome: {outcome}"


def _source(record: Record) -> str:
    return record.candidate.program.source[:LONGEST_SOURCE] if record.candidate.program else "there is none"


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORDS]
