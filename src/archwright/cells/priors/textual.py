"""Code sequences as text, exactly as section 3.2 prints them, for priors that read and write text.

generate:                                    -> 81 19 44 283 8 4 232
fill: 81 36 71 [tok-0] 70 [tok-1] 150        -> [tok-0] 36 [tok-1] 465
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from archwright.cells.priors.prior import BLANK, FILL_SHARE, Codes, checked_codes, random_masks

GENERATE, FILL = "generate:", "fill:"
CODE = re.compile(r"0|[1-9][0-9]*")
FILLING = re.compile(r"\[tok-([0-9]+)\]\s*(0|[1-9][0-9]*)(?=\s|\[|$)\s*")


def sentinel(number: int) -> str:
    """Return what stands for the blank of that number, from 0."""
    return f"[tok-{number}]"


def write_codes(codes_v: Sequence[int]) -> str:
    """Return a whole sequence as text."""
    return " ".join(map(str, codes_v))


def ask_to_fill(codes_v: Sequence[int]) -> str:
    """Return the input that asks for the blanks of a sequence."""
    words, blanks = [FILL], 0
    for code in codes_v:
        words.append(sentinel(blanks) if code == BLANK else str(code))
        blanks += code == BLANK
    return " ".join(words)


def answer_blanks(codes_b: Sequence[int]) -> str:
    """Return the target that says what the blanks are, in their order."""
    return " ".join(f"{sentinel(number)} {code}" for number, code in enumerate(codes_b))


def read_codes(text: str, vertices: int, codes: int) -> list[int] | None:
    """Return the sequence in `text`, None when it is anything but `vertices` codes below `codes`."""
    words = text.split()
    if len(words) != vertices or not all(map(CODE.fullmatch, words)):
        return None
    read = [int(word) for word in words]
    return read if max(read) < codes else None


def read_blanks(text: str, blanks: int, codes: int) -> list[int] | None:
    """Return what `text` says the blanks are, None when it does not say so of each of them once and in order."""
    text = text.strip()
    read: list[int] = []
    place = 0
    while match := FILLING.match(text, place):
        if int(match[1]) != len(read) or int(match[2]) >= codes:
            return None
        read.append(int(match[2]))
        place = match.end()
    return read if place == len(text) and len(read) == blanks else None


def make_examples(codes_nv: Codes, random: np.random.Generator) -> list[tuple[str, str]]:
    """Return an input and its target for each sequence: `FILL_SHARE` of them to fill, with random blanks."""
    is_blank_nv = random_masks(len(codes_nv), codes_nv.shape[1], random)
    is_filled_n = random.random(len(codes_nv)) < FILL_SHARE
    examples = []
    for codes_v, is_blank_v, is_filled in zip(codes_nv, is_blank_nv, is_filled_n, strict=True):
        if is_filled:
            asked_v = np.where(is_blank_v, BLANK, codes_v)
            examples.append((ask_to_fill(asked_v.tolist()), answer_blanks(codes_v[is_blank_v].tolist())))
        else:
            examples.append((GENERATE, write_codes(codes_v.tolist())))
    return examples


def read_sequences(texts: Sequence[str], vertices: int, codes: int) -> Codes:
    """Return what was generated, (N, V); a row of `BLANK` for malformed text."""
    read_nv = np.full((len(texts), vertices), BLANK, np.int16)
    for row, text in enumerate(texts):
        if (found := read_codes(text, vertices, codes)) is not None:
            read_nv[row] = found
    return read_nv


def read_fillings(texts: Sequence[str], asked_nv: Codes, codes: int) -> Codes:
    """Return the sequences asked for with their blanks filled in; a row of `BLANK` for malformed text."""
    read_nv = asked_nv.copy()
    for row, text in enumerate(texts):
        is_blank_v = asked_nv[row] == BLANK
        found = read_blanks(text, int(is_blank_v.sum()), codes)
        read_nv[row, is_blank_v] = BLANK if found is None else found
        if found is None:
            read_nv[row] = BLANK
    return read_nv


class TextPrior(ABC):
    """What a `CodePrior` that writes text does with its answers."""

    vertices: int
    codes: int
    _tokenizer: Any
    _network: Any
    scored = 128
    """Rows of tokens whose next token is looked at at a time."""

    def sample(self, n: int, temperature: float, seed: int) -> Codes:
        """See `CodePrior`."""
        longest = write_codes([self.codes - 1] * self.vertices)
        return read_sequences(self._answer([GENERATE] * n, longest, temperature, seed), self.vertices, self.codes)

    def fill(self, codes_nv: Codes, temperature: float, seed: int) -> Codes:
        """See `CodePrior`; rows without a blank are not asked for."""
        filled_nv = checked_codes(codes_nv, self.vertices, self.codes, lowest=BLANK).copy()
        has_blank_n = (filled_nv == BLANK).any(1)
        asked_nv = filled_nv[has_blank_n]
        longest = answer_blanks([self.codes - 1] * self.vertices)
        texts = self._answer([ask_to_fill(row) for row in asked_nv.tolist()], longest, temperature, seed)
        filled_nv[has_blank_n] = read_fillings(texts, asked_nv, self.codes)
        return filled_nv

    @abstractmethod
    def _answer(self, asked: Sequence[str], longest: str, temperature: float, seed: int) -> list[str]:
        """Return an answer to each prompt, of no more tokens than the `longest` one that makes sense."""

    def _tokens(self, text: str) -> list[int]:
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    @torch.inference_mode()
    def _score(self, rows: Sequence[Sequence[int]], columns: Sequence[int]) -> NDArray[np.float64]:
        """Return the logits (R, C) of `columns` as the next token of each row."""
        parts = []
        for start in range(0, len(rows), self.scored):
            part = rows[start : start + self.scored]
            # What is to the right of a row's last token is not seen there.
            tokens_rt = pad_sequence([torch.tensor(row) for row in part], batch_first=True).to(self._network.device)
            logits_rv = self._logits_behind(tokens_rt, torch.tensor([len(row) - 1 for row in part]))
            parts.append(logits_rv[:, list(columns)].double().cpu().numpy())
        return np.concatenate(parts) if parts else np.empty((0, len(columns)))

    @abstractmethod
    def _logits_behind(self, tokens_rt: torch.Tensor, last_r: torch.Tensor) -> torch.Tensor:
        """Return the logits (R, V) of what follows the token at place `last_r` of each row."""
