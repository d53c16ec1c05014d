"""What a study would do, without doing any of it: `archwright search --dry-run`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archwright.assembly import Assembly
from archwright.config import StudyConfig
from archwright.strategies.strategy import View


@dataclass(frozen=True)
class StudyPlan:
    """What a study would do."""

    config: StudyConfig
    candidates: int
    """Candidates of all cycles, should the study not stop earlier."""
    prompt: str | None
    """The first prompt; None when no language model is asked."""
    expected: Mapping[str, float]
    """Upper bounds on what it costs, from the budgets: nothing has been measured."""


def plan(config: StudyConfig) -> StudyPlan:
    """Return what `config` would do; raises UsageError, DataError or EvaluatorError when it cannot run."""
    assembly = Assembly(config, Path())
    assembly.check()
    assembly.check_isolation()
    candidates = config.loop.cycles * config.loop.candidates
    workers = config.sandbox.workers or os.cpu_count() or 1
    expected = {
        "training_epochs_at_most": candidates * config.budget.epochs,
        "evaluation_wall_s_at_most": candidates * config.budget.wall_s / workers,
    }
    if not assembly.generator.roles:
        return StudyPlan(config, candidates, None, expected)
    expected["completion_tokens_at_most"] = candidates * config.llm.max_new_tokens
    expected["lessons_at_most"] = config.loop.cycles - 1 if assembly.learns else 0
    request = assembly.strategy.ask(View(config, 1, [], assembly.starters, assembly.metric))[0]
    return StudyPlan(config, candidates, str(assembly.generator.prompt_for(request)), expected)
