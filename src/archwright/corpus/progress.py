"""How whoever builds a corpus hears of it."""

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]
"""Called with (step, done, total)."""
