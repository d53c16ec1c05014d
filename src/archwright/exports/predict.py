"""Classify images with the network in this folder.

    python predict.py IMAGE...

Needs torch, safetensors, numpy and pillow. network.py was written by a language model or an algorithm and runs in this
process, not in a sandbox: read it first.
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

HERE = Path(__file__).parent


def load(device: str = "cpu") -> tuple[torch.nn.Module, dict[str, Any]]:
    """Return the trained network in evaluation mode, and what network.json says of it."""
    card = json.loads((HERE / "network.json").read_text("utf-8"))
    spec = importlib.util.spec_from_file_location("network", HERE / "network.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["network"] = module
    spec.loader.exec_module(module)
    declared: set[str] = getattr(module, "supported_hyperparameters", set)()
    prm = dict.fromkeys(declared, 0.5) | card["prm"]  # 0.5 is what others than ours were while it was trained
    net = module.Net(tuple(card["in_shape"]), tuple(card["out_shape"]), prm, torch.device(device)).to(device).eval()
    with torch.no_grad():
        net(torch.zeros(2, *card["in_shape"][1:], device=device))  # lazy layers take their sizes from the first input
        tensors = dict(net.named_parameters()) | dict(net.named_buffers())
        for name, values in load_file(HERE / "weights.safetensors", device=device).items():
            tensors[name].copy_(values)
    return net, card


def probabilities(net: torch.nn.Module, card: dict[str, Any], images: torch.Tensor) -> torch.Tensor:
    """Return the probability of each of card["classes"] (N, classes) for uint8 `images` (N, C, H, W)."""
    mean, std = (torch.tensor(card[key], device=images.device).view(1, -1, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        output = net((images.float() / 255 - mean) / std)
    logits: torch.Tensor = output[0] if isinstance(output, tuple | list) else output
    return logits.softmax(dim=1)


def read(path: str, card: dict[str, Any]) -> torch.Tensor:
    """Return an image file as uint8 (1, C, H, W), in the mode and size that the network was trained on."""
    _, channels, height, width = card["in_shape"]
    Image.init()
    with Image.open(path, formats=[name for name in Image.OPEN if name != "EPS"]) as image:  # for it PIL runs a program
        pixels = np.array(
            image.convert("L" if channels == 1 else "RGB").resize((width, height), Image.Resampling.BILINEAR)
        )
    return torch.from_numpy(pixels.reshape(height, width, channels)).permute(2, 0, 1)[None]


def main() -> None:
    """Print the likeliest class of each image."""
    parser = argparse.ArgumentParser(description="Print the likeliest class of each image.")
    parser.add_argument("images", nargs="+", metavar="IMAGE")
    options = parser.parse_args()
    net, card = load()
    for path in options.images:
        best = probabilities(net, card, read(path, card))[0].max(dim=0)
        name = "".join(c if c.isprintable() else "\ufffd" for c in card["classes"][int(best.indices)])
        print(f"{path}: {name} ({100 * float(best.values):.1f} %)")


if __name__ == "__main__":
    main()
