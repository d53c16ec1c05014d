"""Limits of tokens and money, by the counts of a server that is a process of its own on the loopback interface."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.llm.test_awkward import serving
from tests.seams.conftest import SPEC

from archwright.archive import Archive
from archwright.assembly import Parts
from archwright.candidate import IMPROVER
from archwright.cli.answer import stdout_console
from archwright.cli.running import run_study
from archwright.config import LlmConfig, StudyConfig
from archwright.configuring import changed_config, load_config
from archwright.errors import SpentError, UsageError
from archwright.llm.model import Decoding, Prompt
from archwright.llm.registry import check_model
from archwright.llm.spending import Meter, MeteredModel, Spending
from archwright.study import Study
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.models import FakeModel

PROMPT = Prompt("You are brief.", "Write a network.")
DECODING = Decoding(0.2, 50, 0.9, max_new_tokens=100)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


def searched(stack: ExitStack, folder: Path, mode: str, *settings: str) -> Study:
    model = f"llm.model=openai:{serving(stack, mode)}#m"
    config = load_config("feedback", ["task=digits", "loop.cycles=1", "loop.candidates=4", model, *settings])
    study = Study(config, folder, parts=Parts(spec=SPEC, executor=SerialExecutor(FakeEvaluator())))
    return stack.enter_context(study)


def metered(**limits: float) -> tuple[MeteredModel, FakeModel]:
    inner = FakeModel(["one two three"])
    return MeteredModel(inner, Meter("llm", LlmConfig(**limits), Spending())), inner


def test_no_request_is_sent_that_may_go_beyond_the_limit() -> None:
    model, inner = metered(max_tokens_total=250)
    with pytest.raises(SpentError) as caught:
        model.complete([PROMPT] * 40, DECODING, list(range(40)))
    # 9 tokens each; a next one may take 11 for its prompt and 100 for its answer.
    assert len(inner.asked) == (250 - 111) // 9 + 1
    assert "(llm.max_tokens_total), and the next request may use 111" in caught.value.what


def test_money_is_prices_times_tokens_per_million() -> None:
    model, inner = metered(price_in=1_000, price_out=100_000, max_cost=20.5)
    with pytest.raises(SpentError, match=r"is spent of 20\.5 \(llm\.max_cost\), and .* may cost 10\.0110"):
        model.complete([PROMPT] * 60, DECODING, list(range(60)))
    cost = (6 * 1_000 + 3 * 100_000) / 1e6
    assert len(inner.asked) == int((20.5 - 10.011) / cost) + 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [({"max_cost": 1.0}, "price_in and price_out"), ({"max_tokens_total": 9}, "smollm2-135m runs here")],
)
def test_limits_that_limit_nothing_are_refused(limits: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_model(LlmConfig(**limits))


def test_limits_and_prices_can_be_changed_in_a_study_that_has_begun() -> None:
    config = load_config("feedback", ["improver.model=replay:x"])
    for name in ("price_in", "price_out", "max_cost", "max_tokens_total"):
        for section in ("llm", "improver"):
            changed = changed_config(config, [f"{section}.{name}=7"])
            assert getattr(getattr(changed, section), name) == 7
    with pytest.raises(UsageError, match="max_new_tokens"):
        changed_config(config, ["improver.max_new_tokens=7"])


def test_a_study_stops_at_its_limit_with_what_to_do_and_reasoning_counts(stack: ExitStack, tmp_path: Path) -> None:
    study = searched(stack, tmp_path / "run", "reasoned", "llm.max_tokens_total=5500", "feedback.improver=false")
    result = study.run()
    assert (result.reason, result.totals.evaluated, result.totals.completion_tokens) == ("limit", 3, 3 * 1_020)
    assert result.limit is not None
    assert result.limit.remedy == "go on with: archwright resume DIR --set llm.max_tokens_total=11000"


def test_the_command_ends_with_what_was_found_what_it_cost_and_how_to_go_on(stack: ExitStack, tmp_path: Path) -> None:
    folder = tmp_path / "a run"
    limits = ("llm.max_cost=0.25", "llm.price_in=1", "llm.price_out=100")
    settings = (f"llm.model=openai:{serving(stack, 'reasoned')}#m", "feedback.iid=true", *limits)
    config = load_config("feedback", ["task=digits", "loop.cycles=1", "loop.candidates=4", *settings])
    parts = Parts(spec=SPEC, executor=SerialExecutor(FakeEvaluator()))
    answer = run_study(folder, lambda observers: Study(config, folder, observers, parts=parts))
    assert (answer.exit_code, answer.document["reason"]) == (1, "limit")
    stack.enter_context(console := stdout_console(io.StringIO())).begin_capture()
    answer.show(console)
    shown = console.end_capture()
    assert "Language models cost 0.1020 at the prices given." in shown
    assert shown.rstrip().endswith(
        f"request may cost 0.2052 — go on with: archwright resume '{folder}' --set llm.max_cost=0.5"
    )


def test_tokens_that_nobody_counts_are_estimated_and_the_report_says_so(stack: ExitStack, tmp_path: Path) -> None:
    totals = searched(stack, tmp_path / "run", "uncounted", "feedback.iid=true").run().totals
    assert totals.estimated_calls == 4
    assert totals.prompt_tokens > 400


def test_a_pause_that_the_server_asks_for_is_kept_and_nothing_is_lost(stack: ExitStack, tmp_path: Path) -> None:
    result = searched(stack, tmp_path / "run", "too_many", "feedback.iid=true").run()
    assert (result.reason, result.totals.valid) == ("complete", 4)


@pytest.mark.parametrize(("mode", "form"), [("schema_refused", "json_object"), ("json_refused", "none")])
def test_the_improver_is_held_to_its_form_as_far_as_the_server_can(
    stack: ExitStack, tmp_path: Path, mode: str, form: str
) -> None:
    searched(stack, tmp_path / "run", mode).run()
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        advised = archive.records()[1:]
    assert {record.candidate.facts["suggestion"] for record in advised} == {form}
    assert {call.role for record in advised for call in record.candidate.calls[:1]} == {IMPROVER}


def test_a_context_that_is_too_long_for_the_memory_goes_on_without_it(stack: ExitStack, tmp_path: Path) -> None:
    result = searched(stack, tmp_path / "run", "improver_too_long").run()
    assert (result.reason, result.totals.valid) == ("complete", 4)
    with Archive.open(tmp_path / "run", read_only=True) as archive:
        facts = [dict(record.candidate.facts) for record in archive.records()]
    assert [each.get("memory") for each in facts] == [None, *["left out"] * 3]
    assert [each.get("suggestion") for each in facts] == [None, "s", "s", "s"]


def test_the_configuration_says_what_unit_prices_have() -> None:
    assert "a million tokens" in str(StudyConfig.model_fields["llm"].annotation.model_fields["price_in"].description)  # type: ignore[union-attr]
