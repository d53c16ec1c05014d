"""Training at toy size, interrupted and not; what a trained autoencoder does with cells and codes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from archwright.cells import nasbench101, nasbench201
from archwright.cells.arrays import PADDING, CellArrays
from archwright.cells.autoencoder.config import PUBLISHED, AutoencoderConfig
from archwright.cells.autoencoder.model import SETTINGS, WEIGHTS, CellAutoencoder, new_network
from archwright.cells.autoencoder.training import EpochReport, train_autoencoder
from archwright.cells.canonical import OUTSIDE, canonical_keys
from archwright.cells.split import CellSplit
from archwright.errors import UsageError

TOY = AutoencoderConfig(epochs=2, batch=96)


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture(scope="module")
def toy() -> CellSplit:
    cells = nasbench201.enumerate_cells()[np.random.default_rng(0).permutation(15_625)[:400]]
    return CellSplit(cells[:336], cells[336:])


@pytest.fixture(scope="module")
def trained(toy: CellSplit) -> tuple[CellAutoencoder, list[EpochReport]]:
    return train_autoencoder("nasbench201", toy, TOY, seed=1)


def weights(autoencoder: CellAutoencoder) -> dict[str, torch.Tensor]:
    return autoencoder.network.state_dict()


def same(one: CellAutoencoder, other: CellAutoencoder) -> bool:
    return all(torch.equal(tensor, weights(other)[name]) for name, tensor in weights(one).items())


@pytest.mark.parametrize("at_step", [2, 6])
def test_a_killed_training_goes_on_to_the_same_weights(
    toy: CellSplit, trained: tuple[CellAutoencoder, list[EpochReport]], tmp_path: Path, at_step: int
) -> None:
    checkpoint = tmp_path / "checkpoint.pt"

    def kill(step: int, steps: int, loss: float) -> None:
        assert steps == 8
        if step == at_step + 1:
            raise KilledError

    with pytest.raises(KilledError):
        train_autoencoder("nasbench201", toy, TOY, 1, checkpoint=checkpoint, on_step=kill, checkpoint_s=0)
    steps: list[int] = []
    autoencoder, epochs = train_autoencoder(
        "nasbench201", toy, TOY, 1, checkpoint=checkpoint, on_step=lambda step, *_: steps.append(step)
    )
    assert steps[0] == at_step + 1
    assert same(autoencoder, trained[0])
    for mine, other in zip(epochs, trained[1], strict=True):
        assert mine.reconstruction_loss == pytest.approx(other.reconstruction_loss, rel=1e-12)
        assert (mine.exact, mine.codes) == (other.exact, other.codes)


def test_another_seed_trains_another_network(
    toy: CellSplit, trained: tuple[CellAutoencoder, list[EpochReport]]
) -> None:
    assert not same(train_autoencoder("nasbench201", toy, TOY, seed=2)[0], trained[0])


def test_training_learns_and_keeps_its_codes_in_use(toy: CellSplit) -> None:
    config = AutoencoderConfig(epochs=30, batch=48)
    epochs = train_autoencoder("nasbench201", toy, config, seed=0)[1]
    assert epochs[-1].reconstruction_loss < 0.3 * epochs[0].reconstruction_loss
    assert epochs[-1].codes > 30
    assert epochs[-1].held_out == 64
    assert epochs[-1].cpu_s > 0


def test_the_published_configuration_trains(toy: CellSplit) -> None:
    config = AutoencoderConfig.model_validate(PUBLISHED | {"epochs": 8, "batch": 48})
    epochs = train_autoencoder("nasbench201", toy, config, seed=0)[1]
    assert epochs[-1].reconstruction_loss < 0.8 * epochs[0].reconstruction_loss


def test_a_damaged_checkpoint_is_an_error(toy: CellSplit, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        train_autoencoder("nasbench201", toy, TOY, 1, checkpoint=tmp_path / "checkpoint.pt")


def test_codes_are_the_same_after_saving_and_whatever_stands_beside_a_cell(
    toy: CellSplit, trained: tuple[CellAutoencoder, list[EpochReport]], tmp_path: Path
) -> None:
    autoencoder = trained[0]
    codes_nv = autoencoder.encode(toy.held_out)
    assert codes_nv.dtype == np.int16
    assert codes_nv.shape == (64, 8)
    assert (codes_nv.min(), codes_nv.max()) >= (0, 0)
    assert codes_nv.max() < autoencoder.codes
    autoencoder.save(tmp_path)
    again = CellAutoencoder.load(tmp_path)
    assert (again.space, again.config, again.vertices) == ("nasbench201", TOY, 8)
    assert np.array_equal(again.encode(toy.held_out[:5]), codes_nv[:5])
    decoded, decoded_again = autoencoder.decode(codes_nv), again.decode(codes_nv)
    assert np.array_equal(decoded.operations_nv, decoded_again.operations_nv)
    assert np.array_equal(decoded.adjacency_nvv, decoded_again.adjacency_nvv)


def test_what_a_smaller_cell_lacks_has_one_code() -> None:
    config = AutoencoderConfig.model_validate(PUBLISHED)
    autoencoder = CellAutoencoder("nasbench101", config, new_network("nasbench101", config))
    codes_nv = autoencoder.encode(nasbench101.enumerate_cells()[:90])
    assert set(codes_nv[:, 6]) == {codes_nv[0, 2]}


def test_what_is_no_code_is_no_cell(trained: tuple[CellAutoencoder, list[EpochReport]], toy: CellSplit) -> None:
    codes_nv = trained[0].encode(toy.held_out[:3])
    codes_nv[0, 3], codes_nv[2, 0] = -1, 512
    decoded = trained[0].decode(codes_nv)
    assert (decoded.operations_nv[[0, 2]] == PADDING).all()
    assert decoded.adjacency_nvv[[0, 2]].sum() == 0
    assert (canonical_keys("nasbench201", decoded)[[0, 2]] == OUTSIDE).all()
    empty = trained[0].decode(np.empty((0, 8), np.int16))
    assert len(empty) == 0
    assert len(trained[0].encode(CellArrays(empty.adjacency_nvv, empty.operations_nv))) == 0


def test_an_incomplete_folder_is_no_autoencoder(
    trained: tuple[CellAutoencoder, list[EpochReport]], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="there is no trained autoencoder"):
        CellAutoencoder.load(tmp_path)
    trained[0].save(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(UsageError, match="cannot be read"):
        CellAutoencoder.load(tmp_path)
    (tmp_path / SETTINGS).write_text("{}")
    with pytest.raises(UsageError, match="cannot be read"):
        CellAutoencoder.load(tmp_path)
