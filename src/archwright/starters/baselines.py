"""Augmentations that everybody knows, as programs: where a search for others starts, and what it is compared with."""

from functools import cache
from importlib import resources

from archwright.candidate import Candidate, Key, Program, Record

NAMES = ("none", "flip_crop", "trivial_augment", "rand_augment")
"""Files under `transforms/`, in this order."""


@cache
def baselines() -> tuple[tuple[str, Program], ...]:
    """Return name and program of each."""
    folder = resources.files("archwright.starters") / "transforms"
    return tuple((name, Program((folder / f"{name}.py").read_text("utf-8"))) for name in NAMES)


def baseline_records() -> list[Record]:
    """Return them as parents for requests: records without an outcome, in cycle 0, that belong to no study."""
    return [
        Record(Candidate(Key(0, index), program, generator="corpus", seed=0, facts={"operation": name}))
        for index, (name, program) in enumerate(baselines())
    ]
