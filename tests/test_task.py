"""What a metric decides: direction, form, bounds; and at what fidelity a task is run."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.candidate import Fidelity
from archwright.contracts.network import ACCURACY
from archwright.task import Classes, DataSpec, Image, Metric, Task

ERROR = Metric("error", higher_is_better=False)
PSNR = Metric("psnr", "dB")
VALUE = st.floats(allow_nan=False, allow_infinity=False)


@given(VALUE, VALUE)
def test_the_direction_decides_which_of_two_values_is_better(one: float, other: float) -> None:
    assert (ACCURACY.key(one) > ACCURACY.key(other)) == (one > other)
    assert (ERROR.key(one) > ERROR.key(other)) == (one < other)


@given(VALUE, VALUE)
def test_a_value_reaches_a_threshold_that_it_equals_or_betters(value: float, threshold: float) -> None:
    assert ACCURACY.reaches(value, threshold) == (value >= threshold)
    assert ERROR.reaches(value, threshold) == (value <= threshold)


@given(st.lists(VALUE, min_size=1))
def test_the_best_is_the_largest_or_the_smallest(values: list[float]) -> None:
    assert ACCURACY.best(values) == max(values)
    assert ERROR.best(iter(values)) == min(values)


@given(VALUE)
def test_the_key_of_a_key_is_the_value(value: float) -> None:
    assert ERROR.key(ERROR.key(value)) == value


@pytest.mark.parametrize("metric", [ACCURACY, ERROR])
def test_the_best_of_nothing_is_none(metric: Metric) -> None:
    assert metric.best([]) is None


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (ACCURACY, 0.4567, "45.7 %"),
        (ACCURACY, 1.0, "100.0 %"),
        (PSNR, 31.25, "31.25 dB"),
        (ERROR, 0.125, "0.12"),
        (ERROR, math.inf, "inf"),
        (ACCURACY, None, "–"),
        (PSNR, None, "–"),
    ],
)
def test_a_value_is_written_with_its_unit(metric: Metric, value: float | None, text: str) -> None:
    assert metric.format(value) == text


def test_networks_are_compared_by_their_share_of_correct_predictions() -> None:
    assert (ACCURACY.name, ACCURACY.bounds, ACCURACY.interval) == ("accuracy", (0.0, 1.0), "wilson")


def test_a_task_knows_the_fidelity_it_trains_at() -> None:
    task = Task.model_validate({"budget": {"epochs": 3}, "data": {"train_size": 100, "image_size": 16}})
    assert (task.fidelity.epochs, task.fidelity.train_size, task.fidelity.image_size) == (3, 100, 16)
    assert task.at(task.fidelity) == task


def test_another_fidelity_gets_as_much_more_time_as_it_has_epochs() -> None:
    task = Task.model_validate({"budget": {"epochs": 2, "wall_s": 10.0}, "recipe": {"lr": 0.5}})
    longer = task.at(Fidelity(epochs=6, train_size=50))
    assert (longer.budget.epochs, longer.budget.wall_s) == (6, 30.0)
    assert (longer.data.train_size, longer.recipe.lr) == (50, 0.5)
    assert task.at(Fidelity(epochs=1)).budget.wall_s == 10.0


def test_a_fidelity_may_bring_its_own_recipe() -> None:
    other = Task.model_validate({"recipe": {"lr": 0.25, "batch": 8}})
    assert Task().at(other.fidelity) == other


@pytest.mark.parametrize(("protocol", "split"), [("holdout", "validation"), ("lemur", "test")])
def test_the_protocol_says_which_images_a_search_selects_on(protocol: str, split: str) -> None:
    assert Task.model_validate({"data": {"protocol": protocol}}).split == split


def test_the_target_of_data_is_classes_or_an_image() -> None:
    digits = DataSpec("digits", "Digits", (1, 8, 8), ("0", "1"), 100, 20)
    noisy = DataSpec("noisy", "Noisy digits", (1, 8, 8), (), 100, 20, target_shape=(1, 8, 8))
    assert digits.target == Classes(("0", "1"))
    assert noisy.target == Image((1, 8, 8))
