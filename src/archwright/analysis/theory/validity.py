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
CHI2 = 3.841459
"""The 95 % point of chi-square with one degree of freedom."""
RIDGE = 1e-6
"""Keeps the estimate finite where lines part valid from invalid programs completely."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Odds of validity: exp(intercept + slope * lines)."""

    intercept: float
    slope: float
    slope_interval: Interval
    """By the likelihood ratio, 95 %; without end on one side where lines part valid from invalid programs completely.

    Wald's interval would be widest there and hold 0, where the effect is clearest.
    """
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class Markov:
    """The published model."""

    pi_0: float
    """Validity of a program of one line."""
    lambda_: float
    """Probability that one more line is right, at most 1."""
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class ValidityByLines:
    """Both models of the same candidates."""

    n: int
    valid: int
    logistic: Logistic
    markov: Markov

    @property
    def is_decreasing(self) -> bool:
        """Whether more lines mean fewer valid programs, beyond chance: likelier than a constant share by CHI2 / 2."""
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
    interval = _slope_interval(design[:, 1], y, float(weights[1]))
    return Logistic(
        float(weights[0]) - slope * centre,
        slope,
        Interval(interval.low / scale, interval.high / scale),
        _log_likelihood(_sigmoid(design @ weights), y),
    )


def _slope_interval(x: Floats, y: Floats, slope: float) -> Interval:
    """Return the slopes less likely than the likeliest, `slope`, by at most CHI2 / 2, each with its best intercept."""
    from scipy.optimize import brentq

    places, of = np.unique(x, return_inverse=True)
    n, valid = np.bincount(of).astype(float), np.bincount(of, y)

    def log_likelihood(slope: float) -> float:
        reach = abs(slope) * float(np.abs(places).max()) + 40
        intercept = brentq(lambda at: float(valid.sum() - n @ _sigmoid(at + slope * places)), -reach, reach)
        logits = intercept + slope * places
        return float(valid @ logits - n @ np.logaddexp(0, logits))

    least = log_likelihood(slope) - CHI2 / 2

    def end(sign: int) -> float:
        step = 1.0
        while log_likelihood(slope + sign * step) > least:
            step *= 2
        return float(brentq(lambda at: log_likelihood(at) - least, slope, slope + sign * step))

    is_valid = y == 1
    return Interval(
        -math.inf if x[is_valid].max() <= x[~is_valid].min() else end(-1),
        math.inf if x[is_valid].min() >= x[~is_valid].max() else end(1),
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
