"""From a box's Report to an Outcome. What the box said is checked like any text from a stranger."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archwright.candidate import Failure, FailureKind, Stage
from archwright.errors import EvaluatorError
from archwright.evaluation.box.layout import Slots, hear_layout
from archwright.programs.graph import Graph, hear_graph
from archwright.sandbox.order import End, Limits, Message, Report
from archwright.untrusted import excerpt, plain_text

LARGEST_COUNT = 2**62
STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a box said about itself, as far as it makes sense. Nothing in it is proven."""

    entered: Mapping[Stage, float]
    """When it first entered each stage, in seconds on our clock."""
    stage: Stage
    """The stage it says it entered last."""
    params: int | None
    flops: int | None
    failure: Failure | None
    is_done: bool
    no_device: str | None = None
    """Why its device cannot be used; only heard before anything of the candidate ran."""
    is_unrecorded: bool = False
    """Whether its training step could not be recorded as a CUDA graph."""
    layout: Slots | None = None
    """Of the network as it was built before any training."""
    graph: Graph | None = None
    """Of its forward pass."""


def hear(messages: Sequence[Message], source_lines: int) -> Testimony:
    """Return what `messages` amount to; the first word counts, the largest size does, nonsense is dropped."""
    entered: dict[Stage, float] = {}
    last = Stage.BUILD
    params: int | None = None
    flops: int | None = None
    failure: Failure | None = None
    is_done = False
    for message in messages:
        content = message.content
        stage = _stage(content.get("stage"))
        if stage is not None:
            entered.setdefault(stage, message.at_s)
            last = stage
        params = _larger(params, _count(content.get("params")))
        flops = _larger(flops, _count(content.get("flops")))
        failure = failure or _failure(content.get("failure"), source_lines)
        is_done = is_done or content.get("done") is True
    lack = messages[1].content.get("no_device") if len(messages) > 1 else None
    no_device = excerpt(str(lack)) if lack else None
    is_unrecorded = any("not_recorded" in message.content for message in messages)
    layout = hear_layout(message.content for message in messages)
    graph = hear_graph(message.content for message in messages)
    return Testimony(entered, last, params, flops, failure, is_done, no_device, is_unrecorded, layout, graph)


def find_failure(report: Report, testimony: Testimony, limits: Limits) -> Failure | None:
    """Return why the box did not finish, from what was seen outside first and from its own words second."""
    stage = testimony.stage
    if report.end is End.WALL:
        return Failure(stage, FailureKind.TIMEOUT, _timeout_message(stage, testimony, limits))
    if not report.messages or "isolation" not in report.messages[0].content:
        log = sanitise(report.log)[-500:].strip()
        raise EvaluatorError(f"a box could not be set up ({report.end}): {log}", "run `archwright doctor`")
    if testimony.no_device is not None:
        raise EvaluatorError(
            f"a box cannot use the GPU at isolation level {report.isolation}: {testimony.no_device}",
            "run `archwright doctor`, or set sandbox.device=cpu",
        )
    if report.end is End.MEMORY:
        message = (
            f"its process used more than {limits.memory_mb:,} MB (budget.memory_mb) in stage {stage}; "
            "use fewer channels, smaller layers or an earlier stride, and keep no tensors between batches"
        )
        return Failure(stage, FailureKind.OUT_OF_MEMORY, message)
    if report.end is End.TASKS:
        message = f"its process started more than {limits.threads} threads and processes; start none"
        return Failure(stage, FailureKind.KILLED, message)
    if report.end is End.DISK:
        return Failure(stage, FailureKind.KILLED, "its process filled its scratch folder; write no files")
    if report.end is End.FLOOD:
        return Failure(
            stage, FailureKind.BAD_RESULT, "its process flooded the supervisor with messages and was stopped"
        )
    if report.end is End.LOST:
        return Failure(stage, FailureKind.KILLED, "its process took its keeper down with it, twice")
    if testimony.failure is not None:
        return testimony.failure
    if report.end is End.SIGNALLED:
        return Failure(stage, *_signal_verdict(report.signal, stage, limits))
    if not testimony.is_done:
        message = (
            f"its process left in stage {stage} without an answer (exit code {report.exit_code}); "
            "do not end the process: leave out os._exit and the like"
        )
        return Failure(stage, FailureKind.KILLED, message)
    return None


