import io
from pathlib import Path

import pytest
from rich.console import Console

from archwright import events
from archwright.analysis.summary import summarize_cycles, summarize_totals
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Program,
    Stage,
)
from archwright.cli.live import LiveProgress
from archwright.cli.plain import PlainProgress, describe_cycle
from archwright.cli.progress import Progress, describe_outcome
from archwright.configuring import load_config
from archwright.contracts.network import ACCURACY
from archwright.events import Phase
from archwright.journal import StudyResult
from archwright.task import DataSpec
from archwright.testing.records import recorded, scored

SPEC = DataSpec("digits", "Digits", (1, 8, 8), tuple("0123456789"), 1438, 359)


def candidate(cycle: int, index: int) -> Candidate:
    return Candidate(Key(cycle, index), Program("x = 1"), "full", seed=0)


def valid(accuracy: float) -> Outcome:
    return Outcome(Stage.SCORE, scores=scored(accuracy, 1.0, 100), params=1234, seconds={"total": 2.0})


FAILED = Outcome(Stage.FORWARD, failure=Failure(Stage.FORWARD, FailureKind.SHAPE, "mat1\n\x1b[31m and mat2", line=7))


@pytest.fixture
def story() -> list[events.Event]:
    """Two cycles of four candidates, proposed in batches of two; fine-tuning between them."""
    config = load_config(settings=["loop.cycles=2", "loop.candidates=4"])
    told: list[events.Event] = [events.StudyStarted(config, SPEC, ACCURACY, Path("runs/x"), is_resumed=False, done=0)]
    for first in (0, 2):
        batch = [candidate(1, first), candidate(1, first + 1)]
        told.append(events.PhaseStarted(1, Phase.PROPOSE, 2))
        told += [events.Proposed(each) for each in batch]
        told.append(events.PhaseStarted(1, Phase.EVALUATE, 2))
        told += [events.Evaluated(batch[0], valid(0.5 + first / 10)), events.Evaluated(batch[1], FAILED)]
    told.append(events.PhaseStarted(1, Phase.ADMIT, 4))
    told.append(events.Admitted(candidate(1, 0), Admission(AdmissionReason.ADMITTED)))
    told.append(events.CycleFinished(1, 0.4))
    told.append(events.PhaseStarted(1, Phase.LEARN, 0))
    told += [events.TuningStep(1, step, 40, 1.0 / step, 250.0) for step in range(1, 41)]
    told.append(events.Taught(1, pairs=70, left_out=3, max_length=2048))
    return told


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_counts_rates_and_the_best_follow_the_events(story):
    clock = Clock()
    progress = Progress(clock=clock)
    for event in story:
        progress(event)
    clock.now = 60.0
    assert (progress.evaluated, progress.valid) == (4, 2)
    assert progress.best == (0.7, Key(1, 2))
    assert progress.now.admitted == 1
    assert progress.per_minute == pytest.approx(4)
    assert progress.left_s == pytest.approx(60)


def test_batches_of_one_cycle_share_one_bar(story):
    progress = Progress()
    bars = []
    for event in story:
        progress(event)
        if isinstance(event, events.Evaluated):
            bars.append(progress.steps)
    assert bars == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_cycle_that_is_resumed_counts_what_it_had(story):
    config = load_config(settings=["loop.cycles=2", "loop.candidates=12"])
    before = [recorded(candidate(2, index), valid(0.25)) for index in range(6)]
    before += [recorded(candidate(2, index), None) for index in range(6, 9)]
    progress = Progress(clock=Clock())
    cycles = summarize_cycles(before, [], ACCURACY)
    progress.recall(StudyResult(Path("x"), "running", cycles, [], summarize_totals(before, []), ACCURACY))
    file = io.StringIO()
    with PlainProgress(progress, file) as display:
        display(events.StudyStarted(config, SPEC, ACCURACY, Path("x"), is_resumed=True, done=6))
        display(events.PhaseStarted(2, Phase.EVALUATE, 3))
        display(events.Evaluated(candidate(2, 6), FAILED))
        display(events.PhaseStarted(2, Phase.PROPOSE, 3))
        display(events.Proposed(candidate(2, 9)))
        assert progress.steps == (10, 12)
        display(events.Evaluated(candidate(2, 7), valid(0.5)))
    lines = file.getvalue().splitlines()
    assert [line.split()[0] for line in lines if "/" in line] == ["7/12", "8/12"]
    assert describe_cycle(progress, events.CycleFinished(2, None)).startswith("cycle 2 of 2: 8 candidates, 7 valid")


