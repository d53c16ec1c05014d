"""The `transforms` generator: the model writes an augmentation ("Transforms", arXiv 2601.03808).

It is shown known ones with their scores, the best last, and learns from pairs: the prompt shows worse ones, the answer
is better by more than the noise of its score. With `transform.cold_cycles` a study begins with random compositions,
which such pairs can be made of; a model that was taught nothing has seen none of these operations.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import ClassVar

from archwright.candidate import Candidate, Record
from archwright.configuring import options_of
from archwright.contracts.transform import TransformContract, TransformOptions
from archwright.errors import UsageError
from archwright.generators.asking import AskingGenerator
from archwright.generators.compositions import composed
from archwright.generators.generator import Models, Request, Setting
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair
from archwright.programs.quoting import quotable
from archwright.prompts import render_transform
from archwright.randomness import derive_seed
from archwright.transforms.catalogue import OPERATIONS

Z_95 = 1.96
_LIST = ", ".join(
    f"op.{name}(images{''.join(f', {key}' for key in each.parameters)})" for name, each in OPERATIONS.items()
)


class TransformGenerator(AskingGenerator):
    """Asks the model for whole augmentations; parents and examples are shown with their scores."""

    name: ClassVar[str] = "transforms"

    def __init__(self, setting: Setting) -> None:
        """Raise UsageError for a study of another contract."""
        if setting.contract.name != TransformContract().name:
            raise UsageError(
                f"the generator {self.name} writes augmentations; the contract is {setting.contract.name}",
                "add --set loop.contract=transform, or start from --preset transforms",
            )
        super().__init__(setting)
        self._options = options_of(setting.config, "transform", TransformOptions)

    def prompt_for(self, request: Request) -> Prompt:
        """Return the prompt of one request."""
        return self._prompt((*request.parents, *request.examples))

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield candidates as the model answers; raises ModelError when it cannot, after what was had."""
        cold = [request for request in requests if 0 < request.key.cycle <= self._options.cold_cycles]
        if cold:
            yield [composed(request, self.name) for request in cold]
        yield from super().write([request for request in requests if request not in cold], models)

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return a pair per program of the elite that is better than another of it, beyond noise.

        Its prompt shows as many worse ones as a prompt of the search shows known ones, one at least. Where no two are
        that different, and for `known`, the prompt is the one that was asked, or one that shows nothing.
        """
        pairs = [pair for record in elite if (pair := self._lesson(record, elite)) is not None]
        rest = [] if pairs else list(elite)
        return pairs + [self._pair(self._asked(record), record) for record in (*known, *rest)]

    def _lesson(self, better: Record, elite: Sequence[Record]) -> Pair | None:
        worse = [record for record in elite if self._is_worse(record, better)]
        if not worse:
            return None
        config = self._setting.config
        shown = min(len(worse), max(1, config.llm.examples + (config.loop.parents != "none")))
        rng = random.Random(derive_seed(config.seed, "lesson", better.program.digest))
        return self._pair(self._prompt(rng.sample(worse, shown)), better)

    def _is_worse(self, record: Record, better: Record) -> bool:
        """Return whether `record` scores less by the margin, and by more than counting so many images varies."""
        low, high = self._setting.value(record), self._setting.value(better)
        if low is None or high is None:
            return False
        variance = sum(
            value * (1 - value) / max(1, each.outcome.scores.n)
            for value, each in ((low, record), (high, better))
            if each.outcome is not None and each.outcome.scores is not None
        )
        return high - low > max(self._options.margin, Z_95 * math.sqrt(variance))

    def _prompt(self, references: Sequence[Record]) -> Prompt:
        setting, metric = self._setting, self._setting.contract.metric
        ordered = sorted(references, key=lambda record: metric.key(setting.value(record) or 0.0))
        shown = [(record.program, setting.told(setting.value(record))) for record in ordered]
        return render_transform(setting.spec, _LIST, shown)

    def _pair(self, prompt: Prompt, record: Record) -> Pair:
        return make_pair(prompt, quotable(record.program.source))
