"""Feedback memory: an improver reads the last outcomes and advises the writer; both calls are rows."""

from collections.abc import Iterator, Sequence

from archwright.assembly import Parts
from archwright.candidate import WRITER, Call, Candidate, Program, Record
from archwright.elite import ThresholdAdmission
from archwright.generators.full import extract_program
from archwright.generators.generator import Models, Request
from archwright.llm.model import Decoding, Prompt
from archwright.llm.pairs import Pair
from archwright.strategies.strategy import View
from archwright.testing.models import PROGRAM_ANSWER, FakeModel

DECODING = Decoding(0.7, 0, 0.9, 64)


class AdvisedGenerator:
    name, roles = "advised", ("improver", WRITER)

    def prompt_for(self, request: Request) -> Prompt:
        outcomes = [record.outcome for record in request.history]
        return Prompt("Advise.", "\n".join(o.failure.message if o.failure else str(o.scores.values) for o in outcomes))

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        for request in requests:
            prompt, calls = self.prompt_for(request), []
            for role in self.roles:
                (answer,) = models[role].complete([prompt], DECODING, [request.seed])
                calls.append(Call(role, str(prompt), answer.text, models[role].name))
                prompt = Prompt("Write a network.", answer.text)
            yield [request.candidate(self.name, Program(extract_program(answer.text)), calls=tuple(calls))]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return []


class LastFive(ThresholdAdmission):
    learns = False

    def ask(self, view: View) -> list[Request]:
        return [] if view.is_pending or not view.left else [Request(history=tuple(view.records[-5:]))]


def test_two_roles_leave_two_calls_and_the_context_stays_short(run) -> None:
    advisor, writer = FakeModel(["add a layer", "widen it"], name="large"), FakeModel([PROGRAM_ANSWER, "no"])

    def parts(executor: object) -> Parts:
        models = {"improver": advisor, WRITER: writer}
        return Parts(strategy=LastFive(), generator=AdvisedGenerator(), models=models, executor=executor)

    records = run(["llm.adapter=none", "tune.enabled=false"], parts)
    assert [[(call.role, call.model) for call in record.candidate.calls] for record in records] == [
        [("improver", "large"), (WRITER, "fake")]
    ] * len(records)
    assert max(len(prompt.user.split("\n")) for prompt in advisor.asked) <= 5
