"""Answers that keep to a form while they are sampled, by llguidance (https://github.com/guidance-ai/llguidance).

A grammar says after every token which of the vocabulary may follow. It is a wish: where it cannot be followed (no fast
tokenizer, more than llguidance knows or its limits allow), the answer is free.
"""

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)


class Constraint:
    """What may follow in one answer."""

    def __init__(self, matcher: "LLMatcher", vocabulary: int) -> None:
        self._matcher = matcher
        self._bits = np.zeros((1, (vocabulary + 31) // 32), dtype=np.int32)

    def allowed(self, size: int) -> torch.Tensor | None:
        """Return whether each of `size` tokens may come next (bool, (V,)); None where any may."""
        from llguidance.numpy import fill_next_token_bitmask

        if self._matcher.is_error():
            return None
        fill_next_token_bitmask(self._matcher, self._bits)
        if self._matcher.is_error():
            return None
        known = np.unpackbits(self._bits[0].view(np.uint8), bitorder="little")[:size].astype(bool)
        return torch.from_numpy(np.pad(known, (0, size - len(known))))

    def accept(self, token: int) -> None:
        """Go on behind `token`."""
        if not self._matcher.is_error():
            self._matcher.consume_token(token)


class Constraints:
    """Makes constraints for the tokens of one tokenizer."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", end_tokens: Collection[int]) -> None:
        """Read the vocabulary, which takes a second when the first constraint is made."""
        self._source, self._end_tokens = tokenizer, sorted(end_tokens)
        self._tokenizer: LLTokenizer | None = None

    def of(self, grammar: str) -> Constraint | None:
        """Return the constraint of a grammar in Lark's syntax; None where it cannot be followed."""
        from llguidance import LLMatcher
        from llguidance.hf import from_tokenizer

        if self._tokenizer is None:
            try:
                self._tokenizer = from_tokenizer(self._source, eos_token=self._end_tokens or None)
            except ValueError as error:
                _log.warning("answers are not held to a form: %s", error)
                return None
        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
        if matcher.is_error():
            _log.warning("an answer is not held to its form: %s", matcher.get_error().partition("\n")[0][:200])
            return None
        return Constraint(matcher, self._tokenizer.vocab_size)
