import json
from dataclasses import replace

import pytest

from archwright.candidate import WRITER, FailureKind, Key, Program, Stage
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.errors import UnknownNameError
from archwright.generators.channels import ChannelsGenerator
from archwright.generators.generator import Generator, Request, Setting
from archwright.programs.channels.grammar import widths_grammar
from archwright.programs.channels.widths import Ungrouped, WidthReason, Widths
from archwright.starters import load_seed_corpus
from archwright.task import DataSpec
from archwright.testing.generators import GOOD, GeneratorContract, parent_of, written
from archwright.testing.models import FakeModel

SPEC = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)
SOURCE = GOOD.replace("        self.fc", "        self.a, self.b = 64, 96  # widths\n        self.fc")
WIDTHS = Widths(SOURCE, {"w0": 64, "w1": 96}, {0: "w0", 1: "w1"}, (), (["Mul", "w0", "w1"],))
PARENT = parent_of(SOURCE)


class FakeTracer:
    """Knows the widths of one text, and of a network in whose place it stands."""

    def trace(self, program: Program) -> Widths | Ungrouped:
        if program.source in (SOURCE, GOOD, PLAIN.source):
            return WIDTHS
        return Ungrouped(WidthReason.UNSOUND, "no network")


PLAIN = load_seed_corpus()[0].program


def channels(*settings: str) -> ChannelsGenerator:
    config = load_config(settings=["loop.generator=channels", *settings])
    return ChannelsGenerator(Setting(config, SPEC, NETWORK), FakeTracer())


class TestChannels(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return channels()


class TestChannelsByAModel(GeneratorContract):
    @pytest.fixture(params=["vector", "code"])
    def generator(self, request: pytest.FixtureRequest) -> Generator:
        return channels(f"channels.mode={request.param}")


def one(generator: ChannelsGenerator, seed: int = 0):
    (candidate,) = written(generator, [Request((PARENT,), key=Key(1, 0), seed=seed)], {})
    return candidate


def answered(text: str, *settings: str):
    request = Request((PARENT,), key=Key(1, 0), seed=0)
    generator = channels("channels.mode=vector", *settings)
    (candidate,) = written(generator, [request], {WRITER: FakeModel([text])})
    return candidate


def test_one_group_changes_by_evolution_and_all_at_random() -> None:
    few, many = one(channels()).facts, one(channels("channels.mode=random")).facts
    changed = [sum(facts["widths"][name] != WIDTHS.groups[name] for name in WIDTHS.groups) for facts in (few, many)]
    assert changed == [1, 2]


def test_scaling_keeps_proportions() -> None:
    widths = one(channels("channels.mode=scaling")).facts["widths"]
    assert widths["w1"] / widths["w0"] == pytest.approx(1.5, rel=0.03)
    assert widths != WIDTHS.groups


def test_the_parent_mode_changes_nothing() -> None:
    assert one(channels("channels.mode=parent")).program == PARENT.program


def test_facts_say_what_changed_and_what_it_costs() -> None:
    candidate = answered('{"w0": 50}')
    assert candidate.program == Program(SOURCE.replace("64", "50"))
    assert candidate.facts == {
        "operation": "widths w0 64 -> 50",
        "widths_before": {"w0": 64, "w1": 96},
        "widths": {"w0": 50, "w1": 96},
        "groups": 2,
        "params_before": 6144,
        "params": 4800,
    }


def test_matched_widths_keep_the_parameters_of_the_parent() -> None:
    generator = channels("channels.mode=random", "channels.match=true")
    assert all(one(generator, seed).facts["params"] == pytest.approx(6144, rel=0.05) for seed in range(5))


def test_widths_within_the_budget_are_preferred() -> None:
    generator = channels("channels.mode=random", "budget.max_params=6000")
    assert all(one(generator, seed).facts["params"] <= 6000 for seed in range(5))


def test_a_named_network_takes_the_place_of_every_starter() -> None:
    generator = channels("channels.network=plain_conv")
    other = NETWORK.starters()[3]
    (candidate,) = written(generator, [Request((other,), key=Key(1, 0), seed=0)], {})
    assert candidate.parents == (PLAIN.digest,)


def test_what_cannot_be_matched_in_twenty_draws_is_no_candidate() -> None:
    class Larger(FakeTracer):
        def trace(self, program: Program) -> Widths | Ungrouped:
            return replace(WIDTHS, params=(5_000_000,)) if program == PLAIN else super().trace(program)

    config = load_config(
        settings=["loop.generator=channels", *(f"channels.{x}" for x in ("match=true", "network=plain_conv"))]
    )
    generator = ChannelsGenerator(Setting(config, SPEC, NETWORK), Larger())
    failure = one(generator).failure
    assert failure is not None
    assert "20 draws gave no other widths with as many parameters" in failure.message


def test_an_unknown_network_is_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match="plain_cnov"):
        channels("channels.network=plain_cnov")


