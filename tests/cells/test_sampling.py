import pytest

from archwright.cells.sampling import CellSampler
from archwright.errors import UsageError


class Untrained:
    """A run of which nothing is ever asked."""

    space = "nasbench201"

    def autoencoder(self) -> None:
        """Return nothing."""

    prior = seen_codes = autoencoder


def test_more_different_cells_than_there_are_are_refused_before_any_is_drawn() -> None:
    sampler = CellSampler(Untrained())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="nasbench201 has 15,625 different cells, fewer than 15,626 — ask for fewer"):
        sampler.draw(15_626, temperature=1.0, decoding="unique", seed=0)
