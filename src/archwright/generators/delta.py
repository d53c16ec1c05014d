"""The `delta` generator: the model edits a known program with a unified diff ("Delta-Based NAS", arXiv 2605.04903).

The diff is about the parent as the prompt shows it, and is applied exactly or refused: a refusal is a candidate without
a program, with words that say what would have been right. The change of score against the parent is for the analysis.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from archwright.candidate import Candidate, Program, Record
from archwright.corpus.beginning import runs_at
from archwright.generators.asking import AskingGenerator, ModelAnswer, mended
from archwright.generators.generator import Request, Setting
from archwright.llm.model import FinishReason, Prompt
from archwright.llm.pairs import Pair
from archwright.programs.mutation import mutate
from archwright.programs.patching import Refused, apply_patch, compact_diff, diff_grammar, edited_lines, unified_diff
from archwright.prompts import render_delta, shown, shown_in
from archwright.randomness import derive_seed


class DeltaGenerator(AskingGenerator):
    """Asks for a diff of the first parent; a request without one starts from a starter drawn by its seed."""

    name: ClassVar[str] = "delta"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._starters = setting.starting

    def prompt_for(self, request: Request) -> Prompt:
        """Return the prompt of one request."""
        parent = request.parent(self._starters)
        prompt = self._prompt(parent.program, self._setting.value(parent))
        is_held = self._setting.config.llm.constrained
        return replace(prompt, grammar=diff_grammar(shown(parent.program))) if is_held else prompt

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return a pair per program: the prompt that shows a worse one, and the diff that leads from it to this one.

        The worse one is the parent that the prompt showed, or the one that an edit of a corpus begins with. A program
        that came about otherwise has none: it is shown with a random change, which teaches how a diff is written and
        that the change goes the other way. The diff is the published one where whole programs are asked for, else the
        least that is applied.
        """
        values = {record.program.digest: self._setting.value(record) for record in elite}
        lessons = [self._lesson(record, values) for record in elite]
        lessons += [self._lesson(record, {}) for record in known if runs_at(record, self._setting.spec)]
        return [lesson for lesson in lessons if lesson is not None]

    def _candidate(self, answer: ModelAnswer) -> Candidate:
        parent = answer.request.parent(self._starters)
        origin = (parent.program.digest,)
        if refused := answer.refused(self.name):
            return refused
        base, text = shown(parent.program), answer.completion.text
        if answer.completion.finish_reason is FinishReason.LENGTH and not _is_closed(text):
            words = "the answer was cut off; answer with a shorter diff"
            return answer.failed(self.name, words, parents=origin, facts={"refused": "cut_off"})
        result = apply_patch(base, text)
        if isinstance(result, Refused):
            facts = {"refused": result.reason.value, "hunk": result.hunk}
            return answer.failed(self.name, result.message, parents=origin, facts=facts)
        repaired = mended(result.source, self._setting)
        facts = {
            "how": result.how.value,
            "hunks": result.hunks,
            "edited_lines": edited_lines(base, repaired.source),
            "repair": repaired.repair.value,
        }
        return answer.candidate(self.name, Program(repaired.source), parents=origin, facts=facts)

    def _prompt(self, parent: Program, value: float | None) -> Prompt:
        return render_delta(self._setting.spec, self._setting.config.budget, parent, self._setting.told(value))

    def _lesson(self, record: Record, values: dict[str, float | None]) -> Pair | None:
        """Return the lesson of one program; None where its parent was as good, or a diff cannot say it."""
        call, new = record.candidate.first_asked, shown(record.program)
        worse = shown_in(call.prompt) if call and record.candidate.generator == self.name else None
        if call and worse is not None:
            before = values.get(next(iter(record.candidate.parents), ""))
            value, metric = self._setting.value(record), self._setting.contract.metric
            if before is not None and value is not None and metric.key(value) <= metric.key(before):
                return None
            prompt = Prompt.parse(call.prompt)
        elif isinstance(taught := record.candidate.facts.get("worse"), str):
            worse, score = shown(Program(taught)), record.candidate.facts.get("worse_score")
            # Half of them without the score, since a study's starters have none.
            told = score if isinstance(score, float) and derive_seed(0, taught, new) % 2 else None
            prompt = self._prompt(Program(worse), told)
        else:
            rng = random.Random(derive_seed(self._setting.config.seed, "lesson", record.program.digest))
            try:
                worse = mutate(new, rng).source
            except ValueError:
                return None
            prompt = self._prompt(Program(worse), None)
        is_published = self._setting.config.llm.form == "full"
        diff = "\n".join(unified_diff(worse, new) if is_published else compact_diff(worse, new))
        return Pair(prompt, f"```diff\n{diff}\n```") if diff and "```" not in diff else None


def _is_closed(text: str) -> bool:
    """Return whether the last fence of an answer is closed."""
    fences = sum(line.startswith("```") for line in text.split("\n"))
    return fences > 0 and fences % 2 == 0
