"""Scores come from raw bytes; bytes that are not the agreed result are a failure and never a score."""

import os
from collections.abc import Iterator

import numpy as np
import pytest
from archwright.evaluation.box.counting import FREE_BUFFER_WORDS
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from archwright.candidate import Failure, FailureKind, Scores, Stage
from archwright.evaluation.scoring import count_parameters, score


class Files:
    """Descriptors of files with given bytes, closed at the end."""

    def __init__(self) -> None:
        self.opened: list[int] = []

    def holding(self, data: bytes) -> int:
        number = os.memfd_create("test")
        self.opened.append(number)
        os.write(number, data)
        return number


@pytest.fixture
def files() -> Iterator[Files]:
    files = Files()
    yield files
    for number in files.opened:
        os.close(number)


def weights(tensors: dict[str, np.ndarray], padding: int = 100) -> bytes:
    data = save(tensors)
    return len(data).to_bytes(8, "little") + data + bytes(padding)


@settings(max_examples=30, deadline=None)
@given(
    logits=hnp.arrays(np.float32, (7, 3), elements=st.floats(-1e6, 1e6, width=32)),
    labels=hnp.arrays(np.int64, 7, elements=st.integers(0, 2)),
)
def test_accuracy_and_loss_are_those_of_the_logits(logits: np.ndarray, labels: np.ndarray) -> None:
    number = os.memfd_create("test")
    try:
        os.write(number, logits.tobytes())
        scores = score(number, labels, 3)
    finally:
        os.close(number)
    assert isinstance(scores, Scores)
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact - exact.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    chosen = np.maximum(probabilities[np.arange(7), labels], 1e-320)
    assert scores.accuracy == pytest.approx((logits.argmax(1) == labels).mean())
    assert scores.loss >= 0.0
    if chosen.min() > 1e-300:
        assert scores.loss == pytest.approx(-np.log(chosen).mean(), abs=1e-6)
    assert scores.n == 7


def test_a_short_block_is_no_score(files: Files) -> None:
    failure = score(files.holding(b"\0" * 8), np.zeros(7, np.int64), 3)
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.kind) == (Stage.SCORE, FailureKind.BAD_RESULT)
    assert "8 bytes instead of 84" in failure.message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_no_score(files: Files, value: float) -> None:
    logits = np.zeros((7, 3), np.float32)
    logits[4, 1] = value
    failure = score(files.holding(logits.tobytes()), np.zeros(7, np.int64), 3)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NOT_FINITE
    assert "1 of 7 images" in failure.message


def test_parameters_are_counted_and_the_buffers_of_an_honest_network_are_not(files: Files) -> None:
    tensors = {
        "parameter:conv.weight": np.zeros((4, 3, 3, 3), np.float32),
        "parameter:scale": np.zeros((), np.float32),
        "buffer:norm.running_mean": np.zeros(1000, np.float32),
    }
    assert count_parameters(files.holding(weights(tensors))) == 4 * 27 + 1


@pytest.mark.parametrize(
    ("name", "array", "counted"),
    [
        ("buffer:table", np.zeros(FREE_BUFFER_WORDS, np.float32), 0),
        ("buffer:table", np.zeros(FREE_BUFFER_WORDS + 7, np.float32), 7),
        ("buffer:table", np.zeros(FREE_BUFFER_WORDS, np.int64), FREE_BUFFER_WORDS),
        ("parameter:packed", np.zeros(10, np.float64), 20),
        ("parameter:packed", np.zeros(10, np.complex64), 20),
        ("parameter:half", np.zeros(10, np.float16), 10),
        ("a name of its own", np.zeros(10, np.uint8), 10),
    ],
)
def test_whatever_a_tensor_is_called_it_counts(files: Files, name: str, array: np.ndarray, counted: int) -> None:
    tensors = {"parameter:fc.weight": np.zeros(100, np.float32), name: array}
    assert count_parameters(files.holding(weights(tensors))) == 100 + counted


def test_a_hundred_thousand_tensors_are_a_bad_result_and_not_our_memory(files: Files) -> None:
    entry = '"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    header = ("{" + ",".join(entry % number for number in range(100_000)) + "}").encode()
    data = len(header).to_bytes(8, "little") + header
    failure = count_parameters(files.holding(len(data).to_bytes(8, "little") + data))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.BAD_RESULT
    assert "2,097,152 bytes" in failure.message


def test_weights_without_parameters_are_no_result(files: Files) -> None:
    for tensors in ({}, {"buffer:mean": np.zeros(3, np.float32)}, {"parameter:fc": np.zeros((0, 5), np.float32)}):
        failure = count_parameters(files.holding(weights(tensors)))
        assert isinstance(failure, Failure)
        assert (failure.stage, failure.kind) == (Stage.BUDGET, FailureKind.NO_PARAMETERS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(100),
        (2**63).to_bytes(8, "little") + bytes(100),
        (50).to_bytes(8, "little") + b"\xff" * 92,
        (20).to_bytes(8, "little") + (12).to_bytes(8, "little") + b'{"a":["b"]}  ',
        (8).to_bytes(8, "little") + (2**62).to_bytes(8, "little"),
    ],
)
def test_weights_that_cannot_be_read_are_a_bad_result(files: Files, data: bytes) -> None:
    failure = count_parameters(files.holding(data))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.BAD_RESULT


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_count_raise(data: bytes) -> None:
    number = os.memfd_create("test")
    try:
        os.write(number, len(data).to_bytes(8, "little") + data)
        assert isinstance(count_parameters(number), int | Failure)
    finally:
        os.close(number)
