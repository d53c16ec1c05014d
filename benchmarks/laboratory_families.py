"""The cross-entropy method on a space so small that every probability is known: families, and one exact cycle.

A distribution is an array of probabilities (K, ..., K), one axis a choice. A family is given by its projection: the
member that maximises the expected log-likelihood under a target, argmin KL(target || p). All three have it in closed
form. The families differ in what they can hold: everything, nothing joint, or what neighbouring choices share.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]
Flags = NDArray[np.bool_]
Family = Callable[[Probabilities], Probabilities]
"""The projection onto a family."""


def full_softmax(target: Probabilities) -> Probabilities:
    """Return `target` itself: one logit an architecture can hold any distribution."""
    return target


def factorised(target: Probabilities) -> Probabilities:
    """Return the product of the marginals: every choice on its own."""
    return autoregressive(target, order=0)


def autoregressive(target: Probabilities, order: int = 1) -> Probabilities:
    """Return the product of each choice's conditionals given the `order` choices before it.

    With as many as there are, it is the target itself.
    """
    found = np.ones((1,) * target.ndim)
    for axis in range(target.ndim):
        first = max(0, axis - order)
        others = tuple(other for other in range(target.ndim) if not first <= other <= axis)
        joint = target.sum(others, keepdims=True)
        given = joint.sum(axis, keepdims=True)
        found = found * np.divide(joint, given, out=np.zeros_like(joint), where=given > 0)
    return found


FAMILIES: dict[str, Family] = {
    "full softmax": full_softmax,
    "factorised": factorised,
    "autoregressive": autoregressive,
}


def cycle(
    p: Probabilities,
    weights: Probabilities | Flags,
    family: Family,
    *,
    smoothing: float = 1.0,
    base: Probabilities | None = None,
    replay: float = 0.0,
) -> Probabilities:
    """Return the distribution after one lesson on what `p` wrote, taken with `weights`: the elite's are 1, else 0.

    `smoothing` is the share of the old distribution that a lesson replaces; `replay` the share of `base` in a lesson.
    Raises ValueError when nothing has any weight.
    """
    taught = p * weights
    total = float(taught.sum())
    if total <= 0:
        raise ValueError("no elite has any probability")
    taught = taught / total
    if base is not None:
        taught = (1 - replay) * taught + replay * base
    return family((1 - smoothing) * p + smoothing * taught)


def cycles(
    p: Probabilities, weights: Probabilities | Flags, family: Family, n: int, *, smoothing: float = 1.0
) -> list[Probabilities]:
    """Return `p` and the distributions after each of `n` lessons."""
    found = [p]
    for _ in range(n):
        found.append(cycle(found[-1], weights, family, smoothing=smoothing))
    return found


def elite_probability(p: Probabilities, is_elite: Flags) -> float:
    """Return C = P_p(E)."""
    return float(p[is_elite].sum())


def divergence(target: Probabilities, p: Probabilities) -> float:
    """Return KL(target || p) in nats; infinity where `p` lacks what `target` has."""
    has = target > 0
    if (p[has] <= 0).any():
        return float("inf")
    return float((target[has] * np.log(target[has] / p[has])).sum())


def random_member(shape: tuple[int, ...], concentration: float, rng: np.random.Generator) -> Probabilities:
    """Return a member of every family: independent choices, each of Dirichlet-distributed probabilities."""
    p = np.ones((1,) * len(shape))
    for axis, options in enumerate(shape):
        choice = rng.dirichlet(np.full(options, concentration))
        p = p * choice.reshape([options if other == axis else 1 for other in range(len(shape))])
    return p
