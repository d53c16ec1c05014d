"""Bring your own evaluator: `ask` for candidates, `tell` what they are worth; Archwright keeps the books.

Here a program is worth more the fewer characters it has, which needs no training at all.

    python examples/ask_and_tell.py FOLDER
"""

import sys
from pathlib import Path

from archwright import Candidate, Outcome, Scores, Study, load_config
from archwright.candidate import Stage


def rate(candidate: Candidate) -> Outcome:
    """Return a made-up score in (0, 1]: shorter is better."""
    accuracy = 1 / (1 + len(candidate.program.source) / 1000)
    return Outcome(stage=Stage.SCORE, scores=Scores({"accuracy": accuracy}, n=1))


if __name__ == "__main__":
    with Study(load_config("evolution"), Path(sys.argv[1])) as study:
        while candidates := study.ask():
            for candidate in candidates:
                study.tell(candidate, rate(candidate))
        for cycle in study.result().cycles:
            print(f"cycle {cycle.cycle}: best {cycle.best:.3f}, mean {cycle.mean:.3f}")
