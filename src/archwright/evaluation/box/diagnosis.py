"""From an exception in candidate code to a failure that a model or a person can act on.

Runs inside the box after the candidate's own code, so its result is advice like everything else that comes from there.
"""

import difflib
import errno
import re
from dataclasses import dataclass
from types import FrameType
from typing import final

import torch

from archwright.candidate import FailureKind, Stage
from archwright.contracts import source_lines
from archwright.evaluation.box.loading import FILE
from archwright.evaluation.box.remedies import DEVICE_WORDS, SHAPE_WORDS, TYPE_WORDS, remedy_for

MESSAGE_LENGTH = 600
LAYER_LENGTH = 160
NAME_LENGTH = 80
LONGEST_TEXT = 10_000
"""What of an exception's text is looked at."""


@final
class NamedProblem(Exception):
    """A failure that trusted code inside the box found and named."""

    def __init__(self, stage: Stage, kind: FailureKind, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.stage, self.kind, self.message, self.line = stage, kind, message, line

    def as_message(self) -> dict[str, object]:
        """Return what is told to the supervisor."""
        return {"stage": self.stage, "kind": self.kind, "message": self.message, "line": self.line}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the candidate's program an exception came from."""

    line: int | None
    """Last line of the candidate's own source on the way."""
    layer: torch.nn.Module | None
    """Innermost layer of torch that was being called."""
    layer_name: str | None
    """The layer's name inside Net."""
    shape: tuple[int, ...] | None
    """Shape of the tensor that went into the layer."""


def diagnose(error: BaseException, stage: Stage, source: str) -> NamedProblem:
    """Return what `error`, raised at `stage` by the program `source`, means.

    Looking at an error asks objects of the candidate's about themselves, which may be half-built or raise on purpose.
    """
    try:
        return _diagnose(error, stage, source)
    except BaseException:  # noqa: BLE001 - see the docstring
        return NamedProblem(stage, FailureKind.EXCEPTION, f"{_type_of(error)}, which cannot be looked at any closer")


def _diagnose(error: BaseException, stage: Stage, source: str) -> NamedProblem:
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return NamedProblem(Stage.PARSE, FailureKind.SYNTAX, str(error.msg), error.lineno)
    lines = source_lines(source)
    place = find_place(error, len(lines))
    text = _text_of(error)
    kind = classify(error, text)
    parts = []
    if place.line and place.line <= len(lines):
        parts.append(f"`{lines[place.line - 1].strip()[:120]}`: ")
    if place.layer is not None and kind in (FailureKind.SHAPE, FailureKind.TYPE):
        name = f"{place.layer_name} = " if place.layer_name else ""
        got = f" got an input of shape {place.shape}" if place.shape else ""
        parts.append(f"{name}{_text_of_layer(place.layer)}{got}: ")
    parts.append(text)
    if remedy := remedy_for(error, text, place.layer, place.shape) or _nearest_name(error):
        parts.append(f"; {remedy}")
    return NamedProblem(stage, kind, "".join(parts), place.line)


def classify(error: BaseException, text: str) -> FailureKind:
    """Return the kind of failure an exception with this text is."""
    if isinstance(error, SystemExit):
        return FailureKind.KILLED
    is_out_of_memory = "can't allocate memory" in text or "CUDA error: out of memory" in text
    is_out_of_memory |= isinstance(error, OSError) and error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or is_out_of_memory:
        return FailureKind.OUT_OF_MEMORY
    if isinstance(error, RuntimeError) and DEVICE_WORDS.search(text):
        return FailureKind.DEVICE_FAULT
    if isinstance(error, ImportError):
        return FailureKind.MISSING_DEPENDENCY
    if isinstance(error, NameError | AttributeError):
        return FailureKind.NAME
    if isinstance(error, RuntimeError | ValueError | IndexError | AssertionError) and SHAPE_WORDS.search(text):
        return FailureKind.SHAPE
    if isinstance(error, TypeError) or (isinstance(error, RuntimeError) and TYPE_WORDS.search(text)):
        return FailureKind.TYPE
    return FailureKind.EXCEPTION


def find_place(error: BaseException, own_lines: int) -> Place:
    """Return where the error comes from; lines beyond `own_lines` are the standard training methods and not named."""
    line: int | None = None
    net: torch.nn.Module | None = None
    layer: torch.nn.Module | None = None
    shape: tuple[int, ...] | None = None
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        owner = frame.f_locals.get("self")
        if frame.f_code.co_filename == FILE:
            if trace.tb_lineno <= own_lines:
                line = trace.tb_lineno
            layer, shape = None, None  # what follows happens inside this line
            if net is None and isinstance(owner, torch.nn.Module):
                net = owner
        elif isinstance(owner, torch.nn.Module) and _is_forward(frame):
            layer, shape = owner, _input_shape(frame)
        trace = trace.tb_next
    return Place(line, layer, _name_in(net, layer), shape)


def _is_forward(frame: FrameType) -> bool:
    path = frame.f_code.co_filename
    return "/torch/nn/modules/" in path and not path.endswith(("/module.py", "/container.py"))


def _input_shape(frame: FrameType) -> tuple[int, ...] | None:
    for name in ("input", "x", "query"):
        value = frame.f_locals.get(name)
        if isinstance(value, torch.Tensor):
            return tuple(value.shape)
    return None


def _name_in(net: torch.nn.Module | None, layer: torch.nn.Module | None) -> str | None:
    if net is None or layer is None:
        return None
    return next((name for name, module in torch.nn.Module.named_modules(net) if module is layer), None)


def _text_of(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "the program ended its own process (exit)"
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - a candidate's own exception may do anything when asked for its text
        text = "(its text cannot be printed)"
    text = re.sub(r"\s+", " ", text[:LONGEST_TEXT]).strip()[:MESSAGE_LENGTH]
    name = _type_of(error)
    if isinstance(error, RuntimeError) and name == "RuntimeError":
        return text
    return f"{name}: {text}" if text else name


def _type_of(error: BaseException) -> str:
    return type(error).__name__[:NAME_LENGTH]


def _text_of_layer(layer: torch.nn.Module) -> str:
    """Return the layer as torch writes it, or its type's name: a mistake in its arguments leaves it half-built."""
    try:
        return repr(layer)[:LAYER_LENGTH]
    except BaseException:  # noqa: BLE001 - layers of the candidate's own may do anything here
        return type(layer).__name__[:NAME_LENGTH]


def _nearest_name(error: BaseException) -> str | None:
    """Return a suggestion for a name that does not exist."""
    name = getattr(error, "name", None)
    if not isinstance(name, str) or not isinstance(error, NameError | AttributeError):
        return None
    if isinstance(error, AttributeError):
        known = dir(error.obj)
        if isinstance(error.obj, torch.nn.Module):
            known += list(error.obj._modules) + list(error.obj._parameters) + list(error.obj._buffers)
    else:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        known = [] if trace is None else [*trace.tb_frame.f_locals, *trace.tb_frame.f_globals]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else f"define {name} before it is used"
