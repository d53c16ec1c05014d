"""Feedback: a critic, a role of this file alone, reads what became of the latest candidate, and the writer obeys."""

from collections.abc import Iterator, Sequence

from archwright.assembly import Parts
from archwright.candidate import WRITER, Candidate, Program, Record
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Models, Request
from archwright.llm.model import Decoding, Prompt, as_call
from archwright.llm.pairs import Pair
from archwright.strategies.strategy import View
from archwright.testing.models import FakeModel
from archwright.testing.programs import GOOD

CRITIC = "critic"


class OneByOne(ThresholdAdmission):
    learns = False

    def ask(self, view: View) -> list[Request]:
        return [] if view.is_pending or not view.left else [Request(history=tuple(view.records[-2:]))]


class CriticisedGenerator:
    name, roles = "criticised", (CRITIC, WRITER)

    def prompt_for(self, request: Request) -> Prompt:
        return Prompt("", " ".join(str(record.outcome) for record in request.history))

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        for request in requests:
            prompt, calls = self.prompt_for(request), []
            for role in self.roles:
                (answer,) = models[role].complete([prompt], Decoding(0.8, 0, 1, 32), [request.seed])
                calls.append(as_call(role, models[role], prompt, answer))
                prompt = Prompt(answer.text, GOOD.source)
            written = Program(f"{GOOD.source}# {answer.text} {request.key}\n")
            yield [request.candidate(self.name, written, calls=tuple(calls), facts={"advice": calls[0].completion})]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return []


def test_a_critic_of_its_own_is_heard_before_the_writer(run) -> None:
    def parts(executor: object) -> Parts:
        models = {CRITIC: FakeModel(["wider", "deeper"]), WRITER: FakeModel(["as you say"])}
        return Parts(strategy=OneByOne(), generator=CriticisedGenerator(), models=models, executor=executor)

    records = run(["llm.adapter=none", "tune.enabled=false"], parts)
    assert {tuple(call.role for call in record.candidate.calls) for record in records} == {(CRITIC, WRITER)}
    first, second, *_ = [record.candidate.calls[0].prompt for record in records]
    assert first == "\n\n"
    assert "accuracy" in second
