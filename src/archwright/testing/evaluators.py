"""A public fake of the Evaluator seam, and the contract suite that every Evaluator passes."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, final

import pytest

from archwright.cancellation import Cancellation, current
from archwright.candidate import Failure, FailureKind, Fidelity, Outcome, Program, Scores, Stage
from archwright.contracts.contract import Contract
from archwright.contracts.network import ACCURACY, NETWORK
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.evaluator import Evaluator
from archwright.randomness import derive_seed
from archwright.task import Metric
from archwright.testing.programs import BROKEN, ENDLESS, GOOD


@final
class FakeEvaluator:
    """Scores a program by its digest and the seed, at once and without running it; endless programs wait.

    What parses and fits the contract is valid, so strategies and studies can be tested without torch.
    """

    def __init__(
        self, contract: Contract = NETWORK, score: Callable[[Program, int, Fidelity | None], float] | None = None
    ) -> None:
        """Check programs by `contract`; `score` gives the value of its metric from program, seed and fidelity."""
        self._contract = contract
        self._score = score

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return the first finding of the static checks, if there is one."""
        findings = self._contract.check(program.source, with_policy=True)
        return Outcome(stage=findings[0].stage, failure=findings[0], seed=seed) if findings else None

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return the outcome that follows from the text of `program`, `seed`, fidelity and split."""
        if refused := self.settle(program, seed=seed):
            return refused
        if "while True" in program.source:
            woken = threading.Event()
            with current().waking(woken.set):
                woken.wait(60.0)
            current().check()
            return Outcome(
                Stage.FORWARD, Failure(Stage.FORWARD, FailureKind.TIMEOUT, "not finished after 60 s"), seed=seed
            )
        trial = [str(part) for part in (at, split) if part is not None]
        drawn = (derive_seed(seed, program.digest, *trial) % 10_001) / 10_000
        value = drawn if self._score is None else self._score(program, seed, at)
        scores = Scores({self._contract.metric.name: value, "loss": 1.0 - drawn}, n=100)
        return Outcome(Stage.SCORE, scores=scores, params=len(program.source), flops=0, seed=seed)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class EvaluatorContract(ABC):
    """What every Evaluator does. Subclass it in a test module and provide the fixture `evaluator`."""

    metric: ClassVar[Metric] = ACCURACY
    """By which it scores."""

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
        low, high = self.metric.bounds
        assert low <= outcome.scores.values[self.metric.name] <= high
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

    @pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.5])
    def test_one_cancel_stops_an_evaluation_wherever_it_is(self, evaluator: Evaluator, delay_s: float) -> None:
        """One that is about to begin, is being checked or is training; the evaluator goes on working."""
        cancellation = Cancellation()
        with ThreadPoolExecutor(1) as pool:
            endless = pool.submit(self._evaluate_endless, evaluator, cancellation)
            time.sleep(delay_s)
            cancellation.cancel()
            with pytest.raises(EvaluationCancelledError):
                endless.result(10.0)
        assert evaluator.evaluate(GOOD, seed=0).is_valid

    def _evaluate_endless(self, evaluator: Evaluator, cancellation: Cancellation) -> Outcome:
        with cancellation.scope():
            return evaluator.evaluate(ENDLESS, seed=0)
