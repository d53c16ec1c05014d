"""The `mutation` generator: candidates are known programs with random changes to their syntax tree; no model is asked.

With the strategies `evolution` and `random` it makes the controls that every claim for a language model needs.
"""

import random
import time
from collections.abc import Sequence
from typing import ClassVar

from archwright.candidate import Candidate, Program, Record
from archwright.generators.generator import Parts, Request
from archwright.llm.model import Prompt
from archwright.programs.mutation import mutate
from archwright.randomness import derive_seed
from archwright.starters import as_record, load_seed_corpus


class MutationGenerator:
    """Changes the first parent `Request.mutations` times; a request without parents starts from a seed network."""

    name: ClassVar[str] = "mutation"
    uses_model: ClassVar[bool] = False

    def __init__(self, parts: Parts) -> None:
        self._corpus = [as_record(network) for network in load_seed_corpus()]

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return None: no model is asked."""
        return None

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        """Return one candidate per request; the request alone decides which.

        A parent that does not parse is proposed again as it is, and fails again.
        """
        return [self._candidate(request) for request in requests]

    def _candidate(self, request: Request) -> Candidate:
        started = time.perf_counter()
        parent = request.parents[0] if request.parents else self._draw(request.seed)
        source, operations = parent.candidate.program.source, []
        rng = random.Random(request.seed)
        try:
            for _ in range(request.mutations):
                mutation = mutate(source, rng)
                source = mutation.source
                operations.append(mutation.operation)
        except ValueError:
            operations.append("none: the parent does not parse")
        return Candidate(
            key=request.key,
            program=Program(source),
            generator=self.name,
            seed=request.seed,
            parents=(parent.candidate.program.digest,),
            operation="; ".join(operations) or _unchanged(parent),
            generate_s=time.perf_counter() - started,
        )

    def _draw(self, seed: int) -> Record:
        return random.Random(derive_seed(seed, "parent")).choice(self._corpus)


def _unchanged(parent: Record) -> str:
    candidate = parent.candidate
    return f"seed network {candidate.operation}" if candidate.generator == "corpus" else "unchanged"
