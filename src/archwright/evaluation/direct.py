"""Evaluating programs outside any study: files, text, or Program objects."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.candidate import Outcome, Program
from archwright.errors import UsageError
from archwright.reading import read_source

if TYPE_CHECKING:
    from archwright.config import SandboxConfig
    from archwright.task import Task


def evaluate(
    programs: "Program | str | Path | Sequence[Program | str | Path]",
    task: "Task | str" = "digits",
    *,
    seeds: Sequence[int] = (0,),
    sandbox: "SandboxConfig | None" = None,
) -> list[tuple[Program, Outcome]]:
    """Return the outcome of every program trained with every seed, ordered by program, then by seed.

    A program is a Program, a path to a file, or source text (any string with a line break).
    """
    from archwright.config import SandboxConfig
    from archwright.evaluation.evaluator import Job
    from archwright.evaluation.executors import run_jobs
    from archwright.evaluation.start import start_executor
    from archwright.task import Task

    listed = [programs] if isinstance(programs, Program | str | Path) else list(programs)
    loaded = [read_program(program) for program in listed]
    jobs = [
        Job(number, program, seed)
        for number, (program, seed) in enumerate((program, seed) for program in loaded for seed in seeds)
    ]
    named = Task(name=task) if isinstance(task, str) else task
    with closing(start_executor(named, sandbox or SandboxConfig())) as executor:
        outcomes = {job.number: outcome for job, outcome in run_jobs(executor, jobs)}
    return [(job.program, outcomes[job.number]) for job in jobs]


def read_program(program: Program | str | Path) -> Program:
    """Return the Program in a file or text; bytes that Python would refuse are kept so that the check can name them."""
    if isinstance(program, Program):
        return program
    if isinstance(program, str) and "\n" in program:
        return Program(program.removeprefix("\ufeff"))
    try:
        return Program(read_source(Path(program)))
    except OSError as error:
        raise UsageError(
            f"cannot read the program {program}: {error.strerror}", "give a readable Python file"
        ) from None
