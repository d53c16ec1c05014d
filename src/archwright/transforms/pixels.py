"""Colours of uint8 batches (N, C, H, W), each image changed by its own amount; rounded as Pillow rounds.

An image with another number of channels than three has no saturation and no hue: those leave it as it is.
"""

import torch
from torch import Tensor
from torch.nn import functional

LUMA = (19595, 38470, 7471)
"""Weights of red, green and blue in 65,536ths, as in Pillow's `L` (ITU-R 601)."""


def grayscale(images: Tensor) -> Tensor:
    """Return the images with the brightness of each pixel in every channel."""
    if images.shape[1] != 3:
        return images
    red, green, blue = images.int().unbind(1)
    grey = (red * LUMA[0] + green * LUMA[1] + blue * LUMA[2] + 0x8000) >> 16
    return grey.to(torch.uint8).unsqueeze(1).expand_as(images).contiguous()


def blend(images: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    """Return other + factor * (images - other), cut to 0..255; `factor` (N,) is 1 for the image as it is."""
    start = other.float()
    mixed = start + factor.float().view(-1, 1, 1, 1) * (images.float() - start)
    return mixed.clamp(0, 255).to(torch.uint8)


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Return the images with every value multiplied by `factor` (N,)."""
    return blend(images, torch.zeros_like(images), factor)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Return the images drawn away from (factor above 1) or to their mean brightness."""
    mean = (grayscale(images)[:, :1].double().mean((1, 2, 3)) + 0.5).floor()
    return blend(images, mean.view(-1, 1, 1, 1), factor)


def saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Return the images drawn away from (factor above 1) or to grey."""
    return blend(images, grayscale(images), factor) if images.shape[1] == 3 else images


def hue(images: Tensor, shift: Tensor) -> Tensor:
    """Return the images with the hue of every pixel turned by `shift` (N,), in whole turns."""
    if images.shape[1] != 3:
        return images
    values = images.float() / 255
    highest, lowest = values.amax(1), values.amin(1)
    span = highest - lowest
    safe = torch.where(span > 0, span, torch.ones_like(span))
    red, green, blue = values.unbind(1)
    turn = torch.where(highest == red, ((green - blue) / safe) % 6, (red - green) / safe + 4)
    turn = torch.where((highest == green) & (highest != red), (blue - red) / safe + 2, turn)
    turn = (turn / 6 + shift.view(-1, 1, 1)) % 1.0
    # Value and saturation stay: each channel is the value less the span times its distance from the hue.
    channels = []
    for offset in (5.0, 3.0, 1.0):
        place = (offset + turn * 6) % 6
        channels.append(highest - span * torch.minimum(place, 4 - place).clamp(0, 1))
    return (torch.stack(channels, 1) * 255).round().clamp(0, 255).to(torch.uint8)


def invert(images: Tensor) -> Tensor:
    """Return the negatives."""
    return 255 - images


def posterize(images: Tensor, bits: int) -> Tensor:
    """Return the images with only the highest `bits` of every value."""
    return images & (256 - (1 << (8 - bits)))


def solarize(images: Tensor, threshold: int) -> Tensor:
    """Return the images with every value from `threshold` on inverted."""
    return torch.where(images.short() >= threshold, 255 - images, images)


def sharpness(images: Tensor, factor: Tensor) -> Tensor:
    """Return the images drawn away from (factor above 1) or to a smooth copy; the outermost pixels stay."""
    if min(images.shape[2:]) < 3:
        return images
    n, channels, height, width = images.shape
    kernel = torch.ones(1, 1, 3, 3, device=images.device)
    kernel[0, 0, 1, 1] = 5
    flat = images.float().reshape(n * channels, 1, height, width)
    inner = (functional.conv2d(flat, kernel) / 13 + 0.5).floor()
    smooth = images.clone()
    smooth[:, :, 1:-1, 1:-1] = inner.reshape(n, channels, height - 2, width - 2).clamp(0, 255).to(torch.uint8)
    return blend(images, smooth, factor)


def autocontrast(images: Tensor) -> Tensor:
    """Return the images with each channel stretched to 0..255; one of a single value stays."""
    flat = images.flatten(2).double()
    lowest, highest = flat.amin(2, keepdim=True), flat.amax(2, keepdim=True)
    span = highest - lowest
    scale = 255 / torch.where(span > 0, span, torch.ones_like(span))
    stretched = (flat * scale - lowest * scale).clamp(0, 255)
    return torch.where(span > 0, stretched, flat).to(torch.uint8).reshape(images.shape)


def equalize(images: Tensor) -> Tensor:
    """Return the images with the values of each channel spread so that all are about equally frequent."""
    n, channels, height, width = images.shape
    if n == 0:
        return images
    flat = images.reshape(n * channels, -1).long()
    counts = torch.zeros(n * channels, 256, dtype=torch.long, device=images.device)
    counts.scatter_add_(1, flat, torch.ones_like(flat))
    last = flat.amax(1, keepdim=True)
    step = (height * width - counts.gather(1, last)) // 255
    before = counts.cumsum(1) - counts
    table = ((before + step // 2) // step.clamp(min=1)).clamp(max=255)
    equal = table.gather(1, flat)
    return torch.where(step > 0, equal, flat).to(torch.uint8).reshape(images.shape)


def gaussian_blur(images: Tensor, kernel: int, sigma: Tensor) -> Tensor:
    """Return the images convolved with a Gaussian of `kernel` pixels and its own `sigma` (N,); edges are mirrored."""
    n, channels, height, width = images.shape
    half = kernel // 2
    if min(height, width) <= half or n == 0:
        return images
    place = torch.arange(-half, half + 1, device=images.device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (place / sigma.float().view(-1, 1)) ** 2)
    weights = (weights / weights.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = functional.pad(images.float(), (half,) * 4, mode="reflect").reshape(1, n * channels, height + 2 * half, -1)
    rows = functional.conv2d(flat, weights.view(-1, 1, kernel, 1), groups=n * channels)
    both = functional.conv2d(rows, weights.view(-1, 1, 1, kernel), groups=n * channels)
    return both.round().clamp(0, 255).to(torch.uint8).reshape(images.shape)
