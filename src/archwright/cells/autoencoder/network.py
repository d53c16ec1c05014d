"""The network: encoder, quantiser and two decoders (section 3.1 of the Arch-LLM paper).

Suffixes: n cells, v vertices, p pairs of vertices (start < end), m vertices of all cells of a batch, f inputs per
vertex, l layers, d dimensions of a code's vector, k codes, c classes of a vertex.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright.cells.autoencoder.config import AutoencoderConfig

CODES, DIMENSIONS = 512, 16
"""K and D of section 3.1.2."""
HIDDEN, LAYERS = 128, 4
"""Of arch2vec's encoder."""
JOINT = 256
"""Hidden units of the joint decoder."""
BETA = 0.25
"""Weight of the commitment; the paper does not give it, van den Oord et al. (2017) do."""
DECAY = 0.99
"""Of the moving averages, per step."""
DEAD = 0.05
"""A code starts anew when its use is below this share of an even use; it is then taken to have twice that."""


class Reconstruction(NamedTuple):
    """What a decoder says of a batch of cells."""

    vertex_logits_nvc: Tensor
    edge_logits_np: Tensor


class Quantised(NamedTuple):
    """Encoder outputs as the nearest vectors of the codebook."""

    z_nvd: Tensor
    """Gradients go straight through to the encoder's output."""
    codes_nv: Tensor
    loss: Tensor
    """The second and third term of equation 6, corrected: squared distances, summed over a cell, mean over cells."""


class Encoder(nn.Module):
    """arch2vec's graph isomorphism network over undirected edges, and a linear layer (equation 1)."""

    def __init__(self, inputs: int, *, is_normalised: bool, reads_all: bool) -> None:
        super().__init__()
        self.reads_all = reads_all
        self.epsilon_l = nn.Parameter(torch.zeros(LAYERS))
        # A normalisation takes the mean away, and with it any bias before it: the published ones would do nothing.
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Linear(inputs if layer == 0 else HIDDEN, HIDDEN, bias=False),
                nn.BatchNorm1d(HIDDEN),
                nn.ReLU(inplace=True),
                nn.Linear(HIDDEN, HIDDEN, bias=False),
                nn.BatchNorm1d(HIDDEN),
                nn.ReLU(inplace=True),
            )
            for layer in range(LAYERS)
        )
        self.project = nn.Linear(HIDDEN * LAYERS if reads_all else HIDDEN, DIMENSIONS)
        # Without it the encoder evades the commitment by shrinking its output, and a handful of codes serves all.
        self.normalise = nn.BatchNorm1d(DIMENSIONS, affine=False) if is_normalised else nn.Identity()

    def forward(self, inputs_nvf: Tensor, adjacency_nvv: Tensor) -> Tensor:
        """Return Z_e (N, V, D)."""
        count, vertices, _ = inputs_nvf.shape
        undirected_nvv = adjacency_nvv + adjacency_nvv.transpose(1, 2)
        itself_vv = torch.eye(vertices, device=inputs_nvf.device)
        states_nvf = inputs_nvf
        unread = 0 if self.reads_all else LAYERS - 1
        z_md: Tensor = self.project.bias
        for number, layer in enumerate(self.layers):
            gathered_nvf = torch.bmm(undirected_nvv + (1 + self.epsilon_l[number]) * itself_vv, states_nvf)
            states_mf = layer(gathered_nvf.flatten(0, 1))
            states_nvf = states_mf.view(count, vertices, HIDDEN)
            if number >= unread:  # One product a layer, since joining the layers first would copy them all.
                start = (number - unread) * HIDDEN
                z_md = torch.addmm(z_md, states_mf, self.project.weight[:, start : start + HIDDEN].T)
        normalised_md: Tensor = self.normalise(z_md)
        return normalised_md.view(count, vertices, DIMENSIONS)


