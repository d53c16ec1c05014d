"""placeholder"""

import sys
import types
from typing import Any

from archwright.candidate import FailureKind, Stage

FILE = "<candidate>"


class Problem(Exception):
    def __init__(self, stage: Stage, kind: FailureKind, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.stage, self.kind, self.message, self.line = stage, kind, message, line

    def as_message(self) -> dict[str, object]:
        return {"stage": self.stage, "kind": self.kind, "message": self.message[:4000], "line": self.line}


def load_module(source: str, full: str) -> Any:
    import linecache

    module = types.ModuleType("candidate")
    sys.modules["candidate"] = module
    linecache.cache[FILE] = (len(full), None, full.splitlines(True), FILE)
    exec(compile(full, FILE, "exec", dont_inherit=True), module.__dict__)
    return module


def diagnose(error: BaseException, stage: Stage, source: str, net: object) -> Problem:
    line = None
    tb = error.__traceback__
    while tb:
        if tb.tb_frame.f_code.co_filename == FILE:
            line = tb.tb_lineno
        tb = tb.tb_next
    return Problem(stage, FailureKind.EXCEPTION, f"{type(error).__name__}: {error}", line)
