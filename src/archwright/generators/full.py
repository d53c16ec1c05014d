"""The `full` generator: the model writes the whole program (closed-loop paper, section I)."""

import random
from collections.abc import Sequence
from typing import ClassVar

from archwright.candidate import Program, Record
from archwright.corpus.beginning import runs_at
from archwright.generators.asking import AskingGenerator
from archwright.generators.generator import Request
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair
from archwright.programs.inference import infer_inputs
from archwright.programs.quoting import quotable
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.randomness import derive_seed
from archwright.task import Classes


class FullGenerator(AskingGenerator):
    """Asks the model for whole programs; parents and examples are quoted."""

    name: ClassVar[str] = "full"

    def prompt_for(self, request: Request) -> Prompt:
        """Return the prompt of one request."""
        config = self._setting.config
        examples = [self._example(record) for record in (*request.parents, *request.examples)]
        return render_full(self._setting.spec, config.budget, config.llm.form, examples)

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return one pair per program and wording (closed-loop paper, section C): `known`, then `elite`.

        The elite's prompts are those that were asked; `known` programs are asked for in the words of a cycle to come,
        with as many examples.
        """
        config = self._setting.config
        own = self._setting.spec
        specs = DUAL_TASK_SPECS if config.tune.dual_task and isinstance(own.target, Classes) else (own,)
        lessons = []
        for record in known:
            examples = self._examples_beside(record, known)
            suited = [spec for spec in specs if runs_at(record, spec)]
            prompts = [render_full(spec, config.budget, config.llm.form, examples) for spec in suited]
            lessons += self._pairs(prompts, infer_inputs(record.program.source))
        for record in elite:
            lessons += self._pairs([self._asked(record)], record.program.source)
        return lessons

    def _pairs(self, prompts: Sequence[Prompt], source: str) -> list[Pair]:
        """Return a pair per prompt for what of `source` trains alone; with a code fence in it that is no answer."""
        source = quotable(source)
        if self._setting.config.llm.form == "full":
            source = self._setting.contract.complete(source)
        return [] if "```" in source else [make_pair(prompt, source) for prompt in prompts]

    def _examples_beside(self, record: Record, known: Sequence[Record]) -> list[tuple[Program, str | None]]:
        config, digest = self._setting.config, record.program.digest
        others = [self._example(each) for each in known if each.program.digest != digest]
        draw = random.Random(derive_seed(config.seed, "lesson", digest))
        return draw.sample(others, min(config.llm.examples, len(others)))

    def _example(self, record: Record) -> tuple[Program, str | None]:
        return record.program, self._setting.told(self._setting.value(record))
