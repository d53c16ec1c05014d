"""Runs a sketch of a system the whole way: Study, archive, an interruption and `resume`, report."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interrupted import InterruptedExecutor

from archwright.analysis.report import write_report
from archwright.archive import Archive
from archwright.assembly import Parts
from archwright.candidate import Record
from archwright.configuring import load_config
from archwright.study import Study
from archwright.task import DataSpec
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor

SPEC = DataSpec("fake", "fake images", (3, 8, 8), ("a", "b"), 100, 100)
Run = Callable[..., list[Record]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run_sketch(
        settings: list[str],
        parts: Callable[[object], Parts],
        evaluator: Callable[[], FakeEvaluator] = FakeEvaluator,
        interrupt_after: int = 4,
    ) -> list[Record]:
        """Run a study of three cycles of six twice, once interrupted; return its records, the same both times."""
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        config = load_config(settings=["loop.cycles=3", "loop.candidates=6", "loop.stop=false", *settings])
        with Study(config, folder / "whole", parts=parts(SerialExecutor(evaluator()))) as study:
            assert study.run().reason == "complete"
        interrupted = InterruptedExecutor(interrupt_after, evaluator())
        with Study(config, folder / "left", parts=parts(interrupted)) as study:
            assert study.run().reason == "interrupted"
        with Study.open(folder / "left", parts=parts(SerialExecutor(evaluator()))) as study:
            assert study.run().reason == "complete"
        found = []
        for name in ("whole", "left"):
            with Archive.open(folder / name, read_only=True) as archive:
                found.append(archive.records())
            assert write_report(folder / name).html.stat().st_size > 5_000
        whole, left = ([(r.candidate.program, r.candidate.facts, r.outcomes, r.admission) for r in rs] for rs in found)
        assert whole == left
        return found[0]

    return run_sketch