def test_a_vector_is_applied_to_the_parent() -> None:
    candidate = answered('Wider at the end: {"w1": 100}')
    assert candidate.program == Program(SOURCE.replace("96", "100"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("wider, please", 'no JSON object of widths; answer like {"w0": 64, "w1": 96}'),
        ('{"w0": 64.5}', "w0 = 64.5 is not a whole number"),
        ('{"w0": 64,}', "these are the widths it has"),
        ('{"w0": true}', "w0 = True is not a whole number"),
        ('{"w9": 64}', "there is no group w9; the groups are w0, w1"),
        ('{"w0": 5000}', "w0 = 5000 is not between 8 and 1025"),
        ('{"w0": 64}', "these are the widths it has; change at least one"),
        ('{"w0": 1000, "w1": 1000}', "1,000,000 parameters; the limit is 500,000 (budget.max_params)"),
    ],
)
def test_a_malformed_vector_fails_with_words_for_the_next_try(answer: str, words: str) -> None:
    failure = answered(answer).failure
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.WRITE, FailureKind.MALFORMED)
    assert words in failure.message


def test_the_prompt_names_every_width_and_the_form_of_an_answer() -> None:
    prompt = channels("channels.mode=vector").prompt_for(Request((PARENT,)))
    assert prompt is not None
    assert "- w0: 64, in `self.a, self.b = 64, 96  # widths`" in prompt.user
    assert '{"w0": 64, "w1": 96}' in prompt.user


@pytest.mark.parametrize(
    ("settings", "grammar"),
    [
        (("channels.mode=vector",), widths_grammar(WIDTHS, 500_000)),
        (("channels.mode=vector", "channels.match=true"), widths_grammar(WIDTHS, 0)),  # scaled to the parent's
        (("channels.mode=vector", "llm.constrained=false"), ""),
        (("channels.mode=code",), ""),
    ],
)
def test_a_vector_is_held_to_the_widths_there_are(settings: tuple[str, ...], grammar: str) -> None:
    prompt = channels(*settings).prompt_for(Request((PARENT,)))
    assert prompt is not None
    assert prompt.grammar == grammar


def test_a_lesson_is_the_answer_that_was_given() -> None:
    candidate = answered('{"w1": 100}')
    record = parent_of(SOURCE)
    lesson = channels("channels.mode=vector").lessons([record], [])[0]
    assert json.loads(lesson.completion) == {"w0": 64, "w1": 96}
    assert candidate.calls[0].prompt.endswith("```")


def test_a_program_without_widths_has_no_children_and_says_why() -> None:
    (candidate,) = written(channels(), [Request((parent_of("x = 1"),), key=Key(1, 0), seed=0)], {})
    assert candidate.failure is not None
    assert "its widths cannot be changed: no network" in candidate.failure.message
    assert candidate.facts == {"ungrouped": "unsound"}


def test_widths_that_cannot_be_others_are_no_candidate() -> None:
    class Held:
        def trace(self, program: Program) -> Widths | Ungrouped:
            return Widths(SOURCE, {"w0": 64}, {0: "w0"}, (["Equality", "w0", 64],), ("w0",))

    config = load_config(settings=["loop.generator=channels"])
    (candidate,) = written(ChannelsGenerator(Setting(config, SPEC, NETWORK), Held()), [Request((PARENT,))])
    assert candidate.failure.message == "20 draws gave no other widths than it has"


def test_the_program_of_a_lesson_says_nothing_to_the_model() -> None:
    (lesson,) = channels("channels.mode=code").lessons([PARENT], [])
    assert "# widths" in PARENT.program.source
    assert "self.a, self.b = 64, 96" in lesson.completion
    assert "# widths" not in lesson.completion
