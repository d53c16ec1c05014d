"""A public fake of the Evaluator seam, and the contract suite that every Evaluator passes."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import final

import pytest

from archwright.candidate import Failure, FailureKind, Fidelity, Outcome, Program, Scores, Stage
from archwright.contracts.contract import Contract
from archwright.contracts.network import NETWORK
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.evaluator import Evaluator
from archwright.randomness import derive_seed
from archwright.testing.programs import BROKEN, ENDLESS, GOOD


@final
class FakeEvaluator:
    """Scores a program by its digest and the seed, at once and without running it; endless programs wait for `cancel`.

    What parses and fits the contract is valid, so strategies and studies can be tested without torch.
    """

    def __init__(
        self, contract: Contract = NETWORK, score: Callable[[Program, int, Fidelity | None], float] | None = None
    ) -> None:
        """Check programs by `contract`; `score` gives the value of its metric from program, seed and fidelity."""
        self._contract = contract
        self._score = score
        self._cancelled = threading.Event()
        self._is_closed = False

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return the first finding of the static checks, if there is one."""
        findings = self._contract.check(program.source, with_policy=True)
        return Outcome(stage=findings[0].stage, failure=findings[0], seed=seed) if findings else None

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return the outcome that follows from the text of `program`, `seed`, fidelity and split."""
        if self._is_closed:
            raise EvaluationCancelledError("the evaluator is closed", "use a new one")
        if refused := self.settle(program, seed=seed):
            return refused
        if "while True" in program.source:
            cancelled = self._cancelled
            if cancelled.wait(60.0):
                raise EvaluationCancelledError("the evaluation was cancelled", "run it again")
            return Outcome(
                Stage.FORWARD, Failure(Stage.FORWARD, FailureKind.TIMEOUT, "not finished after 60 s"), seed=seed
            )
        trial = [str(part) for part in (at, split) if part is not None]
        drawn = (derive_seed(seed, program.digest, *trial) % 10_001) / 10_000
        value = drawn if self._score is None else self._score(program, seed, at)
        scores = Scores({self._contract.metric.name: value, "loss": 1.0 - drawn}, n=100)
        return Outcome(Stage.SCORE, scores=scores, params=len(program.source), flops=0, seed=seed)

    def cancel(self) -> None:
        """Make every waiting evaluation raise EvaluationCancelledError."""
        cancelled, self._cancelled = self._cancelled, threading.Event()
        cancelled.set()

    def close(self) -> None:
        """Cancel what waits and refuse anything new."""
        self._is_closed = True
        self.cancel()


class EvaluatorContract(ABC):
    """What every Evaluator does. Subclass it in a test module and provide the fixture `evaluator`."""

    @pytest.fixture
    @abstractmethod
    def evaluator(self) -> Evaluator:
        """The evaluator under test; its wall-clock limit must be longer than 10 seconds."""

    def test_a_good_program_is_scored(self, evaluator: Evaluator) -> None:
        """A score has a value, the parameters and the seed it was trained with."""
        outcome = evaluator.evaluate(GOOD, seed=7)
        assert outcome.failure is None
        assert outcome.stage is Stage.SCORE
        assert outcome.scores is not None
        assert 0.0 <= outcome.scores.values["accuracy"] <= 1.0
        assert outcome.params
        assert outcome.seed == 7

    def test_a_broken_program_is_a_failure_and_no_exception(self, evaluator: Evaluator) -> None:
        """Whatever a program does wrong is data."""
        outcome = evaluator.evaluate(BROKEN, seed=0)
        assert outcome.failure is not None
        assert (outcome.failure.stage, outcome.failure.kind, outcome.failure.line) == (
            Stage.PARSE,
            FailureKind.SYNTAX,
            2,
        )
        assert outcome.stage is Stage.PARSE
        assert outcome.scores is None

    def test_what_needs_no_training_is_settled(self, evaluator: Evaluator) -> None:
        """With the outcome that an evaluation would have come to."""
        assert evaluator.settle(BROKEN, seed=1) == evaluator.evaluate(BROKEN, seed=1)

    def test_the_same_seed_gives_the_same_scores(self, evaluator: Evaluator) -> None:
        """Bit for bit, on CPU."""
        assert evaluator.evaluate(GOOD, seed=3).scores == evaluator.evaluate(GOOD, seed=3).scores

    def test_it_works_from_several_threads(self, evaluator: Evaluator) -> None:
        """Each thread gets the outcome of its own call."""
        with ThreadPoolExecutor(3) as pool:
            outcomes = list(pool.map(lambda seed: evaluator.evaluate(GOOD, seed=seed), range(3)))
        assert [outcome.seed for outcome in outcomes] == [0, 1, 2]
        assert all(outcome.is_valid for outcome in outcomes)

    def test_cancel_stops_what_is_in_flight_and_nothing_else(self, evaluator: Evaluator) -> None:
        """A cancelled evaluation raises; the evaluator goes on working."""
        with ThreadPoolExecutor(1) as pool:
            endless = pool.submit(evaluator.evaluate, ENDLESS, seed=0)
            while not endless.done():
                evaluator.cancel()
            with pytest.raises(EvaluationCancelledError):
                endless.result()
        assert evaluator.evaluate(GOOD, seed=0).is_valid
