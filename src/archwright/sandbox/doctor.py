"""Which protections this machine really has: each is found by trying, in a box, what it should prevent.

Nothing is concluded from version numbers or settings. A layer that was refused and an attempt that succeeds are missing
protections.
"""

import os
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache

from archwright.errors import EvaluatorError
from archwright.sandbox import attempts
from archwright.sandbox.box import Tell
from archwright.sandbox.files import blank
from archwright.sandbox.groups import find_place
from archwright.sandbox.layers import LAYERS
from archwright.sandbox.order import End, Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

ENTRY = "archwright.sandbox.doctor:attempt"
LABELS_LEVEL = 2
NOTHING = b""
"""What a box is told that is only looked at."""
LIMITS = Limits(wall_s=60.0, memory_mb=128, log_bytes=4_096)
REMEDIES = {"namespaces": attempts.NAMESPACES, "files": attempts.LANDLOCK, "system calls": attempts.SECCOMP}
"""How to get a layer that was refused."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One protection, tried."""

    name: str
    is_ok: bool
    detail: str
    remedy: str
    """What to do where it is missing."""
    level: int = 0
    """The isolation level it belongs to."""


def probe() -> list[Probe]:
    """Return whether each layer was accepted and what each attempt came to; takes a few seconds."""
    with closing(Sandbox(ENTRY)) as boxes:
        return [_memory(), *accepted_layers(boxes), *(_try(boxes, tried) for tried in attempts.ATTEMPTS)]


def isolation_level(probes: list[Probe]) -> int:
    """Return the highest level of which, and of everything below, every protection holds."""
    missing = [found.level for found in probes if not found.is_ok]
    return min(missing, default=1 + max(found.level for found in probes)) - 1


@cache
def require_isolation(required: int, most: int = 3) -> None:
    """Raise EvaluatorError unless a box reaches the isolation level `required` here; takes a fraction of a second.

    Protections above the level `most` are left out. A box of the second level that can read labels is none, whatever
    its layers say.
    """
    limits = replace(LIMITS, isolation=most, require=required)
    with closing(Sandbox(ENTRY)) as boxes:
        if required < LABELS_LEVEL:
            boxes.run(Order(NOTHING, {}, limits))
        else:
            refuse_readable_labels(boxes.run(Order(attempts.LABELS.encode(), {}, limits)))


def refuse_readable_labels(report: Report) -> None:
    """Raise EvaluatorError when a box read the labels of a data set that comes with a package."""
    if any("succeeded" in message.content for message in report.messages):
        raise EvaluatorError(
            "programs could read the data sets that come with packages, labels included",
            "install scikit-learn where Python's other packages are, or archwright in an environment of its own",
        )


def attempt(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Make one attempt inside a box, if any, and tell whether it succeeded."""
    if payload == NOTHING:
        return
    (chosen,) = (known for known in attempts.ATTEMPTS if known.name == payload.decode())
    try:
        chosen.act(files)
    except (OSError, MemoryError) as error:
        tell({"prevented": f"{type(error).__name__}: {error}"})
    else:
        tell({"succeeded": True})


def _memory() -> Probe:
    """Return what holds the memory of a box; both kinds do, so none of them is missing."""
    place = find_place()
    watch = "the keeper's watch and resource limits; no cgroup v2 with the memory controller is delegated here"
    detail = watch if place is None else f"the kernel, by control groups in {place}, and the keeper's watch"
    return Probe("memory limit", True, f"held by {detail}", "")


def accepted_layers(boxes: Sandbox) -> list[Probe]:
    """Return which layers were accepted by a box in which nothing is tried."""
    report = boxes.run(Order(NOTHING, {}, LIMITS))
    if not report.messages:
        return [Probe("layers", False, f"no box could be started: {_last_words(report)}", attempts.LINUX, 1)]
    told = report.messages[0].content["refused"]
    refused = told if isinstance(told, dict) else {}
    return [
        Probe(
            f"layer: {layer.name}",
            layer.name not in refused,
            f"refused ({refused[layer.name]})" if layer.name in refused else "in force",
            REMEDIES.get(layer.name, attempts.LINUX),
            layer.level,
        )
        for layer in LAYERS
    ]


def _try(boxes: Sandbox, tried: attempts.Attempt) -> Probe:
    mark = blank(8)
    try:
        report = boxes.run(Order(tried.name.encode(), {"mark": mark}, replace(LIMITS, wall_s=tried.wall_s)))
        if not report.messages:
            why = f"no box could be started: {_last_words(report)}"
            return Probe(tried.name, False, why, tried.remedy, tried.level)
        detail = prevention(report, mark)
    finally:
        os.close(mark)
    if detail is None:
        return Probe(tried.name, False, "tried and not prevented", tried.remedy, tried.level)
    return Probe(tried.name, True, f"tried and prevented ({detail})", tried.remedy, tried.level)


def prevention(report: Report, mark: int) -> str | None:
    """Return what stopped the attempt, or None when nothing did."""
    if report.end in (End.WALL, End.MEMORY, End.TASKS, End.DISK):
        return f"killed at the {report.end} limit"
    if any("succeeded" in message.content for message in report.messages):
        before = os.pread(mark, 8, 0)
        time.sleep(0.1)
        return "killed with its box" if before != bytes(8) and os.pread(mark, 8, 0) == before else None
    said = [str(message.content["prevented"]) for message in report.messages if "prevented" in message.content]
    return said[0][:100] if said else f"the box ended: {report.end}"


def _last_words(report: Report) -> str:
    lines = report.log.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else str(report.end)
