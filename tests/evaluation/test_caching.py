"""Nothing is trained twice, and nothing is remembered that could be otherwise."""

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest

from archwright.cancellation import Cancellation
from archwright.candidate import Failure, FailureKind, Fidelity, Outcome, Program, Scores, Stage
from archwright.config import SandboxConfig
from archwright.errors import EvaluationCancelledError
from archwright.evaluation import caching
from archwright.evaluation.caching import CachingEvaluator, context_of, place_of
from archwright.evaluation.data import TaskData
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import run_jobs
from archwright.evaluation.result_store import ResultStore, outcome_from_json, outcome_to_json
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.start import start_executor
from archwright.task import Budget, DataOptions, Recipe, Task
from archwright.testing.evaluators import EvaluatorContract, FakeEvaluator
from archwright.testing.programs import BROKEN, GOOD

MakeEvaluator = Callable[..., SandboxEvaluator]
TWINS = {
    "a comment": ("import torch\n", "import torch  # a comment\n"),
    "a blank line": ("import torch\n", "import torch\n\n"),
    "another name": ("self.fc", "self.head"),
    "an unused import": ("import torch\n", "import torch, no_such_module\n"),
    "a constant": ("import torch\n", "import torch\nUNUSED = 1 / 0\n"),
    "a statement": ("import torch\n", "import torch\ntorch.set_default_dtype(torch.float64)\n"),
    "a function": ("import torch\n", "import torch\ndef unused(x=missing): pass\n"),
    "a class": ("import torch\n", "import torch\nclass Unused(torch.Missing): pass\n"),
    "a method": ("    def forward", "    def eval(self): return self\n    def forward"),
    "an annotation": ("(self, x)", "(self, x: Missing)"),
    "a print": ("        return", "        print(torch.rand(1))\n        return"),
    "a layer": ("        return", "        x = x * 2\n        return"),
    "a script": ("class Net", "if __name__ != '__main__':\n    torch.set_grad_enabled(False)\nclass Net"),
}
"""What to replace in GOOD, and by what: for novelty most are GOOD still, and half of them come out differently."""
VALID = Outcome(
    Stage.SCORE,
    scores=Scores({"accuracy": 0.5, "loss": 0.1 + 0.2}, 100),
    params=2**70,
    seconds={"total": 1.0},
    cpu_s=0.5,
    isolation=3,
    seed=0,
)


TASK = Task()


class Counting:
    """An evaluator that counts what it is asked and answers what it is told to."""

    def __init__(self, outcome: Outcome = VALID) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, int]] = []
        self.hold: threading.Event | None = None

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        return None

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        self.asked.append((program.digest, seed))
        if self.hold is not None:
            assert self.hold.wait(20.0)
        return replace(self.outcome, seed=seed)

    def close(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "results.db")


class TestCachingEvaluator(EvaluatorContract):
    @pytest.fixture
    def evaluator(self, store: ResultStore) -> CachingEvaluator:
        return CachingEvaluator(FakeEvaluator(), store, "context")


def test_the_second_time_nothing_is_run_and_the_hit_is_marked(store: ResultStore) -> None:
    behind = Counting()
    first = CachingEvaluator(behind, store, "context").evaluate(GOOD, seed=1)
    again = CachingEvaluator(behind, store, "context").evaluate(GOOD, seed=1)
    assert len(behind.asked) == 1
    assert not first.cached
    assert again == replace(first, cached=True, seconds={}, cpu_s=0.0)


@pytest.mark.parametrize("twin", TWINS)
def test_an_outcome_serves_the_same_text_only(store: ResultStore, twin: str) -> None:
    evaluator = CachingEvaluator(Counting(), store, "context")
    evaluator.evaluate(GOOD, seed=0)
    other = Program(GOOD.source.replace(*TWINS[twin]))
    assert other.digest != GOOD.digest
    assert evaluator.settle(other, seed=0) is None
    assert not evaluator.evaluate(other, seed=0).cached


def test_what_is_known_is_settled_and_what_is_not_is_not_asked_for(store: ResultStore) -> None:
    behind = Counting()
    evaluator = CachingEvaluator(behind, store, "context")
    assert evaluator.settle(GOOD, seed=1) is None
    assert behind.asked == []
    evaluator.evaluate(GOOD, seed=1)
    assert evaluator.settle(GOOD, seed=1) == evaluator.evaluate(GOOD, seed=1)
    assert len(behind.asked) == 1


