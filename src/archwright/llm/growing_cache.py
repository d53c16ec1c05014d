"""Keys and values in buffers with room to grow.

The cache of transformers is concatenated anew at every token and layer, which took half of the time of sampling on a
CPU; here most tokens are written into space that is already there.
"""

import torch
from transformers import DynamicCache, PretrainedConfig
from transformers.cache_utils import DynamicLayer

ROOM = 256
"""Positions allocated beyond the ones in use."""


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # transformers is untyped here
    """One layer's keys and values (N, heads, T, head size), each the used part of a longer buffer."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self._buffers: list[torch.Tensor] = []

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append the states of new positions and return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self.get_seq_length()
        end = start + key_states.shape[2]
        if not self._has_room(end):
            self._buffers = [_with_room(self.keys, key_states, end), _with_room(self.values, value_states, end)]
        keys, values = self._buffers
        keys[:, :, start:end] = key_states
        values[:, :, start:end] = value_states
        self.keys, self.values = keys[:, :, :end], values[:, :, :end]
        return self.keys, self.values

    def _has_room(self, end: int) -> bool:
        # Repeating or selecting rows replaces `keys` by a tensor of its own; the buffer is then out of date.
        return (
            bool(self._buffers)
            and self.keys.data_ptr() == self._buffers[0].data_ptr()
            and (end <= self._buffers[0].shape[2])
        )


def growing_cache(config: PretrainedConfig) -> DynamicCache:
    """Return an empty cache for a model; layers of a special kind (sliding windows) stay as they are."""
    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    if cache.layer_class_to_replicate is DynamicLayer:
        cache.layer_class_to_replicate = GrowingLayer
    return cache


def _with_room(held: torch.Tensor, fresh: torch.Tensor, end: int) -> torch.Tensor:
    """Return a buffer for `end` positions and more that begins with what is held."""
    rows, heads, _, size = fresh.shape
    buffer = fresh.new_empty(rows, heads, end + ROOM, size)
    if held.numel():
        buffer[:, :, : held.shape[2]] = held
    return buffer
