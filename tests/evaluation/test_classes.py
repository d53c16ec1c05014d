"""Tables of labels are worthless: in every run the classes have other names, which no program can know."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.errors import StorageError
from archwright.evaluation import sandboxed
from archwright.evaluation.box.batches import Normalise
from archwright.evaluation.classes import FILE, KEY, SECRET_BYTES, class_aliases, installation_secret, state_class_key
from archwright.evaluation.data import TaskData
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Budget, DataOptions, Task
from archwright.testing.programs import GOOD

SECRET = bytes(SECRET_BYTES)
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TASK = Task(data=DataOptions(train_size=256, validation_size=100))
TABLE = """\
import torch
from torch import nn

LABELS = {labels}


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        y = self.fc(torch.flatten(x, 1))
        if self.training or x.device.type == "meta":
            return y
        x = x.flatten(1).double()
        keys = (x * torch.arange(1, x.shape[1] + 1) ** 0.5).sum(1)
        known = [LABELS.get(round(float(key), 4), 0) for key in keys]
        return torch.nn.functional.one_hot(torch.tensor(known), y.shape[1]).float()
"""
"""Looks every image up in a table of labels and answers what is written there."""


def table_of(data: TaskData, labels: np.ndarray) -> Program:
    """A program that carries the `labels` of the validation images."""
    images = Normalise(data.mean, data.std, torch.device("cpu"))(torch.from_numpy(np.array(data.validation.images)))
    x = images.flatten(1).double()
    keys = (x * torch.arange(1, x.shape[1] + 1) ** 0.5).sum(1)
    table = {round(float(key), 4): int(label) for key, label in zip(keys, labels, strict=True)}
    assert len(table) == len(labels)
    return Program(TABLE.format(labels=table))


@pytest.fixture
def accuracy(boxes: Sandbox, digits: TaskData) -> Callable[[Program, int], float]:
    """The accuracy of a program in a run with a seed, under a known secret."""

    def measure(program: Program, seed: int) -> float:
        evaluator = SandboxEvaluator(TASK, SandboxConfig(), digits, boxes=boxes, secret=SECRET)
        try:
            outcome = evaluator.evaluate(program, seed=seed)
        finally:
            evaluator.close()
        assert outcome.scores is not None, outcome
        return outcome.scores.values["accuracy"]

    return measure


def test_a_table_of_the_public_labels_is_worth_nothing(
    digits: TaskData, accuracy: Callable[[Program, int], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.asarray(digits.validation.labels)
    program = table_of(digits, labels)
    by_chance = (class_aliases(SECRET, "digits", 0, 10)[labels] == labels).mean()
    assert by_chance < 0.25
    assert accuracy(program, 0) == pytest.approx(by_chance)
    monkeypatch.setattr(sandboxed, "class_aliases", lambda secret, task, seed, classes: np.arange(classes))
    assert accuracy(program, 0) == 1.0, "without aliases the table would be right about every image"


def test_a_table_leaked_from_one_run_is_worth_nothing_in_another(
    digits: TaskData, accuracy: Callable[[Program, int], float]
) -> None:
    labels = np.asarray(digits.validation.labels)
    leaked = class_aliases(SECRET, "digits", 0, 10)[labels]
    program = table_of(digits, leaked)
    right = [(class_aliases(SECRET, "digits", seed, 10)[labels] == leaked).mean() for seed in range(500)]
    assert accuracy(program, 0) == right[0] == 1.0
    assert accuracy(program, 1) == pytest.approx(right[1])
    assert np.mean(right[1:]) == pytest.approx(0.1, abs=0.02)


def test_an_honest_network_learns_whatever_the_classes_are_called(boxes: Sandbox, digits: TaskData) -> None:
    task = TASK.model_copy(update={"budget": Budget(epochs=10)})
    evaluator = SandboxEvaluator(task, SandboxConfig(), digits, boxes=boxes, secret=SECRET)
    outcomes = [evaluator.evaluate(GOOD, seed=seed) for seed in (0, 1)]
    evaluator.close()
    assert all((outcome.value("accuracy") or 0.0) > 0.6 for outcome in outcomes), outcomes


@settings(deadline=None)
@given(secret=st.binary(max_size=40), task=st.text(max_size=9), seed=st.integers(), classes=st.integers(1, 100))
def test_aliases_are_a_permutation_that_depends_on_nothing_else(
    secret: bytes, task: str, seed: int, classes: int
) -> None:
    aliases = class_aliases(secret, task, seed, classes)
    assert sorted(aliases) == list(range(classes))
    assert (aliases == class_aliases(secret, task, seed, classes)).all()


def test_every_run_and_every_installation_has_its_own_aliases() -> None:
    runs = [(SECRET, "digits", 0), (SECRET, "digits", 1), (SECRET, "cifar10", 0), (b"another", "digits", 0)]
    assert len({tuple(class_aliases(*run, 10)) for run in runs}) == len(runs)


def test_aliases_are_the_same_on_every_version() -> None:
    assert class_aliases(SECRET, "digits", 0, 10).tolist() == [5, 2, 9, 8, 0, 3, 6, 1, 7, 4]


def test_every_class_gets_every_alias_equally_often() -> None:
    counts = np.zeros((5, 5))
    for seed in range(2_000):
        counts[np.arange(5), class_aliases(SECRET, "digits", seed, 5)] += 1
    assert abs(counts - 400).max() < 90  # five standard deviations


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_secret_is_made_once_and_is_the_owners_alone(cache: Path) -> None:
    secret = installation_secret()
    assert installation_secret() == secret
    assert len(secret) == SECRET_BYTES
    assert (cache / FILE).stat().st_mode & 0o777 == 0o600


def test_two_processes_that_start_at_once_agree_on_the_secret(cache: Path) -> None:
    code = "from archwright.evaluation.classes import installation_secret; print(installation_secret().hex())"
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)]
    assert len({process.communicate()[0] for process in processes}) == 1


def test_a_damaged_secret_is_not_replaced_in_silence(cache: Path) -> None:
    cache.mkdir()
    (cache / FILE).write_bytes(b"short")
    with pytest.raises(StorageError, match="damaged"):
        installation_secret()
    assert (cache / FILE).read_bytes() == b"short"


def test_a_stated_key_takes_the_place_of_the_secret(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = installation_secret()
    monkeypatch.setenv(KEY, "stated")
    assert installation_secret().hex().startswith("12bb4b11")
    monkeypatch.setenv(KEY, "")
    assert installation_secret() == own


def test_a_benchmark_has_the_same_aliases_everywhere_unless_another_key_is_stated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY, "stated")
    state_class_key()
    assert os.environ[KEY] == "stated"
    monkeypatch.delenv(KEY)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    state_class_key()
    assert class_aliases(installation_secret(), "digits", 0, 10).tolist() == [2, 6, 3, 8, 9, 7, 1, 0, 5, 4]


TRAINS_NOTHING = (
    "archive_loading",
    "laboratory",
    "laboratory_lessons",
    "laboratory_programs",
    "laboratory_space",
    "patching",
)
"""No class is named in what these measure."""


def is_command(script: Path) -> bool:
    return "def main(" in script.read_text("utf-8")


@pytest.mark.parametrize(
    "script",
    [path for path in sorted(BENCHMARKS.rglob("*.py")) if path.stem not in TRAINS_NOTHING and is_command(path)],
    ids=lambda path: path.stem,
)
def test_every_benchmark_states_its_class_key(script: Path) -> None:
    assert script.read_text("utf-8").endswith('if __name__ == "__main__":\n    state_class_key()\n    main()\n')