def is_suspect(report: Report, testimony: Testimony, limits: Limits) -> bool:
    """Return whether another box may be to blame for how this one ended: run alone, it has nobody else to blame.

    That is so when it or its keeper was killed by nobody we know, or when a GPU failed under it, had no memory left or
    did not take it.
    """
    was_killed = report.end is End.SIGNALLED and report.signal == signal.SIGKILL
    kinds = (FailureKind.DEVICE_FAULT, FailureKind.OUT_OF_MEMORY) if limits.gpu else ()
    has_fault = testimony.failure is not None and testimony.failure.kind in kinds
    return report.end is End.LOST or was_killed or has_fault or testimony.no_device is not None


def seconds_by_phase(report: Report, testimony: Testimony) -> dict[str, float]:
    """Return wall seconds by phase on our own clock: `start`, `check`, `train`, `predict`, `total`."""
    marks = [("start", 0.0)]
    for phase, stage in (("check", Stage.BUILD), ("train", Stage.TRAIN), ("predict", Stage.PREDICT)):
        if stage in testimony.entered:
            marks.append((phase, testimony.entered[stage]))
    ends = [mark for _, mark in marks[1:]] + [report.wall_s]
    seconds = {phase: max(0.0, end - begin) for (phase, begin), end in zip(marks, ends, strict=True)}
    return seconds | {"total": report.wall_s}


def sanitise(log: bytes) -> str:
    """Return the log as plain text: no terminal escapes, control characters or direction marks."""
    return plain_text(log.decode("utf-8", "replace"))


def _stage(value: object) -> Stage | None:
    """Return a stage that a box can be in."""
    stage = Stage(value) if isinstance(value, str) and value in STAGES else None
    return stage if stage not in (Stage.SCORE, Stage.NOVELTY) else None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < LARGEST_COUNT else None


def _larger(one: int | None, other: int | None) -> int | None:
    return max(one, other) if one is not None and other is not None else one if other is None else other


def _failure(value: object, source_lines: int) -> Failure | None:
    if not isinstance(value, dict):
        return None
    stage, kind, message, line = (value.get(name) for name in ("stage", "kind", "message", "line"))
    known = _stage(stage)
    if known is None or not isinstance(message, str) or kind not in tuple(FailureKind):
        return None
    text = excerpt(message)
    is_line = type(line) is int and 1 <= line <= source_lines
    return Failure(known, FailureKind(kind), text, line if is_line else None)


def _timeout_message(stage: Stage, testimony: Testimony, limits: Limits) -> str:
    begun_s = testimony.entered.get(stage, 0.0)
    remedy = {
        Stage.BUILD: "nothing at module level or in __init__ may run for long",
        Stage.FORWARD: "forward takes too long or never ends; use fewer FLOPs and no loops without an end",
        Stage.TRAIN: "use fewer FLOPs: fewer channels, or an earlier stride; learn must end with its batches",
        Stage.PREDICT: "use fewer FLOPs: fewer channels, or an earlier stride",
    }.get(stage, "use less computation")
    return f"not finished after {limits.wall_s:g} s (budget.wall_s), in stage {stage} since {begun_s:.1f} s; {remedy}"


def _signal_verdict(number: int, stage: Stage, limits: Limits) -> tuple[FailureKind, str]:
    name = signal.Signals(number).name if number in tuple(signal.Signals) else f"signal {number}"
    if number == signal.SIGXCPU:
        return FailureKind.TIMEOUT, f"its process used more CPU time than {limits.wall_s:g} s allow; use fewer FLOPs"
    if number == signal.SIGXFSZ:
        return FailureKind.KILLED, f"its process wrote more than {limits.file_bytes:,} bytes to a file; write no files"
    if number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):
        return FailureKind.KILLED, f"its process crashed in stage {stage} ({name}); use only torch's public functions"
    if number == signal.SIGKILL:
        message = f"its process was ended by SIGKILL in stage {stage}: by itself, or by the system when memory ran out"
        return FailureKind.KILLED, message
    return FailureKind.KILLED, f"its process was ended by {name} in stage {stage}; do not send signals"