def test_other_fidelities_and_splits_are_neither_remembered_nor_answered_from_memory(store: ResultStore) -> None:
    behind = Counting()
    evaluator = CachingEvaluator(behind, store, "context")
    evaluator.evaluate(GOOD, seed=1)
    for more in ({"at": Fidelity(epochs=9)}, {"split": "test"}):
        assert [evaluator.evaluate(GOOD, seed=1, **more).cached for _ in range(2)] == [False, False]  # type: ignore[arg-type]
    assert len(behind.asked) == 5


def test_places_are_kept_apart_and_what_may_come_from_another_is_not_kept(store: ResultStore) -> None:
    places = iter(["attic", *4 * ["attic or cellar"], "attic", "attic"])
    behind = Counting()
    evaluator = CachingEvaluator(behind, store, "context", place=lambda: next(places))
    # The cellar joins while the first is trained, perhaps there; the second is kept for the third only.
    outcomes = [evaluator.evaluate(GOOD, seed=1) for _ in range(4)]
    assert [outcome.cached for outcome in outcomes] == [False, False, True, False]


def test_seeds_and_contexts_are_kept_apart(store: ResultStore) -> None:
    evaluators = [CachingEvaluator(Counting(), store, context) for context in ("a", "b")]
    assert [e.evaluate(GOOD, seed=seed).cached for e in evaluators for seed in (0, 1, 0)] == [False, False, True] * 2


@pytest.mark.parametrize("kind", list(FailureKind))
def test_only_failures_that_happen_again_are_remembered(store: ResultStore, kind: FailureKind) -> None:
    failed = replace(VALID, stage=Stage.TRAIN, failure=Failure(Stage.TRAIN, kind, "words", 3), scores=None)
    evaluator = CachingEvaluator(Counting(failed), store, "context")
    evaluator.evaluate(GOOD, seed=0)
    again = evaluator.evaluate(GOOD, seed=0)
    chance = {"timeout", "out_of_memory", "killed", "device_fault", "bad_result"}
    assert again.cached == (kind.value not in chance)
    assert again.failure == failed.failure


def test_an_outcome_of_too_little_isolation_is_not_used(store: ResultStore) -> None:
    CachingEvaluator(Counting(replace(VALID, isolation=2)), store, "c").evaluate(GOOD, seed=0)
    assert not CachingEvaluator(Counting(), store, "c", least_isolation=3).evaluate(GOOD, seed=0).cached


def test_refusals_that_cost_nothing_are_not_kept(store: ResultStore) -> None:
    evaluator = CachingEvaluator(FakeEvaluator(), store, "context")
    assert [evaluator.evaluate(BROKEN, seed=0).cached for _ in range(2)] == [False, False]


def test_two_threads_with_the_same_work_do_it_once(store: ResultStore) -> None:
    behind = Counting()
    behind.hold = threading.Event()
    evaluator = CachingEvaluator(behind, store, "context")
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(evaluator.evaluate, GOOD, seed=0) for _ in range(2)]
        behind.hold.set()
        assert sorted(one.result().cached for one in running) == [False, True]


def test_who_waits_for_the_same_work_is_cancelled_too(store: ResultStore) -> None:
    behind = Counting()
    behind.hold = threading.Event()
    evaluator = CachingEvaluator(behind, store, "context")
    cancellation = Cancellation()

    def evaluate() -> Outcome:
        with cancellation.scope():
            return evaluator.evaluate(GOOD, seed=0)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(evaluator.evaluate, GOOD, seed=0)
        while not behind.asked:
            pass
        second = pool.submit(evaluate)
        time.sleep(0.05)
        cancellation.cancel()
        wait([second], 5.0)
        behind.hold.set()
        first.result()
    with pytest.raises(EvaluationCancelledError):
        second.result()


@pytest.mark.parametrize(
    "content", [b"", b"not a database" * 500, b"SQLite format 3\0" + b"\xff" * 5_000], ids=["empty", "text", "torn"]
)
def test_a_damaged_file_is_set_aside_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(content)
    store = ResultStore(path)
    with caplog.at_level(logging.WARNING):
        assert store.get("key") is None
    store.put("key", VALID)
    assert store.get("key") == VALID
    assert bool(content) == ("damaged" in caplog.text) == any(".damaged-" in file.name for file in tmp_path.iterdir())


