"""Batched sampling from a causal language model, one random stream per row.

The whole batch shares the work it can share: the tokens all prompts begin with are read once, and rows that are done
leave the batch. Every row draws from a generator of its own, so what a row becomes depends on its prompt and its seed
and on its neighbours only through the rounding of the matrix products. This module knows tokens, not text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from archwright.llm.constraints import Constraint
from archwright.llm.growing_cache import growing_cache
from archwright.llm.model import Decoding

if TYPE_CHECKING:
    from transformers import PreTrainedModel

IsComplete = Callable[[list[int]], bool]


@dataclass(frozen=True, slots=True)
class SampledTokens:
    """The tokens of one completion, the end token not included."""

    tokens: list[int]
    is_stopped: bool
    """Whether the model ended it (or `is_complete` did) before the limit."""


def sample(
    network: "PreTrainedModel",
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[int],
    decoding: Decoding,
    end_tokens: frozenset[int],
    is_complete: IsComplete,
    limits: Sequence[int] | None = None,
    constraints: Sequence[Constraint | None] | None = None,
) -> list[SampledTokens]:
    """Return one completion per prompt (token ids, at least one each), all sampled together.

    A row ends with an end token, when `is_complete` says so of its tokens so far, or at its limit of new tokens, at
    least one: `limits`, or `decoding.max_new_tokens` for all. A row with a constraint draws among what that allows.
    """
    if not prompts:
        return []
    limits = limits or [decoding.max_new_tokens] * len(prompts)
    constraints = constraints or [None] * len(prompts)
    streams = [torch.Generator().manual_seed(seed) for seed in seeds]
    written: list[list[int]] = [[] for _ in prompts]
    is_stopped = [False] * len(prompts)
    active = list(range(len(prompts)))
    with torch.inference_mode():
        state, logits_nv = _read(network, prompts)
        while True:
            _forbid(logits_nv, [constraints[row] for row in active])
            tokens = draw(logits_nv, [streams[row] for row in active], decoding)
            keep = []
            for position, (row, token) in enumerate(zip(active, tokens, strict=True)):
                if token in end_tokens:
                    is_stopped[row] = True
                    continue
                written[row].append(token)
                if (constraint := constraints[row]) is not None:
                    constraint.accept(token)
                if is_complete(written[row]):
                    is_stopped[row] = True
                elif len(written[row]) < limits[row]:
                    keep.append(position)
            if not keep:
                break
            if len(keep) < len(active):
                state.select(keep)
                active = [active[position] for position in keep]
            logits_nv = state.advance([[tokens[position]] for position in keep])
    return [SampledTokens(tokens, stopped) for tokens, stopped in zip(written, is_stopped, strict=True)]


def draw(logits_nv: torch.Tensor, streams: Sequence[torch.Generator], decoding: Decoding) -> list[int]:
    """Return one token per row: the likeliest at temperature 0, else from the top-k, then top-p, of the softmax."""
    if decoding.temperature == 0:
        return logits_nv.argmax(-1).tolist()
    vocabulary = logits_nv.shape[-1]
    k = min(decoding.top_k or vocabulary, vocabulary)
    values_nk, tokens_nk = (logits_nv.float() / decoding.temperature).topk(k, sorted=True)
    weights_nk = values_nk.softmax(-1)
    before_nk = weights_nk.cumsum(-1) - weights_nk
    weights_nk = weights_nk.masked_fill(before_nk >= decoding.top_p, 0.0)
    mass_nk = weights_nk.cumsum(-1)
    uniform_n1 = torch.stack([torch.rand(1, generator=stream) for stream in streams]).to(mass_nk.device)
    picks_n1 = torch.searchsorted(mass_nk, uniform_n1 * mass_nk[:, -1:], right=True)
    last_n1 = (weights_nk > 0).sum(-1, keepdim=True) - 1
    return tokens_nk.gather(-1, torch.minimum(picks_n1, last_n1)).squeeze(-1).tolist()


def _forbid(logits_nv: torch.Tensor, constraints: Sequence[Constraint | None]) -> None:
    """Make what the constraint of a row does not allow impossible, in place."""
    for logits_v, constraint in zip(logits_nv, constraints, strict=True):
        allowed_v = None if constraint is None else constraint.allowed(len(logits_v))
        if allowed_v is not None:
            logits_v.masked_fill_(~allowed_v.to(logits_v.device), -torch.inf)


def _read(network: "PreTrainedModel", prompts: Sequence[Sequence[int]]) -> tuple["_ReadState", torch.Tensor]:
    """Read all prompts; return the state behind them and the logits of the next token of each."""
    shared = _shared_length(prompts)
    state = _ReadState(network)
    if shared:
        state.advance([prompts[0][:shared]])
        state.repeat(len(prompts))
    return state, state.advance([prompt[shared:] for prompt in prompts])


def _shared_length(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many leading tokens all prompts have in common, leaving at least one token of each."""
    limit = min(len(prompt) for prompt in prompts) - 1
    first = prompts[0]
    for position in range(limit):
        if any(prompt[position] != first[position] for prompt in prompts):
            return position
    return limit


class _ReadState:
    """What the model has read so far: keys and values per row, and which positions of a row are padding."""

    def __init__(self, network: "PreTrainedModel") -> None:
        self.network = network
        self.cache = growing_cache(network.config)
        self.mask_nt = torch.ones(1, 0, dtype=torch.long, device=network.device)
        self.is_padded = False

    def advance(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Read more tokens of every row, padded on the left to one length; return the next token's logits (N, V)."""
        longest = max(len(row) for row in rows)
        self.is_padded = self.is_padded or any(len(row) < longest for row in rows)
        device = self.network.device
        tokens_nt = torch.tensor([[0] * (longest - len(row)) + list(row) for row in rows], device=device)
        fresh_nt = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=device)
        self.mask_nt = torch.cat([self.mask_nt.expand(len(rows), -1), fresh_nt], 1)
        positions_nt = (self.mask_nt.cumsum(1) - 1).clamp(min=0)[:, -longest:]
        output = self.network(
            input_ids=tokens_nt,
            attention_mask=self.mask_nt if self.is_padded else None,
            position_ids=positions_nt,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = output.logits
        return logits[:, -1]

    def repeat(self, rows: int) -> None:
        """Make `rows` copies of the single row read so far."""
        self.cache.batch_repeat_interleave(rows)
        self.mask_nt = self.mask_nt.expand(rows, -1)

    def select(self, rows: list[int]) -> None:
        """Keep only these rows."""
        self.cache.batch_select_indices(torch.tensor(rows, device=self.network.device))
        self.mask_nt = self.mask_nt[rows]
