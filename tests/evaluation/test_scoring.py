"""Scores come from raw bytes; bytes that are not the agreed result are a failure and never a score."""

import os
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from archwright.candidate import Failure, FailureKind, Stage
from archwright.evaluation.box.layout import Role, Slot, digest
from archwright.evaluation.examining import checked
from archwright.evaluation.scoring import count_parameters, read_block, score_logits

Tensors = list[tuple[Role, np.ndarray, np.ndarray]]
"""Role, value when built, value when trained."""


@pytest.fixture
def weights() -> Iterator[int]:
    number = os.memfd_create("test")
    yield number
    os.close(number)


def count(tensors: Tensors) -> int | Failure:
    layout = [
        Slot(role, str(i), fresh.shape, str(fresh.dtype), "" if role is Role.PARAMETER else digest(fresh.tobytes()))
        for i, (role, fresh, _) in enumerate(tensors)
    ]
    return count_parameters(layout, b"".join(trained.tobytes() for _, _, trained in tensors))


def changed(role: Role, n: int, dtype: type = np.float32) -> tuple[Role, np.ndarray, np.ndarray]:
    return role, np.zeros(n, dtype), np.ones(n, dtype)


@settings(max_examples=30, deadline=None)
@given(
    logits=hnp.arrays(np.float32, (7, 3), elements=st.floats(-1e6, 1e6, width=32)),
    labels=hnp.arrays(np.int64, 7, elements=st.integers(0, 2)),
)
def test_accuracy_and_loss_are_those_of_the_logits(logits: np.ndarray, labels: np.ndarray) -> None:
    scores = score_logits(logits, labels)
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact - exact.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    chosen = np.maximum(probabilities[np.arange(7), labels], 1e-320)
    assert scores.values["accuracy"] == pytest.approx((logits.argmax(1) == labels).mean())
    assert scores.values["loss"] >= 0.0
    if chosen.min() > 1e-300:
        assert scores.values["loss"] == pytest.approx(-np.log(chosen).mean(), abs=1e-6)
    assert scores.n == 7


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_no_score(value: float) -> None:
    logits = np.zeros((7, 3), np.float32)
    logits[4, 1] = value
    failure = checked(logits)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NOT_FINITE
    assert "1 of 7 images" in failure.message


@pytest.mark.parametrize(
    ("tensor", "counted"),
    [
        (changed(Role.PARAMETER, 10), 10),
        (changed(Role.PARAMETER, 10, np.float64), 20),
        (changed(Role.PARAMETER, 10, np.complex64), 20),
        (changed(Role.PARAMETER, 10, np.float16), 10),
        (changed(Role.BUFFER, 10), 10),
        (changed(Role.BUFFER, 10, np.int64), 20),
        ((Role.BUFFER, np.ones(9_999, np.float32), np.ones(9_999, np.float32)), 0),
        (changed(Role.STATISTIC, 10), 0),
        (changed(Role.STATISTIC, 17), 7),
    ],
)
def test_what_training_can_leave_behind_counts(tensor: tuple[Role, np.ndarray, np.ndarray], counted: int) -> None:
    assert count([changed(Role.PARAMETER, 100), tensor]) == 100 + counted


def test_weights_without_parameters_are_no_result() -> None:
    constant = (Role.BUFFER, np.ones(3, np.float32), np.ones(3, np.float32))
    for tensors in ([], [constant]):
        failure = count(tensors)
        assert isinstance(failure, Failure)
        assert (failure.stage, failure.kind) == (Stage.BUDGET, FailureKind.NO_PARAMETERS)


def test_weights_are_read_as_far_as_they_were_written_and_no_further(weights: int) -> None:
    layout = [Slot(Role.PARAMETER, "fc", (2, 3), "float32")]
    os.write(weights, bytes(range(24)) + b"more")
    assert read_block(weights, layout) == bytes(range(24))
    for claimed in ((2**20,), (2**61,)):
        os.ftruncate(weights, 4 * 2**21)
        failure = read_block(weights, [Slot(Role.PARAMETER, "fc", claimed, "float32")])
        assert isinstance(failure, Failure)
        assert failure.kind is FailureKind.BAD_RESULT
