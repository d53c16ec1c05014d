import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from archwright.evaluation.data.splits import stratified_order

labels_lists = st.lists(st.integers(0, 6), min_size=1, max_size=200)


@given(labels_lists)
def test_the_order_contains_every_image_once(labels: list[int]) -> None:
    order = stratified_order(np.array(labels))
    assert sorted(order.tolist()) == list(range(len(labels)))


@given(labels_lists, st.data())
def test_every_prefix_and_suffix_holds_each_class_in_proportion(labels: list[int], data: st.DataObject) -> None:
    ordered = np.array(labels)[stratified_order(np.array(labels))]
    size = data.draw(st.integers(0, len(labels)))
    classes, totals = np.unique(ordered, return_counts=True)
    for part in (ordered[:size], ordered[len(ordered) - size :]):
        for label, total in zip(classes, totals, strict=True):
            share = total / len(labels)
            assert abs((part == label).sum() - size * share) <= 1 + len(classes) * share


@given(st.integers(1, 12), st.integers(1, 20), st.data())
def test_equal_classes_are_exactly_equal_at_every_multiple(classes: int, each: int, data: st.DataObject) -> None:
    labels = np.repeat(np.arange(classes), each)
    take = data.draw(st.integers(0, each))
    counts = np.bincount(labels[stratified_order(labels)][: take * classes], minlength=classes)
    assert counts.tolist() == [take] * classes


def test_one_frequent_class_does_not_crowd_out_many_rare_ones() -> None:
    labels = np.array([0] * 990 + [1 + i // 10 for i in range(990)])
    first = labels[stratified_order(labels)][:50]
    assert 20 <= (first == 0).sum() <= 30


def test_the_order_never_changes_between_releases() -> None:
    # A change of this list changes every validation split: published results would no longer compare.
    assert stratified_order(np.arange(12) % 3).tolist() == [0, 11, 10, 6, 2, 7, 3, 8, 1, 9, 5, 4]
