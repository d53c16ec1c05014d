"""Views by strides are numpy's own, as long as they stay within the array."""

import numpy as np
import pytest

from archwright.evaluation.box import strides


@pytest.fixture(autouse=True)
def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner in strides.OWNERS:
        monkeypatch.setattr(owner, "as_strided", owner.as_strided)
    strides.stay_within_arrays()


def test_views_within_the_array_are_as_before() -> None:
    row = np.arange(10)
    windows = np.lib.stride_tricks.as_strided(row, (8, 3), (8, 8), writeable=False)
    assert (windows == np.lib.stride_tricks.sliding_window_view(row, 3)).all()
    assert (np.lib.stride_tricks.as_strided(row[9:], shape=(10,), strides=(-8,)) == row[::-1]).all()
    assert np.lib.stride_tricks.as_strided(row[:0], (0, 3), (8, 8)).shape == (0, 3)
    assert (np.lib.stride_tricks.as_strided([1, 2], (3, 2), (0, 8)) == [1, 2]).all()
    assert (np.lib.stride_tricks.as_strided(row[2:4]) == [2, 3]).all()


@pytest.mark.parametrize(("shape", "steps"), [((11,), (8,)), ((2,), (-8,)), ((2,), (2**40,)), ((3, 5), (24, 8))])
def test_views_beyond_it_are_refused(shape: tuple[int, ...], steps: tuple[int, ...]) -> None:
    with pytest.raises(IndexError, match="leaves the array"):
        np.lib.stride_tricks.as_strided(np.arange(10), shape, steps)
