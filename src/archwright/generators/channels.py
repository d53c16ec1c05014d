"""The `channels` generator: the widths of a known program change and nothing else (arXiv 2601.08517).

Which numbers of a text are widths and which have to change together is found by following the program in a box; the
widths are then chosen at random, by evolution, by one factor, or by a model, and only digits of the text change. A
model answers with widths as JSON, which are applied here, or with code, as published.
"""

import json
import random
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from archwright.candidate import WRITER, Candidate, Failure, FailureKind, Json, Program, Record, Stage
from archwright.configuring import options_of
from archwright.errors import UnknownNameError
from archwright.evaluation.width_tracing import WidthTracer
from archwright.generators.asking import ModelAnswer, whole_program, written
from archwright.generators.generator import Models, Request, Setting
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair
from archwright.programs.channels.grammar import widths_grammar
from archwright.programs.channels.vectors import read_vector
from archwright.programs.channels.widths import Ungrouped, WidthError, Widths, matched, random_widths, scaled
from archwright.programs.quoting import quotable
from archwright.prompts import render_channels
from archwright.randomness import derive_seed
from archwright.task import Frozen

TRIES = 20
"""Draws before one that is beyond the budget is taken all the same."""
FACTORS = (-1.0, 1.0)
"""Powers of two between which `scaling` draws its factor."""


class ChannelsOptions(Frozen):
    """How widths are chosen."""

    mode: Literal["random", "evolution", "scaling", "parent", "vector", "code"] = Field(
        "evolution",
        description="random: every width anew, between half and twice the parent's | evolution: one or a few | "
        "scaling: all by one factor | parent: none, the noise of training | vector: a model answers with widths as "
        "JSON | code: a model writes the program, as published.",
    )
    network: str = Field("", description="Seed network that takes the place of every other; empty: all of them.")
    match: bool = Field(
        False, description="Scale the widths until the parameters are those of `network` (else of the parent)."
    )
    tolerance: float = Field(0.05, gt=0, lt=1, description="By what share matched parameters may differ.")


