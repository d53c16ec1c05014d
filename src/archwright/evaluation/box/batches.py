"""Training and evaluation batches from uint8 images, augmented and normalised a whole batch at a time."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, final

import torch

from archwright.evaluation.box.plan import AUGMENTATIONS

if TYPE_CHECKING:
    from torch import Tensor

CROP_PAD = 8
"""The random crop moves the image by up to an eighth of its side, as four pixels of 32 do."""


class Batches:
    """What `learn` iterates over: one epoch of (inputs float32 (N, C, H, W), labels int64 (N,)) in random order.

    Where images are to be predicted the labels are float32 images (N, C, H, W) with values in [0, 1].

    Every iteration is a new epoch with its own order and augmentation; both follow from the seed alone. A last batch of
    a single image is left out, because batch normalisation cannot train on it.
    """

    def __init__(
        self,
        images: "Tensor",
        labels: "Tensor",
        batch: int,
        normalise: "Normalise",
        augmentation: "str | Callable[[Tensor], Tensor]",
        seed: int,
    ) -> None:
        """Augment by one of `AUGMENTATIONS`, or by a function from uint8 batches to such."""
        self._images, self._labels = images, labels
        self.batch_size, self.dataset = batch, range(len(images))
        self._normalise = normalise
        self._augmentation = augmentation
        self.watch: Callable[[int], None] | None = None
        """Called with the number of batches used up before each further one."""
        self._generator = torch.Generator(images.device).manual_seed(seed)  # on a GPU no batch waits for the host

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        full, rest = divmod(len(self._images), self.batch_size)
        return full + (1 if rest > 1 or full == 0 else 0)

    def __iter__(self) -> Iterator[tuple["Tensor", "Tensor"]]:
        """Yield the batches of a new epoch."""
        device = self._images.device
        order = torch.randperm(len(self._images), generator=self._generator, device=device)
        for number in range(len(self)):
            if self.watch is not None:
                self.watch(number)
            picked = order[number * self.batch_size : (number + 1) * self.batch_size]
            images, augmentation = self._images[picked], self._augmentation
            if isinstance(augmentation, str):
                images = augment(images, augmentation, self._generator)
            else:
                images = augmentation(images)
            labels = self._labels[picked]
            yield self._normalise(images), labels if labels.ndim == 1 else labels.float() / 255


@final
class Once:
    """What `learn` is given: its batches and how many they are, with nothing behind them that it could index.

    `batch_size` and `len(dataset)`, the number of images, are there as a DataLoader has them.
    """

    __slots__ = ("__iter", "__len", "batch_size", "dataset")

    def __init__(self, batches: Batches, begin: Callable[[], None], take: Callable[[], None]) -> None:
        """Hand out `batches`, having called `begin` before the first and `take` before each."""

        def iterate() -> Iterator[tuple["Tensor", "Tensor"]]:
            begin()
            source = iter(batches)
            for _ in range(len(batches)):
                take()
                yield next(source)

        self.__iter, self.__len = iterate, len(batches)
        self.batch_size, self.dataset = batches.batch_size, batches.dataset

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return self.__len

    def __iter__(self) -> Iterator[tuple["Tensor", "Tensor"]]:
        """Yield the batches of the epoch."""
        return self.__iter()


class Normalise:
    """Maps uint8 images to float32 with the data set's mean 0 and deviation 1 per channel."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...], device: torch.device) -> None:
        self._mean = torch.tensor(mean, device=device).view(1, -1, 1, 1) * 255
        self._scale = 1 / (torch.tensor(std, device=device).view(1, -1, 1, 1) * 255)
        self.memory_format: torch.memory_format | None = None
        """The order of the result in memory; None: as it comes."""

    def __call__(self, images: "Tensor") -> "Tensor":
        """Return the normalised copy of `images`."""
        inputs = images.float().sub_(self._mean).mul_(self._scale)
        return inputs if self.memory_format is None else inputs.contiguous(memory_format=self.memory_format)


def augment(images: "Tensor", augmentation: str, generator: torch.Generator) -> "Tensor":
    """Return the batch (N, C, H, W) with each image flipped, and shifted for `flip-crop`, at random."""
    if augmentation not in AUGMENTATIONS:
        raise ValueError(f"no augmentation '{augmentation}'")
    if augmentation == "none":
        return images
    n, device = len(images), images.device
    flipped = torch.rand(n, generator=generator, device=generator.device).to(device) < 0.5
    images = torch.where(flipped.view(n, 1, 1, 1), images.flip(3), images)
    if augmentation == "flip":
        return images
    height, width = images.shape[2:]
    pad = max(1, height // CROP_PAD)
    top, left = (
        torch.randint(0, 2 * pad + 1, (n,), generator=generator, device=generator.device).to(device) for _ in range(2)
    )
    padded = torch.nn.functional.pad(images, (pad, pad, pad, pad))
    rows = top.view(n, 1) + torch.arange(height, device=device)
    columns = left.view(n, 1) + torch.arange(width, device=device)
    picked = padded.permute(0, 2, 3, 1)[
        torch.arange(n, device=device).view(n, 1, 1), rows.unsqueeze(2), columns.unsqueeze(1)
    ]
    # In the ordinary order, said outright where a single channel leaves it open: networks may `view` what they get.
    return picked.permute(0, 3, 1, 2).clone(memory_format=torch.contiguous_format)
