import pytest

from archwright.candidate import Candidate, Key, Program, Record
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.generators.generator import Generator, Request, Setting
from archwright.generators.mutation import MutationGenerator
from archwright.programs.canonical import canonical_digest
from archwright.starters import as_record, load_seed_corpus
from archwright.task import DataSpec
from archwright.testing.generators import GeneratorContract, parent_of, written

CORPUS = load_seed_corpus()


def mutation_generator() -> MutationGenerator:
    spec = DataSpec("digits", "digits", (1, 8, 8), ("0", "1"), 10, 10)
    return MutationGenerator(Setting(load_config(), spec, NETWORK))


def only(*parents: Record, mutations: int = 1) -> Candidate:
    """What becomes of one request, without any model to ask."""
    request = Request(parents, choice={"mutations": mutations}, key=Key(1, 0), seed=11)
    (candidate,) = written(mutation_generator(), [request], {})
    return candidate


class TestMutationGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return mutation_generator()


@pytest.fixture
def seed_parent() -> Record:
    return as_record(CORPUS[0])


def test_the_first_parent_is_changed_and_the_change_is_named(seed_parent: Record) -> None:
    candidate = only(seed_parent, as_record(CORPUS[1]))
    assert candidate.parents == (seed_parent.program.digest,)
    assert candidate.program is not None
    assert canonical_digest(candidate.program.source) != canonical_digest(CORPUS[0].program.source)
    assert candidate.operation


def test_several_changes_are_named_one_after_the_other(seed_parent: Record) -> None:
    candidate = only(seed_parent, mutations=3)
    assert candidate.operation is not None
    assert len(candidate.operation.split("; ")) == 3


def test_no_changes_propose_the_parent_as_it_is(seed_parent: Record) -> None:
    candidate = only(seed_parent, mutations=0)
    assert candidate.program == CORPUS[0].program
    assert candidate.operation == f"seed network {CORPUS[0].name}"


def test_without_a_parent_a_seed_network_is_changed() -> None:
    candidate = only()
    assert candidate.parents[0] in {network.program.digest for network in CORPUS}


def test_a_parent_that_does_not_parse_is_proposed_again_and_says_so() -> None:
    candidate = only(parent_of("def f(:"))
    assert candidate.program == Program("def f(:")
    assert candidate.operation == "none: the parent does not parse"
