"""Progress as plain lines, for logs and pipes: one per phase, outcome and finished cycle."""

from __future__ import annotations

from typing import TextIO

from archwright import events
from archwright.analysis.text import duration, printable
from archwright.cli.progress import Progress, describe_left_out, describe_outcome
from archwright.events import Phase

TUNING_LINES = 10
"""At most about this many lines per fine-tuning."""


class PlainProgress:
    """An observer that writes lines to `file`; use it as a context manager, like `LiveProgress`."""

    def __init__(self, progress: Progress, file: TextIO) -> None:
        self._progress = progress
        self._file = file
        self._seen: set[tuple[int, Phase]] = set()

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()

    def __call__(self, event: events.Event) -> None:
        """Write what there is to say about `event`."""
        progress = self._progress
        progress(event)
        match event:
            case events.StudyStarted():
                resumed = f", resumed after {event.done} candidates" if event.is_resumed else ""
                self._line(f"{progress.title}{resumed}")
                for line in progress.data:
                    self._line(line)
            case events.PhaseStarted():
                # A strategy that proposes in batches enters the same phases again and again.
                if (event.cycle, event.phase) not in self._seen:
                    self._seen.add((event.cycle, event.phase))
                    _, steps = progress.steps
                    total = f" {steps}" if steps else ""
                    self._line(f"cycle {event.cycle} of {progress.cycles}: {event.phase.value}{total}")
            case events.Evaluated():
                line = describe_outcome(event.candidate, event.outcome, progress.metric)
                self._line(f"  {progress.now.evaluated}/{progress.candidates}  {line}")
            case events.TuningStep():
                if event.step == event.steps or event.step % max(1, event.steps // TUNING_LINES) == 0:
                    self._line(
                        f"  step {event.step}/{event.steps}  loss {event.loss:.3f}  {event.tokens_per_s:,.0f} tokens/s"
                    )
            case events.Taught() if event.left_out:
                self._line(f"  {describe_left_out(event)}")
            case events.CycleFinished():
                self._line(describe_cycle(progress, event))
            case events.StudyStopped():
                self._line(f"study {event.reason}")

    def _line(self, text: str) -> None:
        print(printable(text), file=self._file, flush=True)


def describe_cycle(progress: Progress, event: events.CycleFinished) -> str:
    """Return one line on a finished cycle and what is left."""
    now = progress.now
    best = "none" if now.best is None else progress.metric.format(now.best)
    threshold = "" if event.threshold is None else f", threshold {progress.metric.format(event.threshold)}"
    left = "" if progress.left_s is None or event.cycle >= progress.cycles else f", {duration(progress.left_s)} left"
    return (
        f"cycle {event.cycle} of {progress.cycles}: {now.evaluated} candidates, {now.valid} valid, "
        f"{now.admitted} admitted, best {best}{threshold}{left}"
    )
