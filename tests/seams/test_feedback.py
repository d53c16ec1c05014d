"""Feedback memory the whole way: an improver advises the writer; both calls are rows, and the context stays short."""

import json

import pytest
from tests.seams.conftest import SPEC

from archwright.assembly import Parts
from archwright.candidate import WRITER
from archwright.config import load_config
from archwright.generators.advised import IMPROVER, AdvisedGenerator
from archwright.generators.generator import Setting
from archwright.registry import CONTRACTS, GENERATORS
from archwright.testing.models import PROGRAM_ANSWER, FakeModel

BASE = ["loop.strategy=feedback", "llm.adapter=none", "tune.enabled=false"]
GOOD_ADVICE = json.dumps({"reason": "too shallow", "improvement_suggestions": "add a layer"})
ADVICES = (GOOD_ADVICE, f"```json\n{GOOD_ADVICE}\n```")


@pytest.fixture
def feedback(run):
    def run_feedback(*settings: str, advices=ADVICES, answers=(PROGRAM_ANSWER, "no")):
        advisor, writer = FakeModel(advices, name="large"), FakeModel(answers)
        config = load_config(settings=[*BASE, *settings])
        setting = Setting(config, SPEC, CONTRACTS.load("network"))

        def parts(executor: object) -> Parts:
            generator = AdvisedGenerator(GENERATORS.load(config.loop.generator)(setting), setting)
            return Parts(generator=generator, models={IMPROVER: advisor, WRITER: writer}, executor=executor)

        return run([*BASE, *settings], parts), advisor

    return run_feedback


def memory(advisor: FakeModel) -> list[int]:
    return [prompt.user.count("problem: ") for prompt in advisor.asked]


def test_the_memory_is_five_outcomes_and_the_context_stays_as_short(feedback) -> None:
    records, advisor = feedback()
    assert max(memory(advisor)) == 5
    assert all(record.candidate.calls[0].role == IMPROVER for record in records[1:])
    assert max(len(p.user) for p in advisor.asked[9:]) <= 1.2 * max(len(p.user) for p in advisor.asked[:9])
    assert any("failed at" in prompt.user for prompt in advisor.asked)
    assert records[1].candidate.facts["suggestion"] == "add a layer"
    assert "Suggestion: add a layer" in records[1].candidate.calls[-1].prompt


def test_an_answer_that_is_no_json_is_asked_for_once_more_and_then_done_without(feedback) -> None:
    records, _ = feedback(advices=("make it better",))
    assert all([call.role for call in record.candidate.calls] == [IMPROVER] * 2 + [WRITER] for record in records[1:])
    assert {record.candidate.facts["no_suggestion"] for record in records[1:]} == {"there is no JSON object"}


@pytest.mark.parametrize(("switch", "most"), [("k=0", 0), ("k=all", 17)])
def test_the_length_of_the_memory_is_a_setting(feedback, switch: str, most: int) -> None:
    assert max(memory(feedback(f"feedback.{switch}")[1])) == most


@pytest.mark.parametrize("switch", ["improver=false", "iid=true"])
def test_without_an_improver_nobody_is_asked_for_advice(feedback, switch: str) -> None:
    assert not feedback(f"feedback.{switch}")[1].asked


def test_without_failures_the_memory_holds_scores_only(feedback) -> None:
    asked = feedback("feedback.failures=false")[1].asked
    assert not any("| outcome: failed" in prompt.user for prompt in asked)


def test_a_shuffled_memory_holds_the_same_lines_in_another_order(feedback) -> None:
    plain, shuffled = (
        feedback("feedback.k=all", f"feedback.shuffled={on}")[1].asked[-1].user for on in ("false", "true")
    )
    assert plain != shuffled
    assert sorted(plain.split("\n")) == sorted(shuffled.split("\n"))


def test_an_edit_is_advised_as_a_whole_program_is(feedback) -> None:
    edit = "@@ ... @@\n import torch.nn as nn\n+\n+WIDTH = 8\n"
    records, _ = feedback("loop.generator=delta", answers=(edit, "@@ ... @@\n-no such line\n+whatever\n"))
    assert "Suggestion: add a layer" in records[1].candidate.calls[-1].prompt
    assert any(record.candidate.facts.get("how") for record in records)
