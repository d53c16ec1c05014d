"""How code sequences are drawn from a prior: as it generates them, within constraints, or without replacement.

Plain sampling is `CodePrior.sample`. The other two look at the distribution of the next code, so they can rule out
what cannot be wanted:

- A code that no training sequence has at a place is masked there, and the rest of that place's distribution is
  renormalised.
- A sequence that decodes to no cell of the space is rejected, so what is kept has the distribution of the masked
  prior, given that the cell is valid.
- Without replacement, sequences come from stochastic beam search (Kool et al. 2019): in the order in which one after
  the other would be drawn, each from what its predecessors leave. A sequence whose cell came before is rejected; every
  sequence of a cell that has not come is still to be drawn, so the cells too are in the order of drawing without
  replacement, exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from archwright.cells.priors.prior import CodePrior, Codes
from archwright.errors import ArchwrightError
from archwright.novelty.tokens import MULTIPLIER, mixed
from archwright.randomness import derive_seed

KeysOf = Callable[[Codes], NDArray[np.int64]]
"""What tells the decoded cells of sequences apart (`canonical_keys`), (N,); negative for one outside the space."""

CHUNK = 8192
"""Sequences drawn at a time."""
ROWS = 2048
"""Rows of (N, K) noise held at a time."""
LEAST_SHARE = 0.01
"""Of the sequences drawn: those that are kept. With fewer the prior has learned nothing, and drawing would not end."""
SURPLUS = 1.25
"""Sequences drawn at first for each distinct cell that is wanted."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Sequences that were kept, in the order drawn."""

    codes_nv: Codes
    drawn: int
    """Sequences drawn until the last of them was found."""


def seen_codes(codes_nv: Codes, codes: int) -> NDArray[np.bool_]:
    """Return which of the `codes` occur at each place of the sequences, (V, K)."""
    seen_vk = np.zeros((codes_nv.shape[1], codes), bool)
    for place, column_n in enumerate(codes_nv.T):
        seen_vk[place, column_n] = True
    return seen_vk


def sample_constrained(
    prior: CodePrior, keys: KeysOf, n: int, *, temperature: float, seed: int, seen_vk: NDArray[np.bool_]
) -> Sampled:
    """Return `n` independent sequences of codes in `seen_vk` that decode to a cell of the space.

    Raises ArchwrightError when next to none does.
    """
    kept: list[Codes] = []
    found = drawn = 0
    while found < n:
        random = np.random.default_rng(derive_seed(seed, "constrained", drawn))
        codes_nv = _draw(prior, min(CHUNK, n), temperature, seen_vk, random)
        rows_m = np.flatnonzero(keys(codes_nv) >= 0)[: n - found]
        kept.append(codes_nv[rows_m])
        found += len(rows_m)
        drawn += int(rows_m[-1]) + 1 if found == n else len(codes_nv)
        if found < n and _is_hopeless(found, drawn):
            raise _too_few(found, drawn, n, "train the prior longer, or lower the temperature")
    return Sampled(np.concatenate(kept) if kept else np.empty((0, prior.vertices), np.int16), drawn)


def sample_unique(
    prior: CodePrior, keys: KeysOf, n: int, *, temperature: float, seed: int, seen_vk: NDArray[np.bool_]
) -> Sampled:
    """Return sequences of codes in `seen_vk` that decode to `n` different cells of the space.

    Raises ArchwrightError when there are not so many, or next to none among the sequences drawn.
    """
    width = max(1, round(SURPLUS * n))
    while True:
        codes_kv = draw_distinct(prior, width, temperature=temperature, seed=seed, seen_vk=seen_vk)
        keys_k, first_k = np.unique(keys(codes_kv), return_index=True)
        rows_m = np.sort(first_k[keys_k >= 0])[:n]
        if len(rows_m) == n:
            return Sampled(codes_kv[rows_m], int(rows_m.max(initial=-1)) + 1)
        if len(codes_kv) < width or _is_hopeless(len(rows_m), width):
            raise _too_few(len(rows_m), len(codes_kv), n, "ask for fewer, or train the prior longer")
        width *= 2


def draw_distinct(prior: CodePrior, width: int, *, temperature: float, seed: int, seen_vk: NDArray[np.bool_]) -> Codes:
    """Return `width` different sequences, or all there are, in the order of drawing them without replacement.

    The noise of a prefix depends on `seed` and the prefix alone: a wider search returns the same sequences and goes on.
    Takes V calls of `next_log_probs` with `width` prefixes.
    """
    beam = _Beam.root(seed)
    for place in range(prior.vertices):
        best = _Beam.empty(place + 1)
        for start in range(0, len(beam.codes_bp), ROWS):
            rows = beam[start : start + ROWS]
            log_probs_bk = _next_log_probs(prior, rows.codes_bp, temperature, seen_vk)
            best = best.joined(rows.children(log_probs_bk, width)).widest(width)
        beam = best
    return beam[np.argsort(-beam.perturbed_b, kind="stable")].codes_bp


