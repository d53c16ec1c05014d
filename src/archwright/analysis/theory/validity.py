"""Validity against the number of lines written: logistic regression beside the one-lambda Markov model (statement 4).

Published: every line is right with probability lambda, so V(L) = pi_0 lambda^(L - 1), and what writes fewer lines is
valid more often by lambda^(difference). The logistic regression assumes no more than that the odds depend on lines.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archwright.analysis.intervals import Interval

Floats = NDArray[np.float64]
NEWTON_STEPS = 50
RIDGE = 1e-6
"""Keeps the estimate finite where lines part valid from invalid programs completely."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Odds of validity: exp(intercept + slope * lines)."""

    intercept: float
    slope: float
    slope_interval: Interval
    """Wald, 95 %."""
    log_likelihood: float

    def at(self, lines: float) -> float:
        """Return the predicted share of valid programs."""
        return float(_sigmoid(np.array([self.intercept + self.slope * lines]))[0])


@dataclass(frozen=True, slots=True)
class Markov:
    """The published model."""

    pi_0: float
    """Validity of a program of one line."""
    lambda_: float
    """Probability that one more line is right, at most 1."""
    log_likelihood: float

    def at(self, lines: float) -> float:
        """Return the predicted share of valid programs."""
        return float(self.pi_0 * self.lambda_ ** (lines - 1))


@dataclass(frozen=True, slots=True)
class ValidityByLines:
    """Both models of the same candidates."""

    n: int
    valid: int
    logistic: Logistic
    markov: Markov

    @property
    def is_decreasing(self) -> bool:
        """Whether more lines mean fewer valid programs, beyond chance."""
        return self.logistic.slope_interval.high < 0


def fit_validity(lines: Sequence[float], is_valid: Sequence[bool]) -> ValidityByLines | None:
    """Return both models; None unless there are valid and invalid candidates and their lines differ."""
    x, y = np.asarray(lines, float), np.asarray(is_valid, float)
    if len(x) == 0 or y.min() == y.max() or x.min() == x.max():
        return None
    return ValidityByLines(len(x), int(y.sum()), _fit_logistic(x, y), _fit_markov(x, y))


def _fit_logistic(x: Floats, y: Floats) -> Logistic:
    centre, scale = float(x.mean()), float(x.std())
    design = np.stack([np.ones_like(x), (x - centre) / scale], axis=1)
    weights = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        shares = _sigmoid(design @ weights)
        curvature = (design * (shares * (1 - shares))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (y - shares) - RIDGE * weights)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    slope = float(weights[1]) / scale
    half = 1.959964 * math.sqrt(float(np.linalg.inv(curvature)[1, 1])) / scale
    return Logistic(
        float(weights[0]) - slope * centre,
        slope,
        Interval(slope - half, slope + half),
        _log_likelihood(_sigmoid(design @ weights), y),
    )


def _fit_markov(x: Floats, y: Floats) -> Markov:
    """Maximise the likelihood of pi_0 and lambda, neither above 1."""
    from scipy.optimize import minimize

    longest = float(np.abs(x - 1).max())
    steps = (x - 1) / longest

    def shares(free: Floats) -> Floats:  # of log pi_0 and longest * log lambda, both at most 0
        predicted: Floats = np.exp(free[0] + free[1] * steps)
        return predicted

    def loss(free: Floats) -> float:
        return -_log_likelihood(shares(free), y) / len(y)

    overall = math.log(float(y.mean()))
    starts = np.array([[overall, -0.01], [overall / 2, overall / 2], [-0.01, overall]])
    found = [minimize(loss, start, method="L-BFGS-B", bounds=[(-20.0, 0.0), (-50.0, 0.0)]).x for start in starts]
    best = min(found, key=loss)
    return Markov(math.exp(best[0]), math.exp(best[1] / longest), _log_likelihood(shares(best), y))


def _log_likelihood(shares: Floats, y: Floats) -> float:
    shares = np.clip(shares, 1e-9, 1 - 1e-9)
    return float(y @ np.log(shares) + (1 - y) @ np.log1p(-shares))


def _sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -500, 500)))
