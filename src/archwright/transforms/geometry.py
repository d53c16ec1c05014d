"""Places in uint8 batches (N, C, H, W): every image is read where its own map says.

A map takes a pixel of the result, its centre measured from the middle of the image in pixels, to where it is read:
(N, 3, 3), homogeneous, float32.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional


def warp(images: Tensor, maps: Tensor, *, is_smooth: bool, is_part: bool = False) -> Tensor:
    """Return the images read through `maps`, bilinearly or from the nearest pixel; beyond them all is black.

    Where a part of an image is stretched, no pixel beside that part is mixed in.
    """
    n, _, height, width = images.shape
    device = images.device
    y = torch.arange(height, device=device) + 0.5 - height / 2
    x = torch.arange(width, device=device) + 0.5 - width / 2
    places = torch.stack((x.repeat(height), y.repeat_interleave(width), torch.ones(height * width, device=device)))
    read = maps.to(device, torch.float32) @ places
    read = read[:, :2] / read[:, 2:]
    half = torch.tensor([width / 2, height / 2], device=device).view(1, 2, 1)
    if is_part:
        scale = torch.stack((maps[:, 0, 0], maps[:, 1, 1]), 1).unsqueeze(2)
        reach = (half * scale - 0.5).clamp(min=0)
        read = torch.minimum(torch.maximum(read, maps[:, :2, 2:] - reach), maps[:, :2, 2:] + reach)
    grid = (read / half).transpose(1, 2).reshape(n, height, width, 2)
    mode = "bilinear" if is_smooth else "nearest"
    moved = functional.grid_sample(images.float(), grid, mode=mode, align_corners=False)
    return moved.round().clamp(0, 255).to(torch.uint8)


def part_maps(top: Tensor, left: Tensor, rows: Tensor, columns: Tensor, height: int, width: int) -> Tensor:
    """Return the maps that show the part of each image that begins at (top, left), stretched over all of it: (N,)."""
    maps = torch.zeros(len(top), 3, 3, device=top.device)
    maps[:, 0, 0], maps[:, 1, 1], maps[:, 2, 2] = columns / width, rows / height, 1
    maps[:, 0, 2] = left + columns / 2 - width / 2
    maps[:, 1, 2] = top + rows / 2 - height / 2
    return maps


def affine_maps(turn: Tensor, move: Tensor, scale: Tensor, shear: Tensor) -> Tensor:
    """Return the maps that turn by `turn` degrees clockwise, shear by `shear` degrees (N, 2), scale, and move (N, 2).

    The order is that of torchvision's RandomAffine; `move` is in pixels.
    """
    angle = turn.double() * math.pi / 180
    sx, sy = (shear.double() * math.pi / 180).unbind(1)
    forth = torch.zeros(len(turn), 3, 3, dtype=torch.float64, device=turn.device)
    forth[:, 0, 0] = torch.cos(angle - sy) / torch.cos(sy)
    forth[:, 0, 1] = -torch.cos(angle - sy) * torch.tan(sx) / torch.cos(sy) - torch.sin(angle)
    forth[:, 1, 0] = torch.sin(angle - sy) / torch.cos(sy)
    forth[:, 1, 1] = -torch.sin(angle - sy) * torch.tan(sx) / torch.cos(sy) + torch.cos(angle)
    forth[:, :2, :2] *= scale.double().view(-1, 1, 1)
    forth[:, :2, 2] = move.double()
    forth[:, 2, 2] = 1
    back: Tensor = torch.linalg.inv(forth)
    return back.float()


def perspective_maps(corners: Tensor, height: int, width: int) -> Tensor:
    """Return the maps that show the corners of each image at `corners` (N, 4, 2): x, y from its middle, clockwise.

    Corners in one line, or two in one place, have no such map: that image stays as it is.
    """
    right, low = width / 2, height / 2
    own = torch.tensor([[-right, -low], [right, -low], [right, low], [-right, low]], device=corners.device)
    seen, own = corners.double(), own.double().expand_as(corners)
    one, zero = torch.ones_like(seen[..., :1]), torch.zeros_like(seen)
    zeros = torch.zeros_like(one)
    rows_x = torch.cat((seen, one, zero, zeros, -own[..., :1] * seen), -1)
    rows_y = torch.cat((zero, zeros, seen, one, -own[..., 1:] * seen), -1)
    solved, trouble = torch.linalg.solve_ex(torch.cat((rows_x, rows_y), 1), torch.cat((own[..., 0], own[..., 1]), 1))
    is_seen = (trouble == 0) & solved.isfinite().all(1)
    solved = torch.where(is_seen.unsqueeze(1), solved, solved.new_tensor([1, 0, 0, 0, 1, 0, 0, 0]))
    return torch.cat((solved, torch.ones_like(solved[:, :1])), 1).view(-1, 3, 3).float()


def framed(images: Tensor, pad: int, mode: str, fill: tuple[float, ...]) -> Tensor:
    """Return the images with a frame of `pad` pixels: of one colour, or of the pixels at the edge, mirrored or not."""
    if mode == "constant":
        n, channels, height, width = images.shape
        colour = list(fill) if channels == 3 else [round(sum(fill) / 3)] * channels
        whole = images.new_empty(n, channels, height + 2 * pad, width + 2 * pad)
        whole.copy_(torch.tensor(colour, dtype=images.dtype, device=images.device).view(1, -1, 1, 1))
        whole[:, :, pad : pad + height, pad : pad + width] = images
        return whole
    rows, columns = (_mirrored(side, pad, mode, images.device) for side in images.shape[2:])
    return images[:, :, rows][:, :, :, columns]


def shrunk(images: Tensor, height: int, width: int) -> Tensor:
    """Return the images at the size (height, width), averaged over what a pixel covers."""
    small = functional.interpolate(images.float(), (height, width), mode="bilinear", antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def _mirrored(side: int, pad: int, mode: str, device: torch.device) -> Tensor:
    """Return which of `side` pixels is shown at each place of a side with a frame: int64 (side + 2 pad,)."""
    place = torch.arange(-pad, side + pad, device=device)
    if mode == "edge":
        return place.clamp(0, side - 1)
    period = 2 * side if mode == "symmetric" else max(1, 2 * side - 2)
    folded = place % period
    back = period - 1 - folded if mode == "symmetric" else period - folded
    return torch.where(folded < side, folded, back)
