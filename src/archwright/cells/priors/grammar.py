"""The probabilities of codes, from a model of the tokens that codes are written with.

A code may be several tokens, and the tokens of one code the beginning of another's (8, 81). The walk from token to
token is restricted to codes and renormalised at each: a code ends where a token comes that may follow a code.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Tokens = tuple[int, ...]
Score = Callable[[Sequence[Sequence[int]], Sequence[int]], NDArray[np.float64]]
"""Called with R rows of tokens and C tokens; returns the logits (R, C) of each of the C as the next of each row."""


class CodeGrammar:
    """The tokens of every code."""

    def __init__(self, codes: Sequence[Tokens], ends: Sequence[int]) -> None:
        """`codes` are the tokens of each code, all different; `ends` the tokens that may follow one."""
        self._codes = list(codes)
        self._ends = sorted(set(ends))
        self._children: dict[Tokens, list[int]] = {}
        for tokens in self._codes:
            for length, token in enumerate(tokens):
                children = self._children.setdefault(tokens[:length], [])
                if token not in children:
                    children.append(token)
        self._columns = sorted({token for tokens in self._codes for token in tokens} | set(self._ends))
        self._column = {token: column for column, token in enumerate(self._columns)}

    def next_log_probs(self, prefixes: Sequence[Sequence[int]], score: Score) -> NDArray[np.float32]:
        """Return the log-probabilities (N, K) of the code behind each prefix of tokens."""
        nodes = sorted(self._children, key=len)
        rows = [[*prefix, *node] for node in nodes for prefix in prefixes]
        logits_mnc = score(rows, self._columns).reshape(len(nodes), len(prefixes), len(self._columns))
        whole = set(self._codes)
        reached: dict[Tokens, NDArray[np.float64]] = {(): np.zeros(len(prefixes))}
        ended: dict[Tokens, NDArray[np.float64]] = {}
        for node, logits_nc in zip(nodes, logits_mnc, strict=True):
            children = self._children[node]
            allowed = children + (self._ends if node in whole else [])
            norm_n = logsumexp(logits_nc[:, [self._column[token] for token in allowed]], axis=1)
            for token in children:
                reached[*node, token] = reached[node] + logits_nc[:, self._column[token]] - norm_n
            if node in whole:
                ends_n = logsumexp(logits_nc[:, [self._column[token] for token in self._ends]], axis=1)
                ended[node] = reached[node] + ends_n - norm_n
        log_probs_kn = [ended[tokens] if tokens in ended else reached[tokens] for tokens in self._codes]
        return np.stack(log_probs_kn, 1).astype(np.float32)
