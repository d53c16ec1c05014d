"""How the probability of the elite grows: the published law and its corrected forms, fitted to counts (statement 3).

All are C_t = k + (1 - a)^t (C_0 - k), the solution of C_{t+1} = C_t + a (k - C_t):

constant   a = 0                nothing is learned
published  a = C_0, k = 1       1 - C_t = (1 - C_0)^(t + 1), the bound taken as equality
smoothing  k = 1                a cycle replaces the share a of the distribution
ceiling                         and never more than k is reached
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from archwright.analysis.theory.elite import EliteCount

Floats = NDArray[np.float64]
SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1."""


class Law(StrEnum):
    """A form of the law, by what it leaves free."""

    CONSTANT = "constant"
    PUBLISHED = "published"
    SMOOTHING = "smoothing"
    CEILING = "ceiling"


FREE = {Law.CONSTANT: 1, Law.PUBLISHED: 1, Law.SMOOTHING: 2, Law.CEILING: 3}
"""Parameters of each, in the order C_0, a, k."""


@dataclass(frozen=True, slots=True)
class LawFit:
    """The most likely parameters of one law."""

    law: Law
    c_0: float
    a: float
    k: float
    log_likelihood: float
    p_fit: float | None
    """Probability, if the law is right, that so much likelihood is missing to shares that fit every cycle exactly.

    By chi-square; None without degrees of freedom.
    """

    @property
    def aic(self) -> float:
        """Akaike's criterion: smaller is better."""
        return 2 * FREE[self.law] - 2 * self.log_likelihood

    def at(self, after: int) -> float:
        """Return C_t."""
        return float(_curve(np.array([float(after)]), self.c_0, self.a, self.k)[0])


def fit_laws(counts: Sequence[EliteCount]) -> dict[Law, LawFit]:
    """Return the maximum-likelihood fit of every law to binomial `counts`; empty for fewer than two cycles."""
    counts = [count for count in counts if count.n]
    return {law: _fit(law, counts) for law in Law} if len(counts) >= 2 else {}


def best_law(fits: dict[Law, LawFit]) -> LawFit | None:
    """Return the fit with the smallest AIC, the simplest among equals."""
    return min(fits.values(), key=lambda fit: (round(fit.aic, 9), FREE[fit.law]), default=None)


def _curve(after: Floats, c_0: float, a: float, k: float) -> Floats:
    return np.clip(k + (1 - a) ** after * (c_0 - k), SMALLEST, 1 - SMALLEST)


def _all_parameters(law: Law, free: Floats) -> tuple[float, float, float]:
    c_0 = float(free[0])
    if law is Law.CONSTANT:
        return c_0, 0.0, 1.0
    if law is Law.PUBLISHED:
        return c_0, c_0, 1.0
    return c_0, float(free[1]), 1.0 if law is Law.SMOOTHING else float(free[2])


def _fit(law: Law, counts: Sequence[EliteCount]) -> LawFit:
    from scipy.optimize import minimize
    from scipy.special import gammaincc

    after = np.array([count.after for count in counts], float)
    elite, n = (np.array([getattr(count, name) for count in counts], float) for name in ("elite", "n"))

    def likelihood(shares: Floats) -> float:
        shares = np.clip(shares, SMALLEST, 1 - SMALLEST)
        return float(elite @ np.log(shares) + (n - elite) @ np.log1p(-shares))

    def loss(free: Floats) -> float:
        return -likelihood(_curve(after, *_all_parameters(law, free))) / float(n.sum())

    overall, last = float(elite.sum() / n.sum()), float(elite[-1] / n[-1])
    starts = [[overall, 0.1, 0.9], [float(elite[0] / n[0]), 0.5, last], [overall, 0.02, 0.5]]
    found = [
        minimize(
            loss,
            np.clip(start[: FREE[law]], 0.01, 0.99),
            method="L-BFGS-B",
            bounds=[(SMALLEST, 1 - SMALLEST)] * FREE[law],
        ).x
        for start in starts
    ]
    parameters = _all_parameters(law, min(found, key=loss))
    log_likelihood = likelihood(_curve(after, *parameters))
    deviance = max(0.0, 2 * (likelihood(elite / n) - log_likelihood))
    freedom = len(counts) - FREE[law]
    p_fit = float(gammaincc(freedom / 2, deviance / 2)) if freedom > 0 else None
    return LawFit(law, *parameters, log_likelihood, p_fit if p_fit is None or math.isfinite(p_fit) else None)