def test_a_resumed_study_counts_on():
    config = load_config(settings=["loop.cycles=2", "loop.candidates=4"])
    clock = Clock()
    progress = Progress(clock=clock)
    progress(events.StudyStarted(config, SPEC, ACCURACY, Path("x"), is_resumed=True, done=6))
    assert progress.per_minute is None
    progress(events.PhaseStarted(2, Phase.EVALUATE, 2))
    progress(events.Evaluated(candidate(2, 2), valid(0.5)))
    clock.now = 30.0
    assert progress.evaluated == 7
    assert progress.left_s == pytest.approx(30)


def test_plain_progress_is_one_line_per_phase_outcome_and_cycle(story):
    file = io.StringIO()
    with PlainProgress(Progress(clock=Clock()), file) as display:
        for event in [*story, events.StudyStopped("complete")]:
            display(event)
    lines = file.getvalue().splitlines()
    assert lines[:5] == [
        "Digits · cycles, full · runs/x",
        "cycle 1 of 2: propose 4",
        "cycle 1 of 2: evaluate 4",
        "  1/4  1.0  50.0 %  1,234 parameters  2.0 s",
        "  2/4  1.1  failed at forward: shape, line 7: mat1 \ufffd[31m and mat2",
    ]
    assert "cycle 1 of 2: 4 candidates, 2 valid, 1 admitted, best 70.0 %, threshold 40.0 %" in lines
    assert "  step 40/40  loss 0.025  250 tokens/s" in lines
    assert (
        "  lesson of cycle 1: 3 of 73 pairs are longer than 2,048 tokens (tune.max_length) and were left out" in lines
    )
    assert sum(line.startswith("  step") for line in lines) == 10
    assert lines[-1] == "study complete"


def test_live_progress_shows_stage_rate_share_best_time_and_last_outcomes(story):
    clock = Clock()
    progress = Progress(clock=clock)
    display = LiveProgress(progress, io.StringIO())
    for event in story[:7]:
        display(event)
    clock.now = 30.0
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(display.render())
    text = console.export_text()
    for part in ("cycle 1 of 2", "evaluate", "2/4", "4.0 candidates/min", "50.0 % of 2 valid", "best 50.0 % (1.0)"):
        assert part in text
    assert "1 min 30 s left" in text
    assert "failed at forward" in text


def test_live_progress_of_fine_tuning_shows_the_loss(story):
    display = LiveProgress(Progress(clock=Clock()), io.StringIO())
    for event in story:
        display(event)
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(display.render())
    assert "loss 0.025, 250 tokens/s" in console.export_text()


def test_live_progress_leaves_the_finished_cycles_on_the_terminal(story):
    file = io.StringIO()
    with LiveProgress(Progress(clock=Clock()), file) as display:
        for event in story:
            display(event)
    assert "cycle 1 of 2: 4 candidates, 2 valid" in file.getvalue()


def test_an_outcome_is_one_short_safe_line():
    line = describe_outcome(candidate(1, 0), FAILED, ACCURACY)
    assert "\n" not in line
    assert "\x1b" not in line


def test_a_resumed_study_shows_what_it_found_before(story):
    found = recorded(candidate(1, 3), valid(0.75))
    totals = summarize_totals([found], [])
    progress = Progress(clock=Clock())
    progress.recall(StudyResult(Path("runs/x"), "running", [], [found], totals, ACCURACY))
    for event in story[:7]:
        progress(event)
    assert progress.best == (0.75, Key(1, 3))
    assert progress.valid == 2
