"""The parts of the network against the equations of section 3.1."""

import pytest
import torch

from archwright.cells.autoencoder.config import PUBLISHED, AutoencoderConfig
from archwright.cells.autoencoder.network import BETA, CODES, DIMENSIONS, Autoencoder, Encoder, Quantiser

V, O = 7, 5  # noqa: E741  # as in the suffixes
PLAIN = AutoencoderConfig.model_validate(PUBLISHED)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def some_cells(n: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Classes and adjacency; every other cell lacks its last two vertices."""
    classes_nv = torch.randint(0, O, (n, V))
    adjacency_nvv = (torch.rand(n, V, V) < 0.5).triu(1)
    classes_nv[::2, -2:] = O
    adjacency_nvv[::2, :, -2:] = False
    adjacency_nvv[::2, -2:] = False
    return classes_nv, adjacency_nvv


@pytest.mark.parametrize("reads_all", [False, True])
def test_a_layer_is_equation_1(reads_all: bool) -> None:
    encoder = Encoder(O, is_normalised=False, reads_all=reads_all).eval()
    classes_nv, adjacency_nvv = some_cells(1)
    states = torch.nn.functional.one_hot(classes_nv[0], O + 1)[:, :O].float()
    expected, read = states, []
    for epsilon, layer in zip(encoder.epsilon_l, encoder.layers, strict=True):
        rows = []
        for vertex in range(V):
            near = [w for w in range(V) if adjacency_nvv[0, vertex, w] or adjacency_nvv[0, w, vertex]]
            rows.append((1 + epsilon) * expected[vertex] + sum(expected[w] for w in near))
        expected = layer(torch.stack(rows))
        read.append(expected)
    found = encoder(states[None], adjacency_nvv.float())[0]
    assert torch.allclose(found, encoder.project(torch.cat(read, 1) if reads_all else expected), atol=1e-5)
    assert encoder.epsilon_l.requires_grad


def test_the_published_encoder_sees_no_order_and_no_direction() -> None:
    network = Autoencoder(V, O, PLAIN).eval()
    classes_nv, adjacency_nvv = some_cells()
    order = torch.randperm(V)
    z_nvd = network.encode(classes_nv, adjacency_nvv)
    moved_nvd = network.encode(classes_nv[:, order], adjacency_nvv[:, order][:, :, order])
    assert torch.allclose(moved_nvd, z_nvd[:, order], atol=1e-5)
    assert torch.allclose(network.encode(classes_nv, adjacency_nvv.transpose(1, 2)), z_nvd, atol=1e-5)


def test_positions_tell_vertices_apart() -> None:
    twins = torch.tensor([[0, 1, 1, 4, O, O, O]]), torch.zeros(1, V, V)
    twins[1][0, 0, 1:3] = twins[1][0, 1:3, 3] = 1
    z_nvd = Autoencoder(V, O, PLAIN).eval().encode(*twins)
    assert torch.allclose(z_nvd[0, 1], z_nvd[0, 2], atol=1e-6)
    z_nvd = Autoencoder(V, O, PLAIN.model_copy(update={"positions": True})).eval().encode(*twins)
    assert not torch.allclose(z_nvd[0, 1], z_nvd[0, 2], atol=1e-5)


def test_the_nearest_vector_stands_for_each_and_gradients_go_straight_through() -> None:
    quantiser = Quantiser(is_averaged=False)
    z_nvd = torch.randn(3, V, DIMENSIONS, requires_grad=True)
    quantised = quantiser(z_nvd)
    distances = torch.cdist(z_nvd.detach().flatten(0, 1), quantiser.codebook_kd.detach())
    assert torch.equal(quantised.codes_nv.flatten(), distances.argmin(1))
    assert torch.allclose(quantised.z_nvd, quantiser.codebook_kd[quantised.codes_nv], atol=1e-6)
    weights_nvd = torch.randn_like(quantised.z_nvd)
    (quantised.z_nvd * weights_nvd).sum().backward()
    assert torch.equal(z_nvd.grad, weights_nvd)
    assert quantiser.codebook_kd.grad is None


def test_the_loss_is_equation_6_corrected() -> None:
    quantiser = Quantiser(is_averaged=False)
    z_nvd = torch.randn(3, V, DIMENSIONS, requires_grad=True)
    quantised = quantiser(z_nvd)
    error_nvd = z_nvd.detach() - quantiser.codebook_kd.detach()[quantised.codes_nv]
    assert torch.allclose(quantised.loss, (1 + BETA) * error_nvd.square().sum() / 3)
    quantised.loss.backward()
    assert torch.allclose(z_nvd.grad, 2 * BETA * error_nvd / 3, atol=1e-5)
    moved = torch.zeros(CODES, DIMENSIONS).index_add_(0, quantised.codes_nv.flatten(), -2 * error_nvd.flatten(0, 1) / 3)
    assert torch.allclose(quantiser.codebook_kd.grad, moved, atol=1e-5)


def test_averaged_codes_move_to_what_they_stand_for_and_unused_ones_start_anew() -> None:
    quantiser = Quantiser(is_averaged=True).train()
    centres = torch.randn(4, DIMENSIONS) * 3
    z_nvd = (centres[torch.arange(200 * V) % 4] + 0.01 * torch.randn(200 * V, DIMENSIONS)).view(200, V, DIMENSIONS)
    for _ in range(300):
        quantised = quantiser(z_nvd)
    assert torch.allclose(quantised.z_nvd, z_nvd, atol=0.1)
    assert torch.cdist(quantiser.codebook_kd, centres).min(1).values.max() < 0.1
    before = quantiser.codebook_kd.clone()
    quantiser.eval()(z_nvd)
    assert torch.equal(quantiser.codebook_kd, before)


def test_the_product_decoder_connects_vertices_of_one_code() -> None:
    decode = Autoencoder(V, O, PLAIN).eval().decode
    vertex_logits_nvc, edge_logits_np = decode(torch.tensor([[3, 9, 9, 9, 9, 9, 9], [9, 3, 9, 9, 9, 9, 9]]))
    assert vertex_logits_nvc.shape == (2, V, O + 1)
    assert (edge_logits_np[0, V - 1 :] > 0).all()
    assert torch.equal(edge_logits_np[0, 0], edge_logits_np[1, 0])


def test_the_reconstruction_loss_is_the_negative_log_probability_of_a_cell() -> None:
    network = Autoencoder(V, O, AutoencoderConfig()).eval()
    classes_nv, adjacency_nvv = some_cells(2)
    codes_nv = network.quantiser.nearest(network.encode(classes_nv, adjacency_nvv).flatten(0, 1)).view(2, V)
    vertex_logits_nvc, edge_logits_np = network.decode(codes_nv)
    expected = 0.0
    for cell in range(2):
        for vertex in range(V):
            expected -= vertex_logits_nvc[cell, vertex].log_softmax(0)[classes_nv[cell, vertex]].item()
        pairs = [(a, b) for a in range(V) for b in range(a + 1, V)]
        for logit, (start, end) in zip(edge_logits_np[cell], pairs, strict=True):
            expected -= torch.log(torch.sigmoid(logit if adjacency_nvv[cell, start, end] else -logit)).item()
    assert network.losses(classes_nv, adjacency_nvv)[0].item() == pytest.approx(expected / 2, rel=1e-4)
