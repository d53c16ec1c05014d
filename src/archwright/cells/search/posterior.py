"""A Gaussian process over a fixed pool of cells: what the measured ones say about the others."""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

LENGTHS = (0.5, 1.0, 2.0, 4.0)
"""Length scales to choose from, in median distances between measured cells."""
SLOPES = (0.0, 1.0, 10.0)
"""Variances of the linear part to choose from, in variances of the other part."""
NOISES = (0.01, 0.05, 0.2)
"""Variances of the noise to choose from, in the same unit."""
GROWTH = 1.5
"""So many times as many cells are measured before the choice is made anew."""


class PoolPosterior:
    """The posterior of a Gaussian process, kept for every cell of the pool at once.

    Its kernel is a Matern-5/2 plus a linear one: without the latter, what is far from all measured cells is expected to
    be average, however clear the trend. Length scale, slope and noise are those of the highest marginal likelihood.
    One more measured cell costs O(n M) for n measured cells in a pool of M: the Cholesky factor's next row is a column
    of the solution that is kept already.
    """

    def __init__(self, features_mf: NDArray[np.float32]) -> None:
        self._features_mf = features_mf - features_mf.mean(0)
        self._squares_m = (self._features_mf * self._features_mf).sum(1)
        self._scale = max(float(self._squares_m.mean()), 1e-12)
        self._rows: list[int] = []
        self._dots_nm = np.empty((0, len(features_mf)), np.float32)
        self._solution_nm = np.empty_like(self._dots_nm)
        """L^-1 K(measured, pool); its columns of the measured cells are the rows of L."""
        self._diagonal: list[float] = []
        self._left_m = np.empty(len(features_mf))
        """Variance that the measured cells leave, in variances of the signal."""
        self.length, self.slope, self.noise = 1.0, SLOPES[0], NOISES[0]
        self._chosen_at = 0

    def add(self, rows: list[int], values_n: NDArray[np.float64]) -> None:
        """Take in the newly measured `rows` of the pool; `values_n` are those of all rows so far, in their order."""
        first = len(self._rows)
        self._rows += rows
        self._grow()
        for number in range(first, len(self._rows)):
            self._dots_nm[number] = self._features_mf @ self._features_mf[self._rows[number]]
        if len(self._rows) >= GROWTH * self._chosen_at:
            self._choose(values_n)
            first, self._diagonal = 0, []
            self._left_m[:] = 1 + self.slope * self._squares_m / self._scale
        for number in range(first, len(self._rows)):
            self._condition_on(number)

    def predict(self, values_n: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation for every cell of the pool, from the values of the rows so far."""
        n = len(self._rows)
        weights_n = solve_triangular(self._factor(), values_n, lower=True)
        mean_m = weights_n.astype(np.float32) @ self._solution_nm[:n]
        return mean_m.astype(np.float64), np.sqrt(_variance(weights_n) * np.maximum(self._left_m, 1e-9))

    def _condition_on(self, number: int) -> None:
        row = self._rows[number]
        before_n = self._solution_nm[:number, row].copy()
        squares_m = np.maximum(self._squares_m + self._squares_m[row] - 2 * self._dots_nm[number], 0)
        kernel_m = _matern(squares_m, self.length) + np.float32(self.slope / self._scale) * self._dots_nm[number]
        diagonal = float(np.sqrt(max(float(kernel_m[row]) + self.noise - float(before_n @ before_n), 1e-9)))
        self._solution_nm[number] = (kernel_m - before_n @ self._solution_nm[:number]) / diagonal
        self._diagonal.append(diagonal)
        self._left_m -= self._solution_nm[number].astype(np.float64) ** 2

    def _factor(self) -> NDArray[np.float64]:
        n = len(self._rows)
        factor_nn = np.tril(self._solution_nm[:n, self._rows].T.astype(np.float64), -1)
        factor_nn[np.diag_indices(n)] = self._diagonal
        return factor_nn

    def _choose(self, values_n: NDArray[np.float64]) -> None:
        """Choose the kernel by marginal likelihood, the variance of the signal being its best for each."""
        n = self._chosen_at = len(self._rows)
        dots_nn = self._dots_nm[:n, self._rows].astype(np.float64)
        squares_n = np.diag(dots_nn)
        distances_nn = np.maximum(squares_n[:, None] + squares_n - 2 * dots_nn, 0)
        apart = distances_nn[distances_nn > 1e-6]
        median = float(np.sqrt(np.median(apart))) if len(apart) else 1.0
        best = -np.inf
        for length in LENGTHS:
            matern_nn = _matern(distances_nn, length * median)
            for slope, noise in product(SLOPES, NOISES):
                kernel_nn = matern_nn + slope / self._scale * dots_nn
                factor_nn = cholesky(kernel_nn + noise * np.eye(n), lower=True)
                weights_n = solve_triangular(factor_nn, values_n, lower=True)
                likelihood = -n / 2 * np.log(_variance(weights_n)) - np.log(np.diag(factor_nn)).sum()
                if likelihood > best:
                    best, self.length, self.slope, self.noise = likelihood, length * median, slope, noise

    def _grow(self) -> None:
        """Make room for the measured rows, in doubling steps."""
        room, n = len(self._dots_nm), len(self._rows)
        if n > room:
            wider = np.empty((max(n, 2 * room) - room, len(self._features_mf)), np.float32)
            self._dots_nm = np.concatenate([self._dots_nm, wider])
            self._solution_nm = np.concatenate([self._solution_nm, wider])


def _variance(weights_n: NDArray[np.float64]) -> float:
    """Return the most likely variance of the signal."""
    return max(float(weights_n @ weights_n) / len(weights_n), 1e-12)


def _matern(squares: NDArray[np.floating], length: float) -> NDArray[np.floating]:
    """Return the Matern-5/2 kernel at the squared distances, in their precision."""
    steps = np.sqrt(squares) * squares.dtype.type(np.sqrt(5) / length)
    return np.asarray((1 + steps + steps * steps / 3) * np.exp(-steps), squares.dtype)