def test_a_damaged_row_is_set_aside_too(tmp_path: Path, store: ResultStore) -> None:
    store.put("key", VALID)
    with sqlite3.connect(tmp_path / "results.db") as connection:
        connection.execute("UPDATE outcomes SET outcome = '{}'")
    connection.close()
    assert store.get("key") is None
    store.put("key", VALID)
    assert store.get("key") == VALID


def test_a_folder_that_cannot_be_written_means_no_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    evaluator = CachingEvaluator(Counting(), ResultStore(tmp_path / "file" / "results.db"), "context")
    assert [evaluator.evaluate(GOOD, seed=0).cached for _ in range(2)] == [False, False]
    assert caplog.text.count("is not used") == 1


def test_the_store_is_bounded_and_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results.db", most=20)
    for number in range(21):
        store.put(str(number), VALID)
        store.get("0")
    assert store.get("0") == VALID
    assert [store.get(str(number)) for number in (1, 2, 3)] == [None] * 3
    assert store.get("20") == VALID


def test_outcomes_are_not_counted_with_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[None] = []
    monkeypatch.setattr(ResultStore, "drop_oldest", lambda store, connection: counted.append(None))
    store = ResultStore(tmp_path / "results.db", most=1_000)
    for number in range(21):
        store.put(str(number), VALID)
    assert len(counted) == 3


def test_several_processes_use_one_store(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from archwright.candidate import Outcome, Scores, Stage\n"
        "from archwright.evaluation.result_store import ResultStore\n"
        "store = ResultStore(Path(sys.argv[1]))\n"
        "scores = [Scores({'accuracy': i / 100}, 1) for i in range(30)]\n"
        "for i in range(30): store.put(f'{sys.argv[2]}/{i}', Outcome(Stage.SCORE, scores=scores[i]))\n"
    )
    path = tmp_path / "results.db"
    workers = [subprocess.Popen([sys.executable, "-c", script, str(path), str(number)]) for number in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    store = ResultStore(path)
    found = [store.get(f"{worker}/{number}") for worker in range(3) for number in range(30)]
    assert [outcome and outcome.value("accuracy") for outcome in found] == [number / 100 for number in range(30)] * 3


@pytest.mark.parametrize(
    "outcome", [VALID, replace(VALID, scores=None, failure=Failure(Stage.BUILD, FailureKind.NAME, "\ud800\0"))]
)
def test_outcomes_come_back_bit_for_bit(outcome: Outcome) -> None:
    assert outcome_from_json(outcome_to_json(outcome)) == outcome


def test_everything_an_outcome_follows_from_is_in_its_context(
    digits: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def context(task: Task = TASK, data: TaskData = digits, secret: bytes = b"s", **sandbox: object) -> str:
        return context_of(task, SandboxConfig.model_validate(sandbox), data, secret=secret)

    flipped = digits.train.images.copy()
    flipped[0, 0, 0, 0] ^= 1
    contexts = [
        context(),
        context(Task(budget=Budget(epochs=2))),
        context(Task(recipe=Recipe(lr=0.02))),
        context(Task(data=DataOptions(validation_size=99))),
        context(secret=b"t"),
        context(threads=2),
        context(policy="off"),
        context(data=replace(digits, train=replace(digits.train, images=flipped))),
    ]
    monkeypatch.setattr(caching, "source_digest", lambda: "another source")
    contexts.append(context())
    assert len(set(contexts)) == len(contexts)
    assert context(workers=3, log_bytes=5_000) == contexts[-1]


def test_another_model_of_gpu_is_another_place(monkeypatch: pytest.MonkeyPatch) -> None:
    places = []
    for models in (["NVIDIA H200"], ["NVIDIA L4"], ["NVIDIA H200", "NVIDIA L4"], []):
        monkeypatch.setattr(caching, "gpu_models", lambda models=models: models)
        places += [place_of("cuda"), place_of("cpu")]
    assert len(set(places)) == 5
    assert "NVIDIA H200" in places[0]


def test_the_cache_is_on_by_default_and_off_by_one_setting(own_cache: Path) -> None:
    task = Task(data=DataOptions(train_size=128, validation_size=50))

    def run(sandbox: SandboxConfig) -> Outcome:
        executor = start_executor(task, sandbox)
        ((_, outcome),) = run_jobs(executor, [Job(0, GOOD, 5)])
        executor.close()
        return outcome

    first, again = run(SandboxConfig()), run(SandboxConfig())
    without = run(SandboxConfig(cache=False))
    assert [first.cached, again.cached, without.cached] == [False, True, False]
    assert first.scores == again.scores == without.scores
    assert (own_cache / "results.db").exists()