class Quantiser(nn.Module):
    """The codebook: replaces each vector by the nearest of its own (equations 2 and 3)."""

    codebook_kd: Tensor
    counts_k: Tensor
    sums_kd: Tensor

    def __init__(self, *, is_averaged: bool) -> None:
        super().__init__()
        self.is_averaged = is_averaged
        codebook_kd = torch.randn(CODES, DIMENSIONS)
        if is_averaged:
            self.register_buffer("codebook_kd", codebook_kd)
            self.register_buffer("counts_k", torch.ones(CODES))
            self.register_buffer("sums_kd", codebook_kd.clone())
        else:
            self.codebook_kd = nn.Parameter(codebook_kd)

    @torch.no_grad()
    def begin(self, z_md: Tensor) -> None:
        """Start from encoder outputs, so that every code is near some of them; the paper does not say how it starts."""
        rows_k = torch.arange(CODES, device=z_md.device) % len(z_md)
        self.codebook_kd.copy_(z_md[rows_k])
        if self.is_averaged:
            self.counts_k.fill_(2 * DEAD * len(z_md) / CODES)
            self.sums_kd.copy_(self.codebook_kd * self.counts_k[:, None])

    def forward(self, z_nvd: Tensor) -> Quantised:
        """Return the vectors' nearest ones; moves averages and revives codes while training."""
        z_md = z_nvd.detach().flatten(0, 1)
        codes_m = self.nearest(z_md)
        if self.is_averaged and self.training:
            self._follow(z_md, codes_m)
        nearest_nvd = functional.embedding(codes_m, self.codebook_kd).view_as(z_nvd)
        loss = BETA * _distance(z_nvd, nearest_nvd.detach())
        if not self.is_averaged:
            loss = loss + _distance(z_nvd.detach(), nearest_nvd)
        straight_nvd = z_nvd + (nearest_nvd - z_nvd).detach()
        return Quantised(straight_nvd, codes_m.view(z_nvd.shape[:2]), loss)

    def nearest(self, z_md: Tensor) -> Tensor:
        """Return the code (M,) whose vector is nearest to each."""
        book_kd = self.codebook_kd.detach()
        # |z - e|^2 = |z|^2 - 2 (z, 1) (e, -|e|^2 / 2)^T: one product, where adding |e|^2 would first copy it M times.
        extended_ke = torch.cat([book_kd, book_kd.square().sum(1, keepdim=True) / -2], 1)
        return (functional.pad(z_md, (0, 1), value=1.0) @ extended_ke.T).argmax(1)

    @torch.no_grad()
    def _follow(self, z_md: Tensor, codes_m: Tensor) -> None:
        """Move every code towards the mean of what it stands for; dead ones to vertices of the batch's first cells.

        The batch is in random order, so this needs no random numbers of its own.
        """
        used_k = torch.bincount(codes_m, minlength=CODES).to(z_md.dtype)
        self.counts_k.lerp_(used_k, 1 - DECAY)
        self.sums_kd.lerp_(torch.zeros_like(self.sums_kd).index_add_(0, codes_m, z_md), 1 - DECAY)
        even = len(z_md) / CODES
        dead = (self.counts_k < DEAD * even).nonzero().squeeze(1)[: len(z_md)]
        self.counts_k[dead] = 2 * DEAD * even
        self.sums_kd[dead] = z_md[: len(dead)] * (2 * DEAD * even)
        self.codebook_kd.copy_(self.sums_kd / self.counts_k[:, None])


class ProductDecoder(nn.Module):
    """Equations 4 and 5: an operation from each code alone, an edge where two vectors have a positive product.

    It cannot tell an edge from its reverse, and connects any two vertices that have the same code.
    """

    def __init__(self, vertices: int, classes: int) -> None:
        super().__init__()
        self.operation = nn.Linear(DIMENSIONS, classes)
        self.starts_p, self.ends_p = torch.triu_indices(vertices, vertices, 1)

    def forward(self, z_nvd: Tensor) -> Reconstruction:
        """Return the logits of vertices and edges."""
        products_nvv = torch.bmm(z_nvd, z_nvd.transpose(1, 2))
        return Reconstruction(self.operation(z_nvd), products_nvv[:, self.starts_p, self.ends_p])


