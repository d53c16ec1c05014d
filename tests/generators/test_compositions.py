import pytest

from archwright.candidate import Candidate, Key, Record
from archwright.configuring import load_config
from archwright.contracts.transform import TRANSFORM
from archwright.generators.compositions import CompositionGenerator
from archwright.generators.generator import Generator, Request, Setting
from archwright.starters.baselines import baseline_records, baselines
from archwright.task import DataSpec
from archwright.testing.generators import GeneratorContract, parent_of, written
from archwright.transforms.writing import read_composition

SPEC = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)


def compositions() -> CompositionGenerator:
    return CompositionGenerator(Setting(load_config(settings=["loop.contract=transform"]), SPEC, TRANSFORM))


def only(*parents: Record, mutations: int = 1) -> Candidate:
    (candidate,) = written(
        compositions(), [Request(parents, choice={"mutations": mutations}, key=Key(1, 0), seed=11)], {}
    )
    return candidate


class TestCompositionGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return compositions()


def test_without_a_parent_a_composition_is_drawn() -> None:
    candidate = only()
    assert read_composition(candidate.program.source)
    assert candidate.operation == "drawn at random"


def test_a_composition_is_changed_as_often_as_asked() -> None:
    parent = parent_of(dict(baselines())["flip_crop"].source)
    candidate = only(parent, mutations=3)
    assert candidate.program != parent.program
    assert candidate.operation.count(";") == 2
    assert only(parent, mutations=0).program == parent.program


def test_a_known_augmentation_that_is_tried_as_it_is_keeps_its_name() -> None:
    parent = baseline_records()[2]
    assert only(parent, mutations=0).operation == "augmentation trivial_augment"


def test_the_child_of_no_composition_is_drawn() -> None:
    assert only(parent_of(dict(baselines())["rand_augment"].source)).operation == "drawn at random"
