"""A box's side of training on a GPU: its context, its share of the memory, and faster arithmetic.

One context per box, made inside it: the warm process never touches CUDA. The data are copied to the GPU once per box;
45,000 images of CIFAR-10 are 138 MB, so that sharing one copy between processes would save little and need a trusted
process with a context of its own.
"""

import contextlib
import functools
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import torch

from archwright.sandbox.box import Tell

Net = Any
"""An instance of the candidate's class; nothing about it can be relied on."""


def prepare(environment: str) -> None:
    """Open the GPU and train one step on it, in a box that waits: no candidate then waits for contexts and libraries.

    `environment` is that of `open_gpu` as JSON. What goes wrong here is met again, and told, when the order has come.
    """
    with contextlib.suppress(RuntimeError, AssertionError):
        _open(json.loads(environment))
        _train_a_step()
        torch.cuda.empty_cache()


def open_gpu(environment: Mapping[str, str], memory_share: float) -> str:
    """Make this process's context on the only GPU it sees, unless it is there, and return the GPU's name.

    `environment` is for libcuda alone: Python's view of the environment stays empty. Raises RuntimeError when the GPU
    cannot be used, AssertionError when torch is built without CUDA.
    """
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        _open(environment)
    torch.cuda.set_per_process_memory_fraction(memory_share)
    torch.ones(1, device="cuda").add_(1).item()  # it may have failed since it was opened
    return torch.cuda.get_device_name()


def attempt(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Compute something on the GPU and tell its name, or why that is impossible: what `archwright doctor` runs."""
    try:
        name = open_gpu(json.loads(payload), 1.0)
        _train_a_step()
    except (RuntimeError, AssertionError) as error:
        tell({"no_device": str(error).strip()[:500]})
    else:
        tell({"device": name})


def _open(environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        os.putenv(name, value)
    torch.cuda.init()  # type: ignore[no-untyped-call]
    torch.set_float32_matmul_precision("high")  # TF32 for what bfloat16 does not reach; convolutions have it anyway
    torch.ones(1, device="cuda")  # the context is made by the first use


def _train_a_step() -> None:
    """Make every library that training needs load and choose its workspace."""
    last = torch.nn.Linear(8 * 6 * 6, 10)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Flatten(), last).to("cuda")
    optimizer = torch.optim.AdamW(net.parameters(), fused=True)
    with torch.autocast("cuda", torch.bfloat16, enabled=has_bfloat16()):
        loss = net(torch.rand(8, 3, 8, 8, device="cuda")).square().mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 3)
    optimizer.step()
    torch.cuda.synchronize()


def has_bfloat16() -> bool:
    """Return whether the GPU computes in bfloat16 itself."""
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def use_bfloat16(net_class: Net, device_type: str) -> None:
    """Make `net_class.forward` compute in bfloat16 where that is safe; its output, loss and weights stay float32.

    The class is changed and not an instance, so that a copy of the network is not bound to the original.
    """
    forward: Callable[..., object] | None = getattr(net_class, "forward", None)
    if forward is None:
        return  # a function that builds the network

    @functools.wraps(forward)
    def wrapped(*arguments: object, **named: object) -> object:
        # No cache of cast weights: a graph would keep those of the step in which it was captured.
        with torch.autocast(device_type, torch.bfloat16, cache_enabled=False):
            output = forward(*arguments, **named)
        is_reduced = isinstance(output, torch.Tensor) and output.dtype is torch.bfloat16
        return output.float() if is_reduced else output  # type: ignore[attr-defined]

    net_class.forward = wrapped


def works_channels_last(build: Callable[[], Net], inputs: torch.Tensor) -> bool:
    """Return whether the network runs on channels-last `inputs`: most do, `x.view(n, -1)` after a convolution does not.

    Whatever it raises is found again in the ordinary order, where it is the candidate's.
    """
    try:
        net = build().to(memory_format=torch.channels_last)
        with torch.no_grad():
            net.train()(inputs.contiguous(memory_format=torch.channels_last))
    except Exception:  # noqa: BLE001 - see the docstring
        return False
    return True
