"""A Gaussian process over a fixed pool of cells: what the measured ones say about the others."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

LENGTHS = (0.5, 1.0, 2.0, 4.0)
"""Length scales to choose from, in median distances between measured cells."""
NOISES = (0.001, 0.01, 0.05, 0.2)
"""Variances of the noise to choose from, in variances of the signal."""


class PoolPosterior:
    """The posterior of a Gaussian process with a Matern-5/2 kernel, kept for every cell of the pool at once.

    One more measured cell costs O(n M) for n measured cells in a pool of M: the Cholesky factor's next row is a column
    of the solution that is kept already. Length scale and noise are those of the highest marginal likelihood, chosen
    anew whenever the number of measured cells has doubled.
    """

    def __init__(self, features_mf: NDArray[np.float32]) -> None:
        self._features_mf = features_mf
        self._squares_m = (features_mf * features_mf).sum(1)
        self._rows: list[int] = []
        self._distances_nm = np.empty((0, len(features_mf)), np.float32)
        self._solution_nm = np.empty_like(self._distances_nm)
        """L^-1 K(measured, pool); its columns of the measured cells are the rows of L."""
        self._diagonal: list[float] = []
        self._left_m = np.ones(len(features_mf))
        """Variance that the measured cells leave, in variances of the signal."""
        self.length, self.noise = 1.0, NOISES[0]
        self._chosen_at = 0

    def add(self, rows: list[int], values_n: NDArray[np.float64]) -> None:
        """Take in the newly measured `rows` of the pool; `values_n` are those of all rows so far, in their order."""
        first = len(self._rows)
        self._rows += rows
        self._grow()
        for number in range(first, len(self._rows)):
            row = self._rows[number]
            dots_m = self._features_mf @ self._features_mf[row]
            np.maximum(self._squares_m + self._squares_m[row] - 2 * dots_m, 0, out=self._distances_nm[number])
        if len(self._rows) >= 2 * self._chosen_at:
            self._choose(values_n)
            first, self._diagonal = 0, []
            self._left_m[:] = 1
        for number in range(first, len(self._rows)):
            self._condition_on(number)

    def predict(self, values_n: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation for every cell of the pool, from the values of the rows so far."""
        n = len(self._rows)
        weights_n = solve_triangular(self._factor(), values_n, lower=True)
        scale = max(float(weights_n @ weights_n) / n, 1e-12)
        mean_m = weights_n.astype(np.float32) @ self._solution_nm[:n]
        return mean_m.astype(np.float64), np.sqrt(scale * np.maximum(self._left_m, 1e-9))

    def _condition_on(self, number: int) -> None:
        row = self._rows[number]
        before_n = self._solution_nm[:number, row].copy()
        diagonal = float(np.sqrt(max(1 + self.noise - float(before_n @ before_n), 1e-9)))
        kernel_m = _matern(self._distances_nm[number], self.length)
        self._solution_nm[number] = (kernel_m - before_n @ self._solution_nm[:number]) / diagonal
        self._diagonal.append(diagonal)
        self._left_m -= self._solution_nm[number].astype(np.float64) ** 2

    def _factor(self) -> NDArray[np.float64]:
        n = len(self._rows)
        factor_nn = np.tril(self._solution_nm[:n, self._rows].T.astype(np.float64), -1)
        factor_nn[np.diag_indices(n)] = self._diagonal
        return factor_nn

    def _choose(self, values_n: NDArray[np.float64]) -> None:
        """Choose length scale and noise by marginal likelihood, the scale of the signal being its best for each."""
        n = self._chosen_at = len(self._rows)
        distances_nn = self._distances_nm[:n, self._rows]
        apart = distances_nn[distances_nn > 0]
        median = float(np.sqrt(np.median(apart))) if len(apart) else 1.0
        best = -np.inf
        for length in LENGTHS:
            kernel_nn = _matern(distances_nn, length * median).astype(np.float64)
            for noise in NOISES:
                factor_nn = cholesky(kernel_nn + noise * np.eye(n), lower=True)
                weights_n = solve_triangular(factor_nn, values_n, lower=True)
                scale = max(float(weights_n @ weights_n) / n, 1e-12)
                likelihood = -n / 2 * np.log(scale) - np.log(np.diag(factor_nn)).sum()
                if likelihood > best:
                    best, self.length, self.noise = likelihood, length * median, noise

    def _grow(self) -> None:
        """Make room for the measured rows, in doubling steps."""
        room, n = len(self._distances_nm), len(self._rows)
        if n > room:
            wider = np.empty((max(n, 2 * room) - room, len(self._features_mf)), np.float32)
            self._distances_nm = np.concatenate([self._distances_nm, wider])
            self._solution_nm = np.concatenate([self._solution_nm, wider])


def _matern(squares: NDArray[np.float32], length: float) -> NDArray[np.float32]:
    """Return the Matern-5/2 kernel at the squared distances."""
    steps = np.sqrt(5 * squares) / np.float32(length)
    return np.asarray((1 + steps + steps * steps / 3) * np.exp(-steps), np.float32)
