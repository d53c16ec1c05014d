"""How far candidates got, as bars of HTML."""

from __future__ import annotations

from archwright.analysis.report.facts import StudyFacts, stages_reached
from archwright.analysis.text import count


def failure_bars(facts: StudyFacts) -> str:
    """Return a bar per stage: what entered it, its end what failed there."""
    reached = stages_reached(facts.records)
    most = reached[0][1]
    bars = "".join(
        f'<b>{stage.value}</b><span style="width:{100 * entered / most:.1f}%;'
        f'--passed:{100 * (entered - failed) / entered if entered else 0:.1f}%"></span>'
        f"<em>{count(failed)} of {count(entered)} failed</em>"
        for stage, entered, failed in reached
        if entered
    )
    return (
        '<p class="note">How far candidates got: each bar is what entered a stage, its red end what failed there.</p>'
        f'<div class="panel bars">{bars}</div><p></p>'
    )