@dataclass(frozen=True, slots=True)
class _Beam:
    """Prefixes with their log-probabilities and those with Gumbel noise added: the maximum over all that begin so."""

    codes_bp: Codes
    log_probs_b: NDArray[np.float64]
    perturbed_b: NDArray[np.float64]
    keys_b: NDArray[np.uint64]
    """What the noise of a prefix is made from."""

    @classmethod
    def root(cls, seed: int) -> "_Beam":
        # Where the maximum over everything lies does not change the order, so it may be set to zero.
        key = np.array([derive_seed(seed, "unique")], np.uint64)
        return cls(np.empty((1, 0), np.int16), np.zeros(1), np.zeros(1), key)

    @classmethod
    def empty(cls, length: int) -> "_Beam":
        return cls(np.empty((0, length), np.int16), np.empty(0), np.empty(0), np.empty(0, np.uint64))

    def __getitem__(self, rows: "slice | NDArray[np.intp]") -> "_Beam":
        return _Beam(self.codes_bp[rows], self.log_probs_b[rows], self.perturbed_b[rows], self.keys_b[rows])

    def children(self, next_bk: NDArray[np.float64], width: int) -> "_Beam":
        """Return the `width` next prefixes with the largest maximum, or all that are possible (appendix B.3).

        `next_bk` are the log-probabilities of the next code.
        """
        log_probs_bk = self.log_probs_b[:, None] + next_bk
        keys_bk = mixed((self.keys_b[:, None] + np.arange(1, next_bk.shape[1] + 1, dtype=np.uint64)) * MULTIPLIER)
        noisy_bk = log_probs_bk + _gumbel(keys_bk)
        limit_b1 = self.perturbed_b[:, None]
        with np.errstate(divide="ignore", over="ignore"):
            # The noise is shifted so that the largest child is as large as its parent.
            v_bk = limit_b1 - noisy_bk + _log1mexp(noisy_bk - noisy_bk.max(1, keepdims=True))
            perturbed_bk = limit_b1 - np.maximum(v_bk, 0) - np.log1p(np.exp(-np.abs(v_bk)))
        widest_c = _largest(perturbed_bk.ravel(), width)
        rows_c, codes_c = np.divmod(widest_c[np.isfinite(perturbed_bk.ravel()[widest_c])], next_bk.shape[1])
        codes_cp = np.concatenate([self.codes_bp[rows_c], codes_c[:, None].astype(np.int16)], 1)
        return _Beam(codes_cp, log_probs_bk[rows_c, codes_c], perturbed_bk[rows_c, codes_c], keys_bk[rows_c, codes_c])

    def joined(self, other: "_Beam") -> "_Beam":
        return _Beam(
            np.concatenate([self.codes_bp, other.codes_bp]),
            np.concatenate([self.log_probs_b, other.log_probs_b]),
            np.concatenate([self.perturbed_b, other.perturbed_b]),
            np.concatenate([self.keys_b, other.keys_b]),
        )

    def widest(self, width: int) -> "_Beam":
        """Return the `width` prefixes with the largest maximum, in any order."""
        return self[_largest(self.perturbed_b, width)]


def _largest(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the places of the `count` largest values, or of all, in any order."""
    return np.arange(len(values)) if len(values) <= count else np.argpartition(-values, count - 1)[:count]


def _draw(
    prior: CodePrior, n: int, temperature: float, seen_vk: NDArray[np.bool_], random: np.random.Generator
) -> Codes:
    codes_np = np.empty((n, 0), np.int16)
    for _ in range(prior.vertices):
        log_probs_nk = _next_log_probs(prior, codes_np, temperature, seen_vk)
        drawn_n = (log_probs_nk + random.gumbel(size=log_probs_nk.shape)).argmax(1)
        codes_np = np.concatenate([codes_np, drawn_n[:, None].astype(np.int16)], 1)
    return codes_np


def _next_log_probs(
    prior: CodePrior, prefix_np: Codes, temperature: float, seen_vk: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the log-probabilities (N, K) of the next code within the constraints; every prefix is looked at once."""
    distinct_up, inverse_n = np.unique(prefix_np, axis=0, return_inverse=True)
    log_probs_uk = prior.next_log_probs(distinct_up).astype(np.float64) / temperature
    log_probs_uk[:, ~seen_vk[prefix_np.shape[1]]] = -np.inf
    log_probs_uk -= logsumexp(log_probs_uk, axis=1, keepdims=True)
    return log_probs_uk[inverse_n.reshape(-1)]


def _gumbel(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return standard Gumbel noise made from `keys`."""
    uniform = ((mixed(~keys * MULTIPLIER) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return -np.log(-np.log(uniform))


def _log1mexp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log(1 - exp(x)) for x <= 0, precisely."""
    return np.where(x > -np.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def _is_hopeless(found: int, drawn: int) -> bool:
    return found < LEAST_SHARE * drawn - 1  # One less, so that a short streak of bad luck does not count.


def _too_few(found: int, drawn: int, wanted: int, remedy: str) -> ArchwrightError:
    return ArchwrightError(f"{drawn:,} sequences gave {found:,} of the {wanted:,} cells that were asked for", remedy)
