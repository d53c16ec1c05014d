"""Archwright: a language model designs neural networks and learns from how well they train.

The public names below are imported when they are first used, so that `import archwright` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwright.candidate import Candidate, Outcome, Program, Scores
    from archwright.config import StudyConfig
    from archwright.configuring import load_config
    from archwright.evaluation import evaluate
    from archwright.finals import evaluate_finalists
    from archwright.journal import StudyResult
    from archwright.study import Study
    from archwright.task import Budget, Task

__version__ = "0.1.0"

__all__ = [
    "Budget",
    "Candidate",
    "Outcome",
    "Program",
    "Scores",
    "Study",
    "StudyConfig",
    "StudyResult",
    "Task",
    "evaluate",
    "evaluate_finalists",
    "load_config",
]

_HOMES = {
    "Budget": "task",
    "Candidate": "candidate",
    "Outcome": "candidate",
    "Program": "candidate",
    "Scores": "candidate",
    "Study": "study",
    "StudyConfig": "config",
    "StudyResult": "journal",
    "Task": "task",
    "evaluate": "evaluation",
    "evaluate_finalists": "finals",
    "load_config": "configuring",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'archwright' has no attribute '{name}'")
    return getattr(import_module(f"archwright.{_HOMES[name]}"), name)