class JointDecoder(nn.Module):
    """Operations and edges from all codes of a cell, in their order."""

    def __init__(self, vertices: int, classes: int) -> None:
        super().__init__()
        self.vertices, self.classes = vertices, classes
        pairs = vertices * (vertices - 1) // 2
        self.layers = nn.Sequential(
            nn.Linear(vertices * DIMENSIONS, JOINT), nn.ReLU(), nn.Linear(JOINT, vertices * classes + pairs)
        )

    def forward(self, z_nvd: Tensor) -> Reconstruction:
        """Return the logits of vertices and edges."""
        logits = self.layers(z_nvd.flatten(1))
        vertex_logits, edge_logits_np = logits.tensor_split([self.vertices * self.classes], 1)
        return Reconstruction(vertex_logits.view(-1, self.vertices, self.classes), edge_logits_np)


class Autoencoder(nn.Module):
    """Encoder, quantiser and decoder for cells of up to so many vertices with one of so many operations.

    A vertex that a smaller cell does not have is a row of zeros to the encoder (the paper's zero padding) and one more
    class to the decoder, without which no smaller cell could come back.
    """

    def __init__(self, vertices: int, operations: int, config: AutoencoderConfig) -> None:
        super().__init__()
        self.vertices, self.operations, self.positions = vertices, operations, config.positions
        is_averaged = config.codebook == "average"
        self.encoder = Encoder(
            operations + vertices * config.positions, is_normalised=is_averaged, reads_all=config.readout == "all"
        )
        self.quantiser = Quantiser(is_averaged=is_averaged)
        decoder = ProductDecoder if config.decoder == "product" else JointDecoder
        self.decoder: nn.Module = decoder(vertices, operations + 1)

    def encode(self, classes_nv: Tensor, adjacency_nvv: Tensor) -> Tensor:
        """Return Z_e (N, V, D) of cells given as classes (the last one: no vertex) and upper triangular adjacency."""
        inputs_nvf = functional.one_hot(classes_nv.long(), self.operations + 1)[..., : self.operations].float()
        if self.positions:
            places_vv = torch.eye(self.vertices, device=classes_nv.device)
            inputs_nvf = torch.cat([inputs_nvf, places_vv.expand(len(inputs_nvf), -1, -1)], 2)
        z_nvd: Tensor = self.encoder(inputs_nvf, adjacency_nvv.float())
        return z_nvd

    def decode(self, codes_nv: Tensor) -> Reconstruction:
        """Return what the decoder says of codes."""
        reconstruction: Reconstruction = self.decoder(functional.embedding(codes_nv, self.quantiser.codebook_kd))
        return reconstruction

    def losses(self, classes_nv: Tensor, adjacency_nvv: Tensor) -> tuple[Tensor, Tensor]:
        """Return equation 6 in two parts, means over cells: -log p of the cell in nats, and the quantiser's loss."""
        quantised: Quantised = self.quantiser(self.encode(classes_nv, adjacency_nvv))
        vertex_logits_nvc, edge_logits_np = self.decoder(quantised.z_nvd)
        starts_p, ends_p = torch.triu_indices(self.vertices, self.vertices, 1)
        edges_np = adjacency_nvv[:, starts_p, ends_p].float()
        vertices = functional.cross_entropy(
            vertex_logits_nvc.flatten(0, 1), classes_nv.long().flatten(), reduction="sum"
        )
        edges = functional.binary_cross_entropy_with_logits(edge_logits_np, edges_np, reduction="sum")
        return (vertices + edges) / len(classes_nv), quantised.loss


def _distance(one_nvd: Tensor, other_nvd: Tensor) -> Tensor:
    """Return the squared distance of each cell's vectors, mean over cells."""
    return (one_nvd - other_nvd).square().sum((1, 2)).mean()
