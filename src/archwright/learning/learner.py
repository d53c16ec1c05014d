"""The seam to learners: what a study's models are taught between cycles, and which proposals are worth training."""

from collections.abc import Sequence
from typing import Protocol, final

from archwright.candidate import Candidate
from archwright.strategies.strategy import View


class Learner(Protocol):
    """Learns from the cycles that are closed."""

    def prepare(self, view: View) -> None:
        """Make the models ready for the view's cycle: teach what is still untaught of the cycles before it.

        Called before anything is proposed, again after every resume, and harmless when there is nothing to do. Raises
        TuningError, and can be called again once its cause is removed.
        """

    def rank(self, candidates: Sequence[Candidate], view: View) -> Sequence[Candidate]:
        """Return those of `candidates` that are worth training, in the order in which they are to be trained.

        Those left out fail as `outranked`. To keep rows a function of seeds alone, a judge looks at cycles before the
        view's only.
        """


@final
class NoLearner:
    """Teaches nothing and trains everything in the order it was written."""

    def prepare(self, view: View) -> None:
        """Do nothing."""

    def rank(self, candidates: Sequence[Candidate], view: View) -> Sequence[Candidate]:
        """Return `candidates`."""
        return candidates
