"""The model writes augmentations: what it is asked, what becomes of its answers, and what it is taught."""

import pytest

from archwright.candidate import Candidate, FailureKind, Key, Outcome, Program, Record, Scores, Stage, Trial
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.contracts.transform import TRANSFORM
from archwright.errors import UsageError
from archwright.generators.generator import Generator, Request, Setting
from archwright.generators.transforms import TransformGenerator
from archwright.starters.baselines import baselines
from archwright.task import DataSpec
from archwright.testing.generators import GeneratorContract, parent_of, written
from archwright.testing.models import FakeModel
from archwright.transforms.writing import read_composition

SPEC = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)
GOOD = "def augment(images, op):\n    images = op.invert(images, p=0.2)\n    return images\n"


def generator_of(*settings: str) -> TransformGenerator:
    return TransformGenerator(Setting(load_config(settings=["loop.contract=transform", *settings]), SPEC, TRANSFORM))


def scored(p: float, accuracy: float, n: int = 1_000) -> Record:
    program = Program(GOOD.replace("0.2", str(p)))
    outcome = Outcome(Stage.SCORE, scores=Scores({"accuracy": accuracy}, n=n))
    return Record(Candidate(Key(1, 0), program, "transforms", 0), {Trial(program.digest, 0): outcome})


class TestTransformGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return generator_of()


def answered(text: str, *settings: str) -> Candidate:
    request = Request(key=Key(1, 0), seed=3)
    (candidate,) = written(generator_of(*settings), [request], {"writer": FakeModel([text])})
    return candidate


@pytest.mark.parametrize("text", [GOOD, f"Sure!\n```python\n{GOOD}```\nIt inverts a fifth.", f"```\n{GOOD}"])
def test_the_function_is_found_in_an_answer(text: str) -> None:
    candidate = answered(text)
    assert candidate.program.source.strip() == GOOD.strip()
    assert candidate.facts["repair"] == "raw"
    assert len(candidate.calls) == 1


def test_an_answer_that_is_no_augmentation_fails_in_words_that_help() -> None:
    source = answered("```python\nimport torchvision\n\ndef transform(norm):\n    return norm\n```").program.source
    failures = TRANSFORM.check(source, with_policy=True)
    assert [failure.kind for failure in failures] == [FailureKind.MISSING_DEPENDENCY, FailureKind.MISSING_NET]
    assert "rename transform" in failures[1].message


def test_the_prompt_lists_the_operations_and_shows_known_ones_the_best_last() -> None:
    user = generator_of().prompt_for(Request((scored(0.9, 0.7),), (scored(0.1, 0.5), parent_of(GOOD)))).user
    assert "for digits: images 1 x 8 x 8, 2 classes." in user
    assert "op.resized_crop(images, scale, ratio)" in user
    places = [user.index(part) for part in ("A known one:", "This one scores 50.0 % accuracy:", "70.0 % accuracy:")]
    assert places == sorted(places)


def test_it_begins_with_random_compositions_where_asked_to() -> None:
    requests = [Request(key=Key(cycle, 0), seed=5) for cycle in (1, 2)]
    cold, warm = written(generator_of("transform.cold_cycles=1"), requests, {"writer": FakeModel([GOOD])})
    assert read_composition(cold.program.source)
    assert (len(cold.calls), len(warm.calls)) == (0, 1)
    assert warm.program.source.strip() == GOOD.strip()


def test_a_lesson_leads_from_worse_to_better_beyond_the_noise() -> None:
    worse, near, better = scored(0.1, 0.50), scored(0.2, 0.52), scored(0.3, 0.60)
    pairs = generator_of().lessons([worse, near, better], [])
    assert [pair.completion for pair in pairs] == [f"```python\n{better.program.source.strip()}\n```"]
    assert "50.0 % accuracy" in pairs[0].prompt.user or "52.0 % accuracy" in pairs[0].prompt.user
    assert "60.0 % accuracy" not in pairs[0].prompt.user


def test_the_margin_can_be_wider_than_the_noise_of_counting() -> None:
    elite = [scored(0.1, 0.50), scored(0.3, 0.60)]
    strict = generator_of("transform.margin=0.2").lessons(elite, [])
    assert len(strict) == 2  # None is better by so much: both are taught as they were written.
    assert all("scores" not in pair.prompt.user for pair in strict)
    assert len(generator_of("transform.margin=0.05").lessons(elite, [])) == 1


def test_few_images_make_no_difference_certain() -> None:
    elite = [scored(0.1, 0.50, n=100), scored(0.3, 0.60, n=100)]
    assert len(generator_of().lessons(elite, [])) == 2


def test_known_ones_are_taught_without_references() -> None:
    known = [parent_of(program.source) for _, program in baselines()]
    assert len(generator_of().lessons([], known)) == 4


def test_another_contract_is_refused() -> None:
    with pytest.raises(UsageError, match="the contract is network"):
        TransformGenerator(Setting(load_config(), SPEC, NETWORK))
