"""Feedback memory: a frozen model that sees the best program, the latest one and the last K outcomes.

One candidate at a time, each asked for when the one before it has its outcome. The settings are the ablations.
"""

import random

from archwright.candidate import Record
from archwright.config import FeedbackConfig, StudyConfig
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.strategies.strategy import View


class FeedbackStrategy(ThresholdAdmission):
    """Asks for an improvement of the best program so far, with `feedback.k` earlier outcomes as memory."""

    learns = False
    Options = FeedbackConfig

    def __init__(self, config: StudyConfig) -> None:
        self._options = config.feedback

    def ask(self, view: View) -> list[Request]:
        """Return the next request; nothing while one trains."""
        if view.is_pending or not view.left:
            return []
        if self._options.iid or not view.records:
            return [Request()]
        latest = view.records[-1]
        valid = [record for record in view.records if record.is_valid]
        best = max(valid, key=lambda record: view.metric.key(view.value(record) or 0.0), default=None)
        is_other = latest is not best and latest.candidate.program is not None
        return [
            Request(
                parents=(best,) if best else (),
                examples=(latest,) if is_other else (),
                history=(*self._memory(view), latest),
                choice={"improve": self._options.improver},
            )
        ]

    def _memory(self, view: View) -> list[Record]:
        kept = [record for record in view.records if self._options.failures or record.is_valid]
        size = len(kept) if self._options.k == "all" else self._options.k
        memory = kept[len(kept) - min(size, len(kept)) :]
        if self._options.shuffled:
            random.Random(derive_seed(view.seeds(1)[0], "history")).shuffle(memory)
        return memory
