"""What needs no box: the outcome of a program that the static checks refuse."""

from archwright.candidate import Failure, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.task import Task

MOST_FINDINGS = 20
"""Findings told of one program; a model has learnt enough by then."""


def refuse(program: Program, contract: Contract, task: Task, sandbox: SandboxConfig, *, seed: int) -> Outcome | None:
    """Return the outcome of `program` if it is refused unrun: the first finding decides, and all are told."""
    findings = contract.check(program.source, with_policy=sandbox.policy == "on")
    if not findings:
        return None
    first = findings[0]
    others = [f"line {f.line}: {f.message}" if f.line else f.message for f in findings[1:MOST_FINDINGS]]
    if len(findings) > MOST_FINDINGS:
        others.append(f"and {len(findings) - MOST_FINDINGS:,} more")
    failure = Failure(first.stage, first.kind, "\n".join([first.message, *others]), first.line)
    return Outcome(stage=first.stage, failure=failure, seed=seed, protocol=task.data.protocol)
