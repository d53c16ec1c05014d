"""A public fake of the Generator seam, and the contract suite that every Generator passes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, final

import pytest

from archwright.candidate import Candidate, Key, Program, Record
from archwright.generators.generator import Generator, Models, Request
from archwright.generators.unasked import WithoutModel
from archwright.testing.models import FakeModel
from archwright.testing.programs import GOOD as GOOD_PROGRAM

GOOD = GOOD_PROGRAM.source

JUNK = ("", "Here is a network.", "def f(:", "\0\0", "x = 1", "class Net:\n    pass\n", "\ud800")
"""Texts that a model may have written: none of them is a network, some are not even text."""


@final
class FakeGenerator(WithoutModel):
    """Proposes given texts, picked by the seed alone."""

    name: ClassVar[str] = "fake"

    def __init__(self, texts: Sequence[str] = (GOOD,)) -> None:
        self._texts = list(texts)

    def candidate(self, request: Request) -> Candidate:
        """Return `texts[seed modulo their number]`."""
        return request.candidate(self.name, Program(self._texts[request.seed % len(self._texts)]))


def written(generator: Generator, requests: Sequence[Request], models: Models | None = None) -> list[Candidate]:
    """Return all candidates that `generator` writes for `requests`; models that no test provides answer with GOOD."""
    played: Models = {role: FakeModel() for role in generator.roles} if models is None else models
    return [candidate for some in generator.write(requests, played) for candidate in some]


def parent_of(source: str, index: int = 0) -> Record:
    """Return a record without an outcome, to be used as a parent in tests."""
    return Record(Candidate(Key(0, index), Program(source), generator="test", seed=index))


class GeneratorContract(ABC):
    """What every Generator does. Subclass it in a test module and provide the fixture `generator`."""

    @pytest.fixture
    @abstractmethod
    def generator(self) -> Generator:
        """The generator under test."""

    def test_every_request_gets_one_candidate_in_order(self, generator: Generator) -> None:
        """With its key, its seed, the generator's name and the parents it was asked to use."""
        requests = [Request((parent_of(GOOD),), key=Key(2, index), seed=100 + index) for index in range(3)]
        candidates = written(generator, requests)
        assert [candidate.key for candidate in candidates] == [request.key for request in requests]
        assert [candidate.seed for candidate in candidates] == [100, 101, 102]
        for candidate in candidates:
            assert candidate.generator == generator.name
            assert candidate.parents[:1] == (Program(GOOD).digest,)
            assert candidate.generate_s >= 0.0

    def test_no_requests_give_no_candidates(self, generator: Generator) -> None:
        """Nothing is proposed."""
        assert written(generator, []) == []

    def test_a_request_without_parents_gets_a_candidate(self, generator: Generator) -> None:
        """The first cycle of a study has nothing to start from."""
        assert len(written(generator, [Request(key=Key(1, 0), seed=5)])) == 1

    def test_the_same_requests_give_the_same_candidates(self, generator: Generator) -> None:
        """So that a study killed in the middle of a proposal proposes the same again."""
        requests = [Request((parent_of(GOOD),), key=Key(1, index), seed=7 * index) for index in range(3)]
        first, second = written(generator, requests), written(generator, requests)
        assert [candidate.program for candidate in first] == [candidate.program for candidate in second]
        assert [candidate.operation for candidate in first] == [candidate.operation for candidate in second]

    @pytest.mark.parametrize("junk", JUNK)
    def test_a_parent_that_is_no_network_is_no_reason_to_fail(self, generator: Generator, junk: str) -> None:
        """What a candidate does wrong is data; its children are candidates all the same."""
        requests = [Request((parent_of(junk),), key=Key(1, 0), seed=1), Request(key=Key(1, 1), seed=2)]
        assert len(written(generator, requests)) == 2

    def test_a_prompt_is_shown_exactly_when_a_model_is_used(self, generator: Generator) -> None:
        """`--dry-run` prints it."""
        prompt = generator.prompt_for(Request((parent_of(GOOD),), key=Key(1, 0), seed=3))
        assert (prompt is not None) == bool(generator.roles)

    def test_lessons_are_taught_exactly_where_a_model_is_used(self, generator: Generator) -> None:
        """One at least for a program of the elite."""
        assert bool(generator.lessons([parent_of(GOOD)], [])) == bool(generator.roles)
