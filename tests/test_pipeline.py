"""Writing and training at the same time: what overlaps, what ends it, and that who finishes first changes nothing."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from archwright import events
from archwright.archive import rows
from archwright.assembly import Parts
from archwright.cancellation import current
from archwright.candidate import WRITER, Candidate, Fidelity, Key, Outcome, Program, Stage
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.errors import EvaluatorError, ModelError
from archwright.evaluation.evaluator import Executor, Job
from archwright.evaluation.executors import LocalExecutor
from archwright.generators.generator import Request
from archwright.llm.model import Completion, Decoding, LanguageModel, Prompt
from archwright.pipeline import Pipeline, Trained, Written
from archwright.study import Study
from archwright.task import DataSpec
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor
from archwright.testing.models import FakeModel
from archwright.testing.programs import BROKEN, GOOD

MOST_S = 20.0
"""Longer than anything here takes, unless two things that should overlap wait for each other."""
SPEC = DataSpec("fake", "fake images", (3, 8, 8), ("a", "b"), 100, 100)
ANSWERS = [f"```python\n{GOOD.source}\n# {number}\n```" for number in range(8)]
ANSWERS += [f"```python\n{BROKEN.source}```", "I cannot do that.", ""]
BATCH = 8


def config(*settings: str) -> StudyConfig:
    small = ["loop.cycles=2", "loop.candidates=16", "loop.stop=false", f"llm.batch={BATCH}"]
    return load_config("laptop", ["loop.strategy=cycles", "llm.adapter=none", "tune.enabled=false", *small, *settings])


def parts(executor: Executor, model: LanguageModel | None = None) -> Parts:
    return Parts(spec=SPEC, executor=executor, models={WRITER: model or FakeModel(ANSWERS)})


def requests(count: int) -> list[Request]:
    return [Request(key=Key(1, index), seed=index) for index in range(count)]


def candidate(index: int) -> Candidate:
    return Candidate(Key(1, index), Program(f"# {index}"), "test", seed=index)


def at_once(asked: Sequence[Request]) -> Iterator[Written]:
    yield Written([request.candidate("test", GOOD) for request in asked], 0.0, 0.0)


class HandExecutor:
    """Takes jobs and leaves it to the test when they are finished."""

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers
        self.futures: list[Future[Outcome]] = []
        self.cancelled = 0

    def settle(self, job: Job) -> Outcome | None:
        return None

    def submit(self, job: Job) -> "Future[Outcome]":
        self.futures.append(Future())
        return self.futures[-1]

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        pass


def begin(pipeline: Pipeline, count: int) -> list[Candidate]:
    begun = [candidate(index) for index in range(count)]
    for each in begun:
        assert each.program is not None
        pipeline.train(each, Job(each.key.index, each.program, each.seed))
    return begun


def test_what_is_written_and_what_is_trained_comes_back_as_it_is_finished() -> None:
    executor = HandExecutor()
    with Pipeline(at_once, executor) as pipeline:
        assert pipeline.is_idle
        pipeline.write(requests(2))
        assert pipeline.is_writing
        written = pipeline.next()
        assert isinstance(written, Written)
        assert [each.key.index for each in written.candidates] == [0, 1]
        assert pipeline.next() is None
        assert not pipeline.is_writing
        begun = begin(pipeline, 3)
        outcomes = [Outcome(Stage.BUILD, seed=number) for number in range(3)]
        for number in (2, 0, 1):
            executor.futures[number].set_result(outcomes[number])
        assert [pipeline.next() for _ in range(3)] == [Trained(begun[n], outcomes[n]) for n in (2, 0, 1)]
        assert pipeline.is_idle
    assert executor.cancelled == 0, "nothing was in flight"


@pytest.mark.parametrize(("workers", "written", "room"), [(2, 1, 4), (3, 1, 6), (0, 1, 2), (2, 10, 10)])
def test_there_is_room_for_twice_what_runs_at_once_and_for_a_whole_batch(workers: int, written: int, room: int) -> None:
    executor = HandExecutor(workers)
    with Pipeline(at_once, executor) as pipeline:
        pipeline.write(requests(written))
        assert isinstance(pipeline.next(), Written)
        assert pipeline.next() is None
        begin(pipeline, room - 1)
        assert pipeline.has_room
        begin(pipeline, 1)
        assert not pipeline.has_room
        executor.futures[0].set_result(Outcome(Stage.BUILD))
        pipeline.next()
        assert pipeline.has_room


def test_candidates_come_while_others_are_still_written() -> None:
    goes_on = threading.Event()

    def one_by_one(asked: Sequence[Request]) -> Iterator[Written]:
        for number, request in enumerate(asked):
            assert number == 0 or goes_on.wait(MOST_S)
            yield Written([request.candidate("test", GOOD)], 0.0, 0.0)

    with Pipeline(one_by_one, HandExecutor()) as pipeline:
        pipeline.write(requests(2))
        first = pipeline.next()
        assert isinstance(first, Written)
        assert pipeline.is_writing
        goes_on.set()
        assert isinstance(pipeline.next(), Written)
        assert pipeline.next() is None


def test_an_error_of_the_writer_reaches_the_caller_after_what_was_written_before_it() -> None:
    def breaking(asked: Sequence[Request]) -> Iterator[Written]:
        yield from at_once(asked)
        raise ModelError("no answer", "ask again")

    executor = HandExecutor()
    with Pipeline(breaking, executor) as pipeline:
        pipeline.write(requests(1))
        assert isinstance(pipeline.next(), Written)
        begin(pipeline, 2)
        with pytest.raises(ModelError, match="no answer"):
            pipeline.next()
        assert not pipeline.is_writing
    assert executor.cancelled == 1


def test_an_error_of_the_executor_reaches_the_caller_and_cancels_the_others() -> None:
    executor = HandExecutor()
    with Pipeline(at_once, executor) as pipeline:
        begin(pipeline, 2)
        executor.futures[1].set_exception(EvaluatorError("no boxes", "make some"))
        with pytest.raises(EvaluatorError, match="no boxes"):
            pipeline.next()
    assert executor.cancelled == 1


def test_what_is_written_after_the_end_is_dropped() -> None:
    begun, goes_on, steps = threading.Event(), threading.Event(), []

    def slowly(asked: Sequence[Request]) -> Iterator[Written]:
        for request in asked:
            steps.append(request.key.index)
            begun.set()
            assert goes_on.wait(MOST_S)
            yield Written([request.candidate("test", GOOD)], 0.0, 0.0)

    with Pipeline(slowly, HandExecutor()) as pipeline:
        pipeline.write(requests(3))
        assert begun.wait(MOST_S)
    writer = next(thread for thread in threading.enumerate() if thread.name == "writer")
    assert writer.daemon, "a model in the middle of an answer does not keep the process from ending"
    goes_on.set()
    writer.join(MOST_S)
    assert steps == [0], "nothing more is asked of the model"


class Model:
    """A FakeModel that tells when it is asked, before it answers."""

    name, adapter = "fake", None

    def __init__(self, on_call: Callable[[int], None]) -> None:
        self._fake = FakeModel(ANSWERS)
        self._on_call = on_call
        self.calls = 0

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        self.calls += 1
        self._on_call(self.calls)
        return self._fake.complete(prompts, decoding, seeds)

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        yield from enumerate(self.complete(prompts, decoding, seeds))

    def close(self) -> None:
        pass


class HeldEvaluator:
    """Holds every program until it may go on; counts what is in its hands, and can be cancelled."""

    def __init__(self, may_go_on: threading.Event) -> None:
        self._fake = FakeEvaluator()
        self._may_go_on = may_go_on
        self.evaluated = 0

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        return self._fake.settle(program, seed=seed)

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        with current().waking(self._may_go_on.set):
            assert self._may_go_on.wait(MOST_S), "nothing was written while this trained"
        current().check()
        self.evaluated += 1
        return self._fake.evaluate(program, seed=seed)

    def close(self) -> None:
        pass


def test_the_next_batch_is_written_while_candidates_train(tmp_path: Path) -> None:
    second_batch = threading.Event()
    model = Model(lambda calls: second_batch.set() if calls == 2 else None)
    executor = LocalExecutor(HeldEvaluator(second_batch), workers=BATCH)
    with Study(config("loop.cycles=1"), tmp_path / "run", parts=parts(executor, model)) as study:
        assert study.run().reason == "complete"  # else the first batch waits in vain


class Crowd:
    """Hands jobs on only when nobody comes any more; remembers how many there were."""

    workers = 3

    def __init__(self) -> None:
        self._evaluator = FakeEvaluator()
        self._waiting: list[tuple[Job, Future[Outcome]]] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self.most = 0

    def settle(self, job: Job) -> Outcome | None:
        return self._evaluator.settle(job.program, seed=job.seed)

    def submit(self, job: Job) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        with self._lock:
            self._waiting.append((job, future))
            self.most = max(self.most, len(self._waiting))
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(0.3, self._finish)
            self._timer.start()
        return future

    def _finish(self) -> None:
        with self._lock:
            finished, self._waiting = self._waiting, []
        for job, future in finished:
            future.set_result(self._evaluator.evaluate(job.program, seed=job.seed))

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_twice_as_many_candidates_are_in_flight_as_there_are_workers(tmp_path: Path) -> None:
    crowd = Crowd()
    good = FakeModel(ANSWERS[:8])
    few = config("loop.cycles=1", "llm.batch=1")
    with Study(few, tmp_path / "run", parts=parts(crowd, good)) as study:
        assert study.run().reason == "complete"
    assert crowd.most >= 2 * crowd.workers


class Shuffled:
    """Finishes jobs one at a time, in an order that only its own seed decides."""

    workers = 4

    def __init__(self, seed: int) -> None:
        self._evaluator = FakeEvaluator()
        self._rng = random.Random(seed)
        self._waiting: list[tuple[Job, Future[Outcome]]] = []
        self._changed = threading.Condition()
        self._is_closed = False
        self.order: list[int] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def settle(self, job: Job) -> Outcome | None:
        return self._evaluator.settle(job.program, seed=job.seed)

    def submit(self, job: Job) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        with self._changed:
            self._waiting.append((job, future))
            self._changed.notify()
        return future

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                self._changed.wait_for(lambda: len(self._waiting) > self._rng.randrange(8), timeout=0.002)
                job, future = self._waiting.pop(self._rng.randrange(len(self._waiting)))
            self.order.append(job.number)
            future.set_result(self._evaluator.evaluate(job.program, seed=job.seed))

    def cancel(self) -> None:
        with self._changed:
            self._waiting.clear()

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """The rows of a study whose candidates finish one after the other."""
    folder = tmp_path_factory.mktemp("in_order") / "run"
    with Study(config(), folder, parts=parts(SerialExecutor(FakeEvaluator()))) as study:
        study.run()
    return rows(folder)


@pytest.mark.parametrize("tries", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_the_rows_are_the_same_whatever_finishes_first(
    tries: int, in_order: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    orders = set()
    for seed in range(tries):
        executor = Shuffled(seed)
        with Study(config(), tmp_path / str(seed), parts=parts(executor)) as study:
            assert study.run().reason == "complete"
        assert rows(tmp_path / str(seed)) == in_order, f"order {executor.order}"
        orders.add(tuple(executor.order))
    assert len(orders) > 1, "they all finished in the same order"


def test_ctrl_c_cancels_what_is_in_flight_and_a_later_run_ends_with_the_same_rows(
    in_order: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    never = threading.Event()
    held = HeldEvaluator(never)

    def press(event: events.Event) -> None:
        if isinstance(event, events.PhaseStarted) and event.phase is events.Phase.PROPOSE and held_jobs():
            raise KeyboardInterrupt

    executor = LocalExecutor(held, workers=2)
    submitted: list[Job] = []
    submit = executor.submit

    def held_jobs() -> int:
        return len(submitted)

    class Watched:
        workers, settle, cancel, close = 2, executor.settle, executor.cancel, executor.close

        def submit(self, job: Job) -> "Future[Outcome]":
            submitted.append(job)
            return submit(job)

    with Study(config(), tmp_path / "run", [press], parts=parts(Watched())) as study:
        result = study.run()
    assert result.reason == "interrupted"
    assert submitted
    assert held.evaluated == 0
    with Study.open(tmp_path / "run", parts=parts(SerialExecutor(FakeEvaluator()))) as study:
        assert study.run().reason == "complete"
    assert rows(tmp_path / "run") == in_order


def test_an_error_of_the_model_ends_the_run_and_a_later_one_ends_with_the_same_rows(
    in_order: dict[str, list[dict[str, object]]], tmp_path: Path
) -> None:
    def breaks(calls: int) -> None:
        if calls == 3:
            raise ModelError("the server is gone", "start it")

    executor = LocalExecutor(FakeEvaluator(), workers=2)
    with (
        Study(config(), tmp_path / "run", parts=parts(executor, Model(breaks))) as study,
        pytest.raises(ModelError, match="the server is gone"),
    ):
        study.run()
    with Study.open(tmp_path / "run", parts=parts(SerialExecutor(FakeEvaluator()))) as study:
        assert study.run().reason == "complete"
    assert rows(tmp_path / "run") == in_order


class Server:
    """Answers like a server: in an order of its own, and not at all after so many answers."""

    name, adapter = "server", None

    def __init__(self, seed: int, most: int = 1_000) -> None:
        self._fake, self._order, self._left = FakeModel(ANSWERS), random.Random(seed), most

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        return [completion for _, completion in sorted(self.stream(prompts, decoding, seeds))]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        answers = list(enumerate(self._fake.complete(prompts, decoding, seeds)))
        self._order.shuffle(answers)
        for answer in answers:
            self._left -= 1
            if self._left < 0:
                raise ModelError("the connection is lost", "resume")
            yield answer

    def close(self) -> None:
        pass


@pytest.mark.parametrize("most", [1_000, 5, *(pytest.param(most, marks=pytest.mark.slow) for most in (1, 11, 19))])
def test_a_server_may_answer_in_any_order_and_break_off_anywhere(tmp_path: Path, most: int) -> None:
    with Study(config(), tmp_path / "whole", parts=parts(SerialExecutor(FakeEvaluator()), Server(0))) as study:
        study.run()
    broken = parts(SerialExecutor(FakeEvaluator()), Server(1, most))
    with Study(config(), tmp_path / "run", parts=broken) as study:
        if most < 32:
            with pytest.raises(ModelError, match="lost"):
                study.run()
        else:
            study.run()
    with Study.open(tmp_path / "run", parts=parts(SerialExecutor(FakeEvaluator()), Server(2))) as study:
        assert study.run().reason == "complete"
    assert rows(tmp_path / "run") == rows(tmp_path / "whole")
