"""What a box says is hearsay: nonsense is dropped, and what was seen outside goes first."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.candidate import Failure, FailureKind, Stage
from archwright.errors import EvaluatorError
from archwright.evaluation.judging import find_failure, hear, is_suspect, sanitise, seconds_by_phase
from archwright.sandbox.order import End, Limits, Message, Report, parse_message

LIMITS = Limits(wall_s=5.0, memory_mb=256)
CONFINED: dict[str, object] = {"isolation": 1}
FAILURE = {"stage": "train", "kind": "shape", "message": "no", "line": 3}


def messages(*contents: dict[str, object]) -> tuple[Message, ...]:
    return tuple(Message(float(number), content) for number, content in enumerate(contents))


def verdict(end: End, *contents: dict[str, object], exit_code: int = 0, number: int = 0) -> Failure | None:
    said = messages(CONFINED, *contents)
    report = Report(end, exit_code=exit_code, signal=number, messages=said)
    return find_failure(report, hear(said, source_lines=10), LIMITS)


def test_a_box_that_is_done_has_no_failure() -> None:
    assert verdict(End.EXITED, {"stage": "build"}, {"stage": "train"}, {"done": True}) is None


@pytest.mark.parametrize(
    ("end", "number", "kind"),
    [
        (End.WALL, 0, FailureKind.TIMEOUT),
        (End.MEMORY, 0, FailureKind.OUT_OF_MEMORY),
        (End.FLOOD, 0, FailureKind.BAD_RESULT),
        (End.TASKS, 0, FailureKind.KILLED),
        (End.DISK, 0, FailureKind.KILLED),
        (End.LOST, 0, FailureKind.KILLED),
        (End.SIGNALLED, 11, FailureKind.KILLED),
        (End.SIGNALLED, 24, FailureKind.TIMEOUT),
        (End.SIGNALLED, 25, FailureKind.KILLED),
        (End.SIGNALLED, 62, FailureKind.KILLED),
    ],
)
def test_how_it_ended_decides_whatever_it_said(end: End, number: int, kind: FailureKind) -> None:
    failure = verdict(end, {"stage": "train"}, {"done": True}, number=number)
    assert failure is not None
    assert (failure.stage, failure.kind) == (Stage.TRAIN, kind)
    assert len(failure.message) > 20


def test_leaving_without_a_word_is_a_failure_whatever_the_exit_code() -> None:
    for exit_code in (0, 1):
        failure = verdict(End.EXITED, {"stage": "forward"}, exit_code=exit_code)
        assert failure is not None
        assert (failure.stage, failure.kind) == (Stage.FORWARD, FailureKind.KILLED)


def test_a_device_that_cannot_be_used_is_our_failure_unless_the_candidate_says_so() -> None:
    with pytest.raises(EvaluatorError, match="cannot use the GPU at isolation level 0: no memory"):
        verdict(End.EXITED, {"no_device": "no memory"})
    assert verdict(End.EXITED, {"stage": "build"}, {"no_device": "ha"}, {"done": True}) is None


@pytest.mark.parametrize(
    ("end", "number", "told", "gpu", "is_anothers"),
    [
        (End.LOST, 0, {}, False, True),
        (End.SIGNALLED, 9, {}, False, True),
        (End.SIGNALLED, 11, {}, False, False),
        (End.WALL, 0, {}, True, False),
        (End.EXITED, 0, {"failure": {**FAILURE, "kind": "device_fault"}}, True, True),
        (End.EXITED, 0, {"failure": {**FAILURE, "kind": "out_of_memory"}}, True, True),
        (End.EXITED, 0, {"failure": {**FAILURE, "kind": "out_of_memory"}}, False, False),
        (End.EXITED, 0, {"failure": FAILURE}, True, False),
        (End.EXITED, 0, {"no_device": "busy"}, True, True),
        (End.EXITED, 0, {"done": True}, True, False),
    ],
)
def test_a_neighbour_is_suspected_where_it_can_have_done_it(
    end: End, number: int, told: dict[str, object], gpu: bool, is_anothers: bool
) -> None:
    said = messages(CONFINED, told)
    report = Report(end, signal=number, messages=said)
    limits = Limits(wall_s=5.0, memory_mb=256, gpu=gpu)
    assert is_suspect(report, hear(said, source_lines=10), limits) is is_anothers


def test_the_first_failure_it_tells_counts() -> None:
    failure = verdict(End.EXITED, {"failure": FAILURE}, {"failure": FAILURE | {"kind": "name"}}, {"done": True})
    assert failure == Failure(Stage.TRAIN, FailureKind.SHAPE, "no", 3)


@pytest.mark.parametrize(
    "nonsense",
    [
        "text",
        FAILURE | {"stage": "score"},
        FAILURE | {"stage": "novelty"},
        FAILURE | {"stage": 3},
        FAILURE | {"kind": "success"},
        FAILURE | {"kind": ["shape"]},
        FAILURE | {"message": None},
        {},
    ],
)
def test_a_failure_that_cannot_be_is_no_failure(nonsense: object) -> None:
    failure = verdict(End.EXITED, {"stage": "build"}, {"failure": nonsense})
    assert failure is not None
    assert failure.kind is FailureKind.KILLED


@pytest.mark.parametrize("line", [0, -1, 11, 2.5, "3", None, True])
def test_a_line_that_cannot_be_is_dropped(line: object) -> None:
    failure = verdict(End.EXITED, {"failure": FAILURE | {"line": line}})
    assert failure is not None
    assert failure.line is None


@pytest.mark.parametrize("params", [-1, 2.5, "7", True, None, 2**80])
def test_a_count_that_cannot_be_is_dropped(params: object) -> None:
    assert hear(messages({"params": params}), 10).params is None


def test_of_several_counts_the_largest_holds() -> None:
    assert hear(messages({"params": 7}, {"params": 8}, {"params": 2}), 10).params == 8


def test_a_box_that_never_got_confined_is_our_fault() -> None:
    report = Report(End.EXITED, log=b"OSError: no such thing")
    with pytest.raises(EvaluatorError, match="no such thing"):
        find_failure(report, hear((), 10), LIMITS)


def test_phases_are_told_apart_on_our_clock() -> None:
    said = tuple(
        Message(at_s, {"stage": stage})
        for at_s, stage in ((0.5, "build"), (0.6, "forward"), (1.0, "train"), (4.0, "predict"))
    )
    seconds = seconds_by_phase(Report(End.EXITED, wall_s=5.0), hear(said, 10))
    assert seconds == {"start": 0.5, "check": 0.5, "train": 3.0, "predict": 1.0, "total": 5.0}


def test_logs_lose_everything_but_text() -> None:
    raw = "a\x1b[31;1mred\x1b[0m\r\nb\rc\x00\x07\u202e\u200bd\te".encode() + b"\xff"
    assert sanitise(raw) == "ared\nb\ncd\te\ufffd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["stage", "kind", "message", "line", "params", "flops", "failure", "done", "isolation"])
VALUES = JSON | st.sampled_from(["train", "shape", "score"]) | st.dictionaries(WORDS, JSON, max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(st.dictionaries(WORDS, VALUES, max_size=4), max_size=5),
    end=st.sampled_from(list(End)),
    number=st.integers(0, 70),
)
def test_whatever_a_box_says_there_is_a_verdict(said: list[dict[str, object]], end: End, number: int) -> None:
    heard = tuple(
        Message(0.0, parsed)
        for content in [CONFINED, *said]
        if (parsed := parse_message(json.dumps(content).encode())) is not None
    )
    report = Report(end, signal=number, messages=heard)
    testimony = hear(heard, 10)
    failure = find_failure(report, testimony, LIMITS)
    assert failure is None or failure.message
    assert failure is not None or testimony.is_done
    assert seconds_by_phase(report, testimony)["total"] == 0.0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_bytes_a_box_sends_are_a_message_or_nothing(data: bytes) -> None:
    assert isinstance(parse_message(data), dict | None)
    assert isinstance(sanitise(data), str)
