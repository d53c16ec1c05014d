"""A small decoder-only transformer over codes, as in the paper's later version (Arch-VQ): V steps, K classes.

It is told which place it is asked for next, so one network generates and fills: whatever is known is read first, the
blanks are written in order behind it. Generating is filling a row of blanks.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn
from torch.nn.functional import cross_entropy

from archwright.cells.priors.fitting import fit_network
from archwright.cells.priors.prior import (
    BLANK,
    FILL_SHARE,
    Codes,
    OnStep,
    PriorSchedule,
    check_prefix,
    checked_codes,
    random_masks,
)
from archwright.cells.priors.storage import read_weights, write_prior
from archwright.llm.hardware import detect_hardware
from archwright.task import Frozen

CHUNK = 4096
"""Sequences that are read at a time when nothing is learned."""


class DecoderConfig(Frozen):
    """The size of the network, and what `fit` does unless told otherwise."""

    width: int = Field(96, ge=1)
    layers: int = Field(2, ge=1)
    heads: int = Field(4, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    training: PriorSchedule = PriorSchedule(epochs=8, batch=256, lr=3e-3)


class DecoderPrior:
    """A `CodePrior` of its own size, on the GPU where there is one."""

    def __init__(self, vertices: int, codes: int, config: DecoderConfig | None = None, *, seed: int = 0) -> None:
        """Begin with random weights."""
        self.vertices = vertices
        self.codes = codes
        self._config = config or DecoderConfig()
        self.training = self._config.training
        self._device = detect_hardware().device
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._network = _Network(vertices, codes, self._config).to(self._device).eval()

    def fit(self, codes_nv: Codes, *, seed: int, checkpoint: Path | None = None, on_step: OnStep | None = None) -> None:
        """See `CodePrior`."""
        fit_network(self, self._network, self._loss, codes_nv, seed=seed, checkpoint=checkpoint, on_step=on_step)

    def sample(self, n: int, temperature: float, seed: int) -> Codes:
        """See `CodePrior`; no row is malformed."""
        return self.fill(np.full((n, self.vertices), BLANK, np.int16), temperature, seed)

    def fill(self, codes_nv: Codes, temperature: float, seed: int) -> Codes:
        """See `CodePrior`."""
        codes_nv = checked_codes(codes_nv, self.vertices, self.codes, lowest=BLANK)
        stream = torch.Generator(self._device).manual_seed(seed % 2**63)
        parts = [
            self._filled(codes_nv[start : start + CHUNK], temperature, stream)
            for start in range(0, len(codes_nv), CHUNK)
        ]
        return np.concatenate(parts) if parts else codes_nv.copy()

    @torch.inference_mode()
    def next_log_probs(self, prefix_np: Codes) -> NDArray[np.float32]:
        """See `CodePrior`."""
        check_prefix(prefix_np, self.vertices, self.codes)
        places_nt = torch.arange(prefix_np.shape[1] + 1, device=self._device)[None]
        parts = []
        for start in range(0, len(prefix_np), CHUNK):
            codes_nt = self._tensor(prefix_np[start : start + CHUNK])
            logits_nk = self._network.logits(codes_nt, places_nt.expand(len(codes_nt), -1))[:, -1]
            parts.append(logits_nk.log_softmax(-1).cpu().numpy())
        return np.concatenate(parts) if parts else np.empty((0, self.codes), np.float32)

    def save(self, folder: Path) -> None:
        """See `CodePrior`."""
        write_prior(folder, "decoder", self, self._config, self._network.state_dict())

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "DecoderPrior":
        """Return the prior that `save` wrote to `folder`, described by `document`."""
        prior = cls(document["vertices"], document["codes"], DecoderConfig.model_validate(document["config"]))
        read_weights(folder, prior._network)
        return prior

    def _tensor(self, codes_nv: NDArray[np.integer[Any]]) -> torch.Tensor:
        return torch.from_numpy(codes_nv.astype(np.int64)).to(self._device)

    def _loss(self, codes_nv: Codes, random: np.random.Generator) -> torch.Tensor:
        is_blank_nv = random_masks(len(codes_nv), self.vertices, random)
        is_blank_nv[random.random(len(codes_nv)) >= FILL_SHARE] = True
        places_nv, codes = self._tensor(_order(is_blank_nv)), self._tensor(codes_nv)
        ordered_nv = codes.gather(1, places_nv)
        is_counted_nv = torch.from_numpy(np.sort(is_blank_nv, 1)).to(self._device)
        logits_nvk = self._network.logits(ordered_nv[:, :-1], places_nv)
        return cross_entropy(logits_nvk[is_counted_nv], ordered_nv[is_counted_nv])

    @torch.inference_mode()
    def _filled(self, codes_nv: Codes, temperature: float, stream: torch.Generator) -> Codes:
        is_blank_nv = codes_nv == BLANK
        places_nv = self._tensor(_order(is_blank_nv))
        ordered_nv = self._tensor(codes_nv).gather(1, places_nv)
        known_n = (~is_blank_nv).sum(1)
        state = None
        for step in range(self.vertices):
            is_drawn_n = torch.from_numpy(step >= known_n).to(self._device)
            logits_nk, state = self._network.step(ordered_nv, places_nv, step, state)
            weights_nk = (logits_nk / temperature).softmax(-1)
            drawn_n = torch.multinomial(weights_nk, 1, generator=stream).squeeze(1)
            ordered_nv[:, step] = torch.where(is_drawn_n, drawn_n, ordered_nv[:, step])
        filled_nv = torch.empty_like(ordered_nv).scatter_(1, places_nv, ordered_nv)
        return filled_nv.cpu().numpy().astype(np.int16)


class _Network(nn.Module):
    """GPT-2's blocks between embeddings and a classifier of our own."""

    def __init__(self, vertices: int, codes: int, config: DecoderConfig) -> None:
        super().__init__()
        from transformers import GPT2Config, GPT2Model

        self.read = nn.Embedding(codes + 1, config.width)
        """Of the code before; the last row stands for the beginning."""
        self.place = nn.Embedding(vertices + 1, config.width)
        """Of the code before."""
        self.asked = nn.Embedding(vertices, config.width)
        self.blocks = GPT2Model(
            GPT2Config(
                vocab_size=1,
                bos_token_id=None,
                eos_token_id=None,
                n_positions=vertices,
                n_embd=config.width,
                n_layer=config.layers,
                n_head=config.heads,
                activation_function="gelu_pytorch_tanh",
                embd_pdrop=config.dropout,
                attn_pdrop=config.dropout,
                resid_pdrop=config.dropout,
                use_cache=False,
            )
        )
        self.classify = nn.Linear(config.width, codes)
        for table in (self.read, self.place, self.asked, self.classify):
            nn.init.normal_(table.weight, std=0.02)

    def logits(self, codes_nt: torch.Tensor, places_nt: torch.Tensor) -> torch.Tensor:
        """Return the logits (N, T, K) of the codes at `places_nt` (N, T), each given the codes (N, T - 1) before it."""
        inputs_ntd = self._inputs(codes_nt, places_nt)
        hidden_ntd = self.blocks(inputs_embeds=inputs_ntd).last_hidden_state
        logits_ntk: torch.Tensor = self.classify(hidden_ntd)
        return logits_ntk

    def step(
        self, codes_nv: torch.Tensor, places_nv: torch.Tensor, step: int, state: object
    ) -> tuple[torch.Tensor, object]:
        """Return the logits (N, K) of one code, given those before it, and what has been read so far."""
        inputs_n1d = self._inputs(codes_nv[:, :step], places_nv[:, : step + 1])[:, -1:]
        output = self.blocks(inputs_embeds=inputs_n1d, past_key_values=state, use_cache=True)
        return self.classify(output.last_hidden_state[:, 0]), output.past_key_values

    def _inputs(self, codes_nt: torch.Tensor, places_nt: torch.Tensor) -> torch.Tensor:
        begin_n1 = codes_nt.new_full((len(codes_nt), 1), self.read.num_embeddings - 1)
        nowhere_n1 = codes_nt.new_full((len(codes_nt), 1), self.place.num_embeddings - 1)
        read_nt = torch.cat([begin_n1, codes_nt], 1)
        from_nt = torch.cat([nowhere_n1, places_nt[:, :-1]], 1)
        inputs_ntd: torch.Tensor = self.read(read_nt) + self.place(from_nt) + self.asked(places_nt)
        return inputs_ntd


def _order(is_blank_nv: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the places in the order they are read and written: what is known, then what is blank."""
    return np.argsort(is_blank_nv, axis=1, kind="stable")
