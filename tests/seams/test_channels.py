"""Channels: the model answers with a width vector, which is applied to the parent's source."""

import json
import re
from collections.abc import Iterator, Sequence

from archwright.assembly import Parts
from archwright.candidate import WRITER, Call, Candidate, Failure, FailureKind, Program, Record, Stage
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Models, Request
from archwright.llm.model import Decoding, Prompt
from archwright.llm.pairs import Pair
from archwright.strategies.strategy import View
from archwright.testing.models import FakeModel
from archwright.testing.programs import GOOD


class WidthGenerator:
    name, roles = "widths", (WRITER,)

    def prompt_for(self, request: Request) -> Prompt:
        return Prompt("Answer with a JSON list of widths.", GOOD.source)

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        prompts = [self.prompt_for(request) for request in requests]
        seeds = [request.seed for request in requests]
        answers = models[WRITER].complete(prompts, Decoding(0.8, 0, 1, 32), seeds)
        yield [self._candidate(request, answer.text) for request, answer in zip(requests, answers, strict=True)]

    def _candidate(self, request: Request, answer: str) -> Candidate:
        call = Call(WRITER, "", answer, "fake")
        try:
            (width,) = json.loads(answer)
        except ValueError as error:
            failure = Failure(Stage.WRITE, FailureKind.MALFORMED, f"not a list of one width: {error}")
            return request.candidate(self.name, failure, calls=(call,))
        source = re.sub(r"\b\d+\b(?=, 3, padding)", str(width), GOOD.source) + f"# {width}\n"
        return request.candidate(self.name, Program(source), calls=(call,), facts={"widths": [width]})

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return [Pair(Prompt("", ""), json.dumps(record.candidate.facts["widths"])) for record in elite]


class Plain(ThresholdAdmission):
    learns = False

    def ask(self, view: View) -> list[Request]:
        return [Request()] * min(3, view.left)


def test_a_malformed_vector_is_data_and_the_widths_are_kept(run) -> None:
    def parts(executor: object) -> Parts:
        models = {WRITER: FakeModel(["[24]", "[40]", "wide, please"])}
        return Parts(strategy=Plain(), generator=WidthGenerator(), models=models, executor=executor)

    records = run(["llm.adapter=none", "tune.enabled=false"], parts)
    malformed = [record for record in records if record.candidate.failure]
    assert {record.outcome.failure.kind for record in malformed} == {FailureKind.MALFORMED}
    assert {tuple(record.candidate.facts["widths"]) for record in records if record not in malformed} <= {(24,), (40,)}
