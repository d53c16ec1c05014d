"""The `mutation` generator: candidates are known programs with random changes to their syntax tree; no model is asked.

With the strategies `evolution` and `random` it makes the controls that every claim for a language model needs.
"""

import random
import time
from typing import ClassVar

from archwright.candidate import Candidate, Program
from archwright.generators.generator import Request, Setting
from archwright.generators.unasked import WithoutModel, unchanged
from archwright.programs.mutation import mutate


class MutationGenerator(WithoutModel):
    """Changes the first parent as often as `mutations` in the request's choice says (once, where it says nothing).

    A request without parents starts from a starter of the study.
    """

    name: ClassVar[str] = "mutation"

    def __init__(self, setting: Setting) -> None:
        self._starters = setting.starting

    def candidate(self, request: Request) -> Candidate:
        """Return the changed parent; one that does not parse is proposed again as it is, and fails again."""
        started = time.perf_counter()
        parent = request.parent(self._starters)
        source, operations = parent.program.source, []
        rng = random.Random(request.seed)
        try:
            for _ in range(request.mutations):
                mutation = mutate(source, rng)
                source = mutation.source
                operations.append(mutation.operation)
        except ValueError:
            operations.append("none: the parent does not parse")
        return request.candidate(
            self.name,
            Program(source),
            parents=(parent.program.digest,),
            facts={"operation": "; ".join(operations) or unchanged(parent, "seed network")},
            generate_s=time.perf_counter() - started,
        )
