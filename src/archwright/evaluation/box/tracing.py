"""Training the seed networks in a box that tells what the system refuses it: what `archwright doctor` runs."""

import json
from collections.abc import Mapping

import torch

from archwright.evaluation.box.loading import load_module
from archwright.sandbox.box import Tell
from archwright.sandbox.tracing import refused_calls

CLASSES, SHAPE = 10, (4, 1, 8, 8)
PRM = {"lr": 0.01, "momentum": 0.9, "dropout": 0.1, "batch": SHAPE[0], "epoch": 1, "transform": "none"}


def train(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Train each of the programs in `payload`, a JSON list, on two batches of noise, with two threads.

    After each it is told what was refused so far: a slow machine may not come to the last.
    """
    torch.set_num_threads(2)
    batch = torch.rand(SHAPE), torch.arange(SHAPE[0])
    for source in json.loads(payload):
        net = load_module(source).Net(SHAPE, (CLASSES,), PRM, torch.device("cpu"))
        net.train_setup(PRM)
        net.learn([batch, batch])
        tell({"refused_calls": refused_calls()})
