"""Progress on a terminal: cycle, phase and bar, rate, valid share, best so far, time left and the last outcomes."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from archwright import events
from archwright.analysis.text import duration, percent, printable
from archwright.candidate import Candidate, Outcome
from archwright.cli.plain import describe_cycle
from archwright.cli.progress import Progress, describe_left_out, describe_outcome
from archwright.task import Metric

REFRESH_HZ = 4


class LiveProgress:
    """An observer that redraws a few lines at the bottom of a terminal while its context is open."""

    def __init__(self, progress: Progress, file: TextIO) -> None:
        self._progress = progress
        self._console = Console(file=file, markup=False, highlight=False, emoji=False)
        self._live = Live(
            console=self._console, get_renderable=self.render, refresh_per_second=REFRESH_HZ, transient=True
        )

    def __enter__(self) -> LiveProgress:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: events.Event) -> None:
        """Take in `event`; what should stay on the screen is printed above the moving part."""
        self._progress(event)
        match event:
            case events.StudyStarted():
                self._console.print(Text(printable(self._progress.title), style="bold"))
                for line in self._progress.data:
                    self._console.print(Text(printable(line)))
            case events.Taught() if event.left_out:
                self._console.print(Text(describe_left_out(event)))
            case events.CycleFinished():
                self._console.print(Text(describe_cycle(self._progress, event)))

    def render(self) -> RenderableType:
        """Return what is shown at the moment."""
        progress = self._progress
        if progress.phase is None:
            return Text("starting", style="dim")
        done, steps = progress.steps
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(f"cycle {progress.cycle} of {progress.cycles}", style="bold"),
            Text(progress.phase.value, style="cyan"),
            ProgressBar(total=steps or None, completed=done, pulse=not steps, width=30),
            Text(f"{done}/{steps}" if steps else ""),
            Text(duration(progress.phase_s), style="dim"),
        )
        lines = [_outcome_line(*item, progress.metric, width=self._console.width) for item in progress.recent]
        return Group(head, Text(self._numbers(), style="dim"), *lines)

    def _numbers(self) -> str:
        progress, parts = self._progress, []
        if progress.tuning is not None:
            parts.append(f"loss {progress.tuning.loss:.3f}, {progress.tuning.tokens_per_s:,.0f} tokens/s")
        if progress.per_minute is not None:
            parts.append(f"{progress.per_minute:.1f} candidates/min")
        if progress.evaluated:
            parts.append(f"{percent(progress.valid / progress.evaluated)} of {progress.evaluated} valid")
        if progress.best is not None:
            parts.append(f"best {progress.metric.format(progress.best[0])} ({progress.best[1]})")
        if progress.left_s is not None:
            parts.append(f"{duration(progress.left_s)} left")
        return " · ".join(parts)


def _outcome_line(candidate: Candidate, outcome: Outcome, metric: Metric, *, width: int) -> Text:
    text = Text(describe_outcome(candidate, outcome, metric), style="green" if outcome.is_valid else "red")
    text.truncate(width, overflow="ellipsis")
    return text
