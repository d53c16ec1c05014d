"""The `compositions` generator: augmentations of 1 to 3 operations, drawn at random or changed; no model is asked.

With the strategy `cycles` it is random search, what every claim for a language model stands beside; with `evolution` it
changes the winners of tournaments.
"""

import random
import time
from typing import ClassVar

from archwright.candidate import Candidate, Program
from archwright.generators.generator import Request, Setting
from archwright.generators.unasked import WithoutModel, unchanged
from archwright.transforms.writing import as_source, drawn_composition, mutated, read_composition


class CompositionGenerator(WithoutModel):
    """Changes the first parent as often as `mutations` in the request's choice says (once, where it says nothing).

    A request without parents gets a new composition, and so does one whose parent is none, unless no change is asked.
    """

    name: ClassVar[str] = "compositions"

    def __init__(self, setting: Setting) -> None:
        """Take the setting, of which nothing is needed."""

    def candidate(self, request: Request) -> Candidate:
        """Return what `composed` does."""
        return composed(request, self.name)


def composed(request: Request, generator: str) -> Candidate:
    """Return the candidate that answers `request` without a model."""
    started = time.perf_counter()
    rng = random.Random(request.seed)
    parent = request.parents[0].program if request.parents else None
    composition = None if parent is None else read_composition(parent.source)
    if parent is not None and request.mutations == 0:
        program, operation = parent, unchanged(request.parents[0], "augmentation")
    elif composition is None:
        program, operation = Program(as_source(drawn_composition(rng))), "drawn at random"
    else:
        changes = []
        for _ in range(request.mutations):
            composition, change = mutated(composition, rng)
            changes.append(change)
        program, operation = Program(as_source(composition)), "; ".join(changes)
    seconds = time.perf_counter() - started
    return request.candidate(generator, program, facts={"operation": operation}, generate_s=seconds)
