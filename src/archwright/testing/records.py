"""Records of candidates in few words, for tests."""

from archwright.candidate import Admission, Candidate, Outcome, Record, Scores, Trial


def scored(accuracy: float, loss: float = 1.0, n: int = 100) -> Scores:
    """Return the scores of a classifier."""
    return Scores({"accuracy": accuracy, "loss": loss}, n)


def trial_of(candidate: Candidate, outcome: Outcome) -> Trial:
    """Return the trial of a search whose outcome is `outcome`."""
    return Trial(None if candidate.program is None else candidate.program.digest, outcome.seed)


def recorded(candidate: Candidate, outcome: Outcome | None = None, admission: Admission | None = None) -> Record:
    """Return the record of a candidate with the outcome of its search's trial, if there is one."""
    return Record(candidate, {} if outcome is None else {trial_of(candidate, outcome): outcome}, admission)
