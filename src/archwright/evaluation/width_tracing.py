"""Asks for the widths of programs: each is followed in a box of its own, since following it means running it."""

import json
from collections.abc import Mapping
from typing import final

from archwright.candidate import Program
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.contracts.form import is_compact
from archwright.programs.channels.literals import literals_of
from archwright.programs.channels.widths import Ungrouped, WidthReason, Widths, read_widths
from archwright.sandbox.order import End, Limits, Order
from archwright.sandbox.supervisor import Sandbox
from archwright.task import DataSpec, Recipe

WALL_S, MEMORY_MB = 120.0, 2048
_TRACE = "archwright.evaluation.box.width_trace"


@final
class WidthTracer:
    """Finds the widths of programs at the image size of one data set, and remembers them; close it when done."""

    def __init__(
        self, spec: DataSpec, contract: Contract, recipe: Recipe, sandbox: SandboxConfig, *, wall_s: float = WALL_S
    ) -> None:
        self._spec, self._contract, self._recipe, self._sandbox = spec, contract, recipe, sandbox
        self._wall_s = wall_s
        self._boxes: Sandbox | None = None
        self._known: dict[str, Widths | Ungrouped] = {}

    def trace(self, program: Program) -> Widths | Ungrouped:
        """Return the widths of `program`, or why there are none; raises EvaluatorError when no box can be started."""
        if program.digest not in self._known:
            self._known[program.digest] = self._trace(program.source)
        return self._known[program.digest]

    def close(self) -> None:
        """Stop every process."""
        if self._boxes is not None:
            self._boxes.close()

    def _trace(self, source: str) -> Widths | Ungrouped:
        findings = self._contract.check(source, with_policy=self._sandbox.policy == "on")
        if findings:
            return Ungrouped(WidthReason.UNSOUND, f"{findings[0].kind}: {findings[0].message}")
        full = self._contract.complete(source)
        plan = {
            "source": full,
            "places": _places(source, full),
            "trains": not is_compact(source),
            "image_shape": self._spec.image_shape,
            "output_shape": self._spec.output_shape,
            "batch": self._recipe.batch,
            "prm": self._recipe.given(epochs=1),
        }
        if self._boxes is None:
            self._boxes = Sandbox(f"{_TRACE}:run", warm_up=f"{_TRACE}:warm_up")
        limits = Limits(self._wall_s, MEMORY_MB, self._sandbox.log_bytes, require=self._sandbox.require)
        report = self._boxes.run(Order(json.dumps(plan).encode(), {}, limits))
        messages: list[Mapping[str, object]] = [message.content for message in report.messages]
        is_told = any("done" in message or "untraced" in message for message in messages)
        if report.end is not End.EXITED or not is_told:
            return Ungrouped(WidthReason.LIMITS, f"following it ended by {report.end} after {report.wall_s:.0f} s")
        return read_widths(source, messages)


def _places(source: str, full: str) -> dict[int, int]:
    """Return the literals of the text as it is run that stand in the program's own: number there -> number here.

    What is run may have lines that were changed or added; a number in those stays as it is.
    """
    own = {(each.line, each.start, each.value): number for number, each in literals_of(source).items()}
    return {
        number: own[each.line, each.start, each.value]
        for number, each in literals_of(full).items()
        if (each.line, each.start, each.value) in own
    }
