"""Our own failures, as one exception tree.

What a candidate does wrong is data (`candidate.Failure`), never one of these.

ArchwrightError            says what happened and what to do about it
├── UsageError             a wrong option, name, key or file (exit code 2)
│   ├── UnknownNameError   no such task, model, preset, key ...; names the nearest valid one
│   ├── DataError          a data set is missing, damaged or not in a form we read
│   └── StudyError         a study folder cannot be used as asked
│       ├── StudyBusyError      another process holds it
│       ├── StudyDamagedError   its archive is not readable, or rows contradict each other
│       └── StudyTooNewError    a newer Archwright wrote it
├── ModelError             the language model cannot answer (exit code 1)
├── SpentError             a limit of tokens or money is reached; the study can go on with a higher one (exit code 1)
├── TuningError            fine-tuning failed (exit code 1)
├── EvaluatorError         the evaluator itself broke, not the candidate (exit code 1)
│   └── EvaluationCancelledError  it was told to stop; the candidate has no outcome
└── StorageError           the disk is full or read-only (exit code 1)
"""

import difflib
import shlex
from collections.abc import Iterable
from pathlib import Path


def typed(*words: object) -> str:
    """Return the command line `archwright` with `words`, as a person can type it: names with blanks are quoted."""
    return shlex.join(["archwright", *map(str, words)])


class ArchwrightError(Exception):
    """Something we could not do: `what` happened, and the `remedy` a person can apply."""

    exit_code = 1

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} — {self.remedy}"


class UsageError(ArchwrightError):
    """The request itself is wrong."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not one of the valid ones; build it with `of`."""

    @classmethod
    def of(cls, kind: str, name: str, valid: Iterable[str]) -> "UnknownNameError":
        """Return the error for `name`, suggesting the nearest of the `valid` names."""
        names = sorted(valid)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        near = [each for each in names if each.lower() == name.strip().lower()] or near
        remedy = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names)}"
        return cls(f"unknown {kind} '{name}'", remedy)


class DataError(UsageError):
    """A data set is missing, damaged or in a form we do not read."""


class StudyError(UsageError):
    """A study folder cannot be used as asked; it was not modified."""


class StudyBusyError(StudyError):
    """Another process is running this study."""


class StudyDamagedError(StudyError):
    """The archive cannot be read, or contradicts itself."""


class StudyTooNewError(StudyError):
    """The archive was written by a newer Archwright."""


class ModelError(ArchwrightError):
    """The language model could not be loaded or stopped answering."""


class SpentError(ArchwrightError):
    """The language model may not be asked again within its limits; what was answered is kept."""

    def in_folder(self, folder: Path) -> "SpentError":
        """Return this error with the command that goes on in `folder`."""
        return SpentError(self.what, self.remedy.replace(" DIR ", f" {shlex.quote(str(folder))} "))


class TuningError(ArchwrightError):
    """Fine-tuning did not produce an adapter."""


class EvaluatorError(ArchwrightError):
    """The evaluator broke; the candidate is not to blame."""


class EvaluationCancelledError(EvaluatorError):
    """The evaluation was stopped from outside; the candidate has no outcome and can be evaluated again."""


class StorageError(ArchwrightError):
    """Results could not be written: the disk is full or read-only."""
