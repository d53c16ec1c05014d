"""Batches: complete, reproducible, augmented image by image, normalised."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.evaluation.box.batches import Batches, Normalise, augment
from archwright.evaluation.box.plan import AUGMENTATIONS

NORMALISE = Normalise((0.5,), (0.25,), torch.device("cpu"))


def numbered(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return n one-pixel images that carry their own label."""
    labels = torch.arange(n)
    return labels.to(torch.uint8).view(n, 1, 1, 1), labels


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 200), batch=st.integers(1, 70), seed=st.integers(0, 2**63 - 1))
def test_an_epoch_shows_every_image_once_but_for_a_last_single_one(n: int, batch: int, seed: int) -> None:
    batches = Batches(*numbered(n), batch, lambda images: images, "none", seed)  # type: ignore[arg-type]
    seen = list(batches)
    assert len(seen) == len(batches)
    labels = torch.cat([labels for _, labels in seen])
    left_out = 1 if batch > 1 and n > 1 and n % batch == 1 else 0
    assert len(set(labels.tolist())) == len(labels) == n - left_out
    assert all(torch.equal(images.view(-1).long(), labels) for images, labels in seen)


def test_epochs_differ_and_seeds_repeat_them() -> None:
    def orders(seed: int) -> list[list[int]]:
        batches = Batches(*numbered(50), 10, NORMALISE, "none", seed)
        return [[int(label) for _, labels in batches for label in labels] for _ in range(2)]

    first, second = orders(1)
    assert first != second
    assert orders(1) == [first, second]
    assert orders(2)[0] != first


def test_images_are_normalised_per_channel() -> None:
    normalise = Normalise((0.0, 0.5), (1.0, 0.25), torch.device("cpu"))
    images = torch.tensor([0, 255, 0, 255], dtype=torch.uint8).view(1, 2, 1, 2)
    assert normalise(images).view(-1).tolist() == pytest.approx([0.0, 1.0, -2.0, 2.0])
    assert images.dtype is torch.uint8


def test_flipping_mirrors_about_half_of_the_images() -> None:
    images = torch.arange(4, dtype=torch.uint8).view(1, 1, 1, 4).repeat(1000, 1, 1, 1)
    flipped = augment(images, "flip", torch.Generator().manual_seed(0)).view(1000, 4)
    mirrored = (flipped == torch.tensor([3, 2, 1, 0])).all(1)
    same = (flipped == torch.tensor([0, 1, 2, 3])).all(1)
    assert bool((mirrored | same).all())
    assert 400 < int(mirrored.sum()) < 600


def test_cropping_moves_each_image_by_at_most_an_eighth() -> None:
    images = torch.zeros(500, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 16, 16] = 255
    moved = augment(images, "flip-crop", torch.Generator().manual_seed(0))
    assert moved.shape == images.shape
    rows, columns = torch.nonzero(moved.view(500, 32, 32))[:, 1:].T
    assert len(rows) == 500
    assert set(rows.tolist()) == set(range(12, 21))
    assert set(columns.tolist()) <= set(range(11, 21))


def test_no_augmentation_copies_nothing() -> None:
    images, _ = numbered(3)
    assert augment(images, "none", torch.Generator()) is images


def test_an_unknown_augmentation_is_refused() -> None:
    images, _ = numbered(3)
    with pytest.raises(ValueError, match="mixup"):
        augment(images, "mixup", torch.Generator())


def test_augmented_images_are_in_the_ordinary_order() -> None:
    for channels in (1, 3):
        images = torch.zeros(4, channels, 8, 8, dtype=torch.uint8)
        for augmentation in AUGMENTATIONS:
            assert augment(images, augmentation, torch.Generator()).stride() == images.stride()
