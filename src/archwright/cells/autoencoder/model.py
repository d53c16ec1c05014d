"""A trained autoencoder of one space: cells to codes and back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from archwright.cells import SPACES
from archwright.cells.arrays import PADDING, CellArrays
from archwright.cells.autoencoder.config import AutoencoderConfig
from archwright.cells.autoencoder.network import CODES, Autoencoder
from archwright.errors import UsageError
from archwright.resumable import replace_json, replacing, writing

WEIGHTS, SETTINGS = "autoencoder.safetensors", "autoencoder.json"
BATCH = 4096
"""Cells encoded or decoded at a time."""


class CellAutoencoder:
    """Writes a cell of `space` as one code in 0..`codes` - 1 per vertex, and reads it again; both deterministic.

    Every cell has as many codes as the space's largest: what a smaller one lacks has a code too, the same each time.
    """

    codes = CODES

    def __init__(self, space: str, config: AutoencoderConfig, network: Autoencoder) -> None:
        self.space = space
        self.config = config
        self.network = network.eval()

    @property
    def vertices(self) -> int:
        """Codes of a cell."""
        return self.network.vertices

    def encode(self, cells: CellArrays) -> NDArray[np.int16]:
        """Return the codes (N, V) of `cells`."""
        codes_nv = np.empty(cells.operations_nv.shape, np.int16)
        with torch.inference_mode():
            for rows in _batches(len(cells)):
                classes_nv, adjacency_nvv = as_tensors(cells[rows], self.network.operations, self._device)
                z_md = self.network.encode(classes_nv, adjacency_nvv).flatten(0, 1)
                codes_nv[rows] = self.network.quantiser.nearest(z_md).view(classes_nv.shape).cpu().numpy()
        return codes_nv

    def decode(self, codes_nv: NDArray[np.int16]) -> CellArrays:
        """Return the cells that codes (N, V) stand for; they may be outside the space, see `canonical_keys`.

        A row with something that is no code becomes a row without vertices, which is outside every space.
        """
        count, vertices = codes_nv.shape
        operations_nv = np.full((count, vertices), PADDING, np.int8)
        adjacency_nvv = np.zeros((count, vertices, vertices), np.uint8)
        starts_p, ends_p = np.triu_indices(vertices, 1)
        whole_w = np.flatnonzero(((codes_nv >= 0) & (codes_nv < self.codes)).all(1))
        with torch.inference_mode():
            for part in _batches(len(whole_w)):
                rows = whole_w[part]
                vertex_logits_nvc, edge_logits_np = self.network.decode(
                    torch.from_numpy(codes_nv[rows].astype(np.int64)).to(self._device)
                )
                classes_nv = vertex_logits_nvc.argmax(2).cpu().numpy()
                operations_nv[rows] = np.where(classes_nv == self.network.operations, PADDING, classes_nv)
                adjacency_nvv[rows[:, None], starts_p, ends_p] = (edge_logits_np > 0).cpu().numpy()
        return CellArrays(adjacency_nvv, operations_nv)

    def save(self, folder: Path) -> None:
        """Write the autoencoder into `folder`, its settings last; raises StorageError when the disk refuses."""
        settings = {"space": self.space, "config": self.config.model_dump(mode="json")}
        weights = {name: tensor.cpu().contiguous() for name, tensor in self.network.state_dict().items()}
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / WEIGHTS) as scratch:
                scratch.write_bytes(save(weights))
            replace_json(folder / SETTINGS, settings)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the autoencoder in `folder`, on the GPU where there is one; raises UsageError without a whole one."""
        try:
            settings = json.loads((folder / SETTINGS).read_text("utf-8"))
            config = AutoencoderConfig.model_validate(settings["config"])
            network = new_network(settings["space"], config)
            network.load_state_dict(load((folder / WEIGHTS).read_bytes()))
        except FileNotFoundError:
            raise UsageError(f"there is no trained autoencoder in {folder}", "run archwright cells train") from None
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise UsageError(f"the autoencoder in {folder} cannot be read: {error}", "train it again") from None
        return cls(settings["space"], config, network.to(best_device()))

    @property
    def _device(self) -> torch.device:
        return self.network.quantiser.codebook_kd.device


def new_network(space: str, config: AutoencoderConfig) -> Autoencoder:
    """Return an untrained network for `space`, from torch's random state."""
    return Autoencoder(SPACES[space].VERTICES, len(SPACES[space].OPERATIONS), config)


def as_tensors(cells: CellArrays, operations: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return classes (N, V), where `operations` means no vertex, and adjacency (N, V, V), both uint8 on `device`."""
    classes_nv = np.where(cells.operations_nv == PADDING, operations, cells.operations_nv).astype(np.uint8)
    return torch.from_numpy(classes_nv).to(device), torch.from_numpy(cells.adjacency_nvv).to(device)


def best_device() -> torch.device:
    """Return the first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _batches(count: int) -> Iterator[slice]:
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))
