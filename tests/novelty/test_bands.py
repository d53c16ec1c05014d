import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.novelty.bands import RECENT, BandTable, choose_bands


@pytest.mark.parametrize(("threshold", "permutations"), [(0.85, 256), (0.85, 64), (0.7, 256), (0.95, 128)])
def test_bands_find_nearly_every_pair_at_the_threshold_and_few_far_below(threshold: float, permutations: int) -> None:
    bands, rows = choose_bands(threshold, permutations)
    assert bands * rows <= permutations
    assert 1 - (1 - threshold**rows) ** bands >= 0.99
    assert 1 - (1 - (threshold / 2) ** rows) ** bands <= 0.2


def test_a_near_duplicate_as_published_is_all_but_never_missed() -> None:
    bands, rows = choose_bands(0.85, 256)
    assert (1 - 0.90**rows) ** bands < 1e-4


def sharing_a_band(known: np.ndarray, signature: np.ndarray, bands: int, rows: int) -> list[int]:
    """Return by brute force what `colliding` has to find."""
    same = (known == signature)[:, : bands * rows].reshape(len(known), bands, rows).all(axis=2).any(axis=1)
    return np.flatnonzero(same).tolist()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.sampled_from([1, 2, 7, 400, RECENT + 1]), min_size=1, max_size=5))
def test_whatever_shares_a_band_is_found_however_it_was_added(seed: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(seed)
    bands, rows = choose_bands(0.85, 64)
    table = BandTable(0.85, 64)
    known = np.zeros((0, 64), np.uint32)
    for size in sizes:
        added = rng.integers(0, 3, (size, 64), np.uint32)
        table.add(added)
        known = np.concatenate([known, added])
    for query in (*known[rng.integers(0, len(known), 5)], *rng.integers(0, 3, (5, 64), np.uint32)):
        assert table.colliding(query[None]).tolist() == sharing_a_band(known, query, bands, rows)


def test_an_empty_table_collides_with_nothing() -> None:
    assert BandTable(0.85, 64).colliding(np.zeros((1, 64), np.uint32)).tolist() == []
