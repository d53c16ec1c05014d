"""In which batches a box is asked."""

import numpy as np
import pytest

from archwright.evaluation.examining import in_order


@pytest.mark.parametrize(
    ("n", "batch", "lengths"),
    [
        (8, 4, [4, 4]),
        (10, 4, [4, 4, 2]),
        pytest.param(9, 4, [4, 5], id="no last batch of one image"),
        pytest.param(3, 1, [1, 1, 1], id="single images where those are asked for"),
        pytest.param(1, 4, [1], id="one image"),
        (0, 4, []),
    ],
)
def test_images_are_asked_about_in_order(n: int, batch: int, lengths: list[int]) -> None:
    batches = in_order(n, batch)
    assert [len(rows) for rows in batches] == lengths
    assert np.array_equal(np.concatenate([np.arange(0), *batches]), np.arange(n))