class ChannelsGenerator:
    """Changes the widths of the first parent; a request without one starts from a starter drawn by its seed."""

    name: ClassVar[str] = "channels"
    Options = ChannelsOptions

    def __init__(self, setting: Setting, tracer: WidthTracer | None = None) -> None:
        """Follow programs by `tracer`, its own by default; raises UnknownNameError for a network there is not."""
        config = setting.config
        self._setting, self._options = setting, options_of(config, self.name, ChannelsOptions)
        self.roles: tuple[str, ...] = (WRITER,) if self._options.mode in ("vector", "code") else ()
        if tracer is None:
            tracer = WidthTracer(setting.spec, setting.contract, config.recipe, config.sandbox)
            weakref.finalize(self, tracer.close)
        self._tracer = tracer
        starters = setting.starting
        named = {record.candidate.operation or "": record for record in starters}
        if self._options.network and self._options.network not in named:
            raise UnknownNameError.of("starter", self._options.network, list(named))
        self._network = named.get(self._options.network) if self._options.network else None
        self._starters = list(starters) if self._network is None else [self._network]
        self._replaced = {record.program.digest for record in starters}

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return the prompt of one request; None where no model is asked."""
        return self._asked(self._parent(request)) if self.roles else None

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield candidates as they are made; raises EvaluatorError when no box can be started, ModelError as `full`."""
        if self.roles:
            prompts = [self._asked(self._parent(request)) for request in requests]
            yield from written(requests, prompts, models, self._setting, self._read)
        else:
            for request in requests:
                yield [self._changed(request)]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return a pair per program that has widths: the prompt that shows it at others, and the answer.

        A program that a model answered with is taught by the prompt that was asked.
        """
        lessons = [self._lesson(record) for record in (*elite, *known)] if self.roles else []
        return [lesson for lesson in lessons if lesson is not None]

    def _changed(self, request: Request) -> Candidate:
        """Return the candidate of a request that asks no model."""
        started = time.perf_counter()
        parent = self._parent(request)
        widths = self._tracer.trace(parent.program)
        if isinstance(widths, Ungrouped):
            return self._failed(request, parent, f"its widths cannot be changed: {widths.message}", widths)
        try:
            values = self._drawn(request, widths)
            source = widths.applied(values)
        except WidthError as error:
            return self._failed(request, parent, str(error))
        return request.candidate(
            self.name,
            Program(source),
            parents=(parent.program.digest,),
            facts=_facts(widths, values),
            generate_s=time.perf_counter() - started,
        )

    def _drawn(self, request: Request, widths: Widths) -> dict[str, int]:
        """Return widths by the mode, the first of a few draws that is within the budget (and matched).

        Raises WidthError where all of them are the widths that the parent has, or none could be matched.
        """
        rng = random.Random(derive_seed(request.seed, "widths"))
        changed = max(1, request.mutations) if self._options.mode == "evolution" else len(widths.groups)
        limit = self._setting.config.budget.max_params
        own = dict(widths.groups)
        beyond: dict[str, int] | None = None
        if self._options.mode == "parent":
            return own
        for _ in range(TRIES):
            if self._options.mode == "scaling":
                values = scaled(widths, 2 ** rng.uniform(*FACTORS))
            else:
                values = random_widths(widths, rng, changed)
            fitted = self._matched(widths, values)
            if fitted is None or own == {**own, **fitted}:
                continue
            if not (limit and widths.count(fitted) > limit):
                return fitted
            beyond = fitted
        if beyond is None:
            matching = " with as many parameters" if self._options.match else ""
            raise WidthError(f"{TRIES} draws gave no other widths{matching} than it has")
        return beyond

    def _matched(self, widths: Widths, values: dict[str, int]) -> dict[str, int] | None:
        """Return `values`, scaled to the parameters of the network they are compared with where that is asked for."""
        if not self._options.match:
            return values
        reference = widths if self._network is None else self._tracer.trace(self._network.program)
        params = widths.count({}) if isinstance(reference, Ungrouped) else reference.count({})
        return matched(widths, values, params, self._options.tolerance)

    def _read(self, answer: ModelAnswer) -> Candidate:
        """Return the candidate of a model's answer."""
        if refused := answer.refused(self.name):
            return refused
        parent = self._parent(answer.request)
        origin = (parent.program.digest,)
        if self._options.mode == "code":
            return replace(whole_program(self.name, self._setting, answer), parents=origin)
        widths = self._tracer.trace(parent.program)
        if isinstance(widths, Ungrouped):
            return self._failed(
                answer.request, parent, f"its widths cannot be changed: {widths.message}", widths, answer
            )
        try:
            values = self._answered(widths, answer.completion.text)
            source = widths.applied(values)
        except WidthError as error:
            return self._failed(answer.request, parent, str(error), answer=answer)
        return answer.candidate(self.name, Program(source), parents=origin, facts=_facts(widths, values))

    def _answered(self, widths: Widths, text: str) -> dict[str, int]:
        """Return the widths in an answer; raises WidthError for ones that cannot be, in words for the next try."""
        values = read_vector(text, widths.groups)
        widths.applied(values)
        if {**widths.groups, **values} == widths.groups:
            raise WidthError("these are the widths it has; change at least one")
        fitted = self._matched(widths, values)
        if fitted is None:
            form = json.dumps(dict(widths.groups))
            raise WidthError(f"no multiple of these widths has the parent's parameters; it has {form}")
        limit = self._setting.config.budget.max_params
        if limit and (params := widths.count(fitted)) > limit:
            raise WidthError(f"these widths give {params:,} parameters; the limit is {limit:,} (budget.max_params)")
        return fitted

    def _failed(
        self,
        request: Request,
        parent: Record,
        words: str,
        why: Ungrouped | None = None,
        answer: ModelAnswer | None = None,
    ) -> Candidate:
        """Return a candidate without a program."""
        return request.candidate(
            self.name,
            Failure(Stage.WRITE, FailureKind.MALFORMED, words),
            parents=(parent.program.digest,) if request.parents else (),
            calls=(answer.call,) if answer else (),
            facts={"ungrouped": why.reason.value} if why else {},
            generate_s=answer.completion.wall_s if answer else 0.0,
        )

    def _parent(self, request: Request) -> Record:
        """Return the program whose widths change: the named network in place of any other starter."""
        parent = request.parent(self._starters)
        if not request.parents:
            return parent
        is_starter = self._network is not None and parent.candidate.program is not None
        return self._network if self._network and is_starter and parent.program.digest in self._replaced else parent

    def _asked(self, parent: Record) -> Prompt:
        """Return the prompt about `parent`, whose answer is held to the widths there are where that is asked for."""
        prompt, config = self._prompt(parent), self._setting.config
        widths = self._tracer.trace(parent.program)
        if self._options.mode == "code" or isinstance(widths, Ungrouped) or not config.llm.constrained:
            return prompt
        limit = 0 if self._options.match else config.budget.max_params
        return replace(prompt, grammar=widths_grammar(widths, limit))

    def _prompt(self, parent: Record, source: str | None = None) -> Prompt:
        """Return the prompt about `parent`, shown with its own widths or as `source`."""
        config = self._setting.config
        program = parent.program if source is None else Program(source)
        score = self._setting.told(self._setting.value(parent)) if source is None else None
        widths = self._tracer.trace(program)
        groups = {} if isinstance(widths, Ungrouped) else widths.shown()
        form = json.dumps({} if isinstance(widths, Ungrouped) else dict(widths.groups))
        mode: Literal["vector", "code"] = "code" if self._options.mode == "code" else "vector"
        return render_channels(self._setting.spec, config.budget, mode, program, score, groups, form)

    def _lesson(self, record: Record) -> Pair | None:
        call = record.candidate.first_asked
        widths = self._tracer.trace(record.program)
        if isinstance(widths, Ungrouped):
            return None
        own = record.candidate.facts.get("widths")
        if call and record.candidate.generator == self.name:
            prompt = Prompt.parse(call.prompt)
        else:
            rng = random.Random(derive_seed(self._setting.config.seed, "lesson", record.program.digest))
            prompt = self._prompt(record, widths.applied(random_widths(widths, rng, len(widths.groups))))
        if self._options.mode == "code":
            source = quotable(record.program.source)
            return None if "```" in source else make_pair(prompt, source)
        return Pair(prompt, json.dumps(own if isinstance(own, Mapping) else dict(widths.groups)))


def _facts(widths: Widths, values: Mapping[str, int]) -> dict[str, Json]:
    """Return what changed."""
    after = {**widths.groups, **values}
    words = [f"{name} {old} -> {after[name]}" for name, old in widths.groups.items() if after[name] != old]
    return {
        "operation": "widths " + ", ".join(words) if words else "unchanged widths",
        "widths_before": dict(widths.groups),
        "widths": after,
        "groups": len(widths.groups),
        "params_before": widths.count({}),
        "params": widths.count(values),
    }
