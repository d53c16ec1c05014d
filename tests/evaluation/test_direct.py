"""`archwright.evaluation.evaluate`: programs as text, files or objects, each with every seed."""

from pathlib import Path

import pytest

from archwright.candidate import FailureKind, Program
from archwright.config import SandboxConfig
from archwright.errors import UsageError
from archwright.evaluation import evaluate
from archwright.evaluation.direct import read_program
from archwright.task import DataOptions, Task
from archwright.testing.programs import GOOD


def test_programs_of_every_kind_are_evaluated_with_every_seed(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(GOOD.source)
    binary = tmp_path / "binary.py"
    binary.write_bytes(b"\x7fELF\x00\xff\xfe")
    task = Task(data=DataOptions(train_size=128, validation_size=50))
    answers = evaluate([path, GOOD.source, binary], task, seeds=[0, 1], sandbox=SandboxConfig(workers=2))
    assert [outcome.seed for _, outcome in answers] == [0, 1, 0, 1, 0, 1]
    first, second, third, fourth, *broken = [outcome for _, outcome in answers]
    assert (first.scores, second.scores) == (third.scores, fourth.scores)
    assert first.scores is not None
    assert all(outcome.failure and outcome.failure.kind is FailureKind.ENCODING for outcome in broken)


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.py"):
        read_program(tmp_path / "missing.py")
    with pytest.raises(UsageError, match="is a folder"):
        read_program(tmp_path)


def test_a_large_binary_file_is_read_without_complaint(tmp_path: Path) -> None:
    path = tmp_path / "big.py"
    path.write_bytes(b"\xff" * 5_000_000)
    assert len(read_program(path).source) == 5_000_000
    assert isinstance(read_program(Program("x = 1\n")), Program)
