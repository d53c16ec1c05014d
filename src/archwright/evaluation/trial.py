"""What runs inside a box: build the network, check it, train it, predict. The score is computed elsewhere.

`run` is the entry function of the sandbox. It gets the program, the training images with labels and the validation
images; the validation labels never come here. Whatever it tells the supervisor is advice; only the bytes of the
predictions and of the weights count.
"""

import json
import mmap
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from archwright.candidate import FailureKind, Stage
from archwright.evaluation.batches import Batches, Normalise
from archwright.evaluation.diagnosis import Problem, diagnose, load_module
from archwright.sandbox.box import Tell
from archwright.seeds import derive_seed

Net = Any
"""An instance of the candidate's class."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """The data of a box, mapped and not copied."""

    train_images: torch.Tensor
    train_labels: torch.Tensor
    validation_images: torch.Tensor


def run(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Run one trial; ends by telling `failure` or `done`."""
    order = json.loads(payload)
    torch.set_num_threads(order["threads"])
    trial = Trial(order, files, tell)
    try:
        trial.run()
    except Problem as problem:
        tell({"failure": problem.as_message()})
    except BaseException as error:  # noqa: BLE001 - the outermost place: whatever the candidate raised is its failure
        tell({"failure": diagnose(error, trial.stage, order["source"], trial.net).as_message()})
    else:
        tell({"done": True})


class Trial:
    """One program on its way through the stages."""

    def __init__(self, order: Mapping[str, Any], files: Mapping[str, int], tell: Tell) -> None:
        self._order = order
        self._files = files
        self._tell = tell
        self.stage = Stage.BUILD
        self.net: Net = None
        self._in_shape = (order["batch"], *order["image_shape"])
        self._out_shape = (order["classes"],)
        self._device = torch.device(order["device"])

    def run(self) -> None:
        """Go through every stage; raises at the first thing wrong."""
        self._enter(Stage.BUILD)
        self._seed("import")
        self._module = load_module(self._order["source"], self._order["full_source"])
        self._prm = self._hyperparameters()
        self._check_on_meta()
        arrays = _map_arrays(self._order, self._files)
        normalise = Normalise(self._order["mean"], self._order["std"], self._device)
        self._check_batch(arrays, normalise)
        if self._order["is_verify"]:
            return
        self._train(arrays, normalise)
        self._predict(arrays, normalise)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._tell({"stage": stage})

    def _seed(self, purpose: str) -> None:
        import random

        seed = derive_seed(self._order["seed"], purpose)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)

    def _hyperparameters(self) -> dict[str, Any]:
        prm = dict(self._order["prm"])
        for name in (
            self._module.supported_hyperparameters() if hasattr(self._module, "supported_hyperparameters") else ()
        ):
            prm.setdefault(name, 0.5)
        return prm

    def _build(self, device: torch.device) -> Net:
        self._seed("build")
        return self._module.Net(self._in_shape, self._out_shape, dict(self._prm), device)

    def _check_on_meta(self) -> None:
        """Count parameters and FLOPs without memory or arithmetic, where the program can be built so."""
        from torch.utils.flop_counter import FlopCounterMode

        try:
            meta = torch.device("meta")
            with meta, torch.no_grad():
                net = self._build(meta).eval()
                params = count_params(net)
                counter = FlopCounterMode(display=False)
                with counter:
                    net(torch.empty(1, *self._in_shape[1:], device=meta))
            self._gate(params, counter.get_total_flops())
        except Problem:
            raise
        except Exception:  # noqa: BLE001 - not every honest program can be built on meta; the real build decides
            self._flops_unknown = True

    def _gate(self, params: int, flops: int | None) -> None:
        self._tell({"params": params, "flops": flops})
        if params == 0:
            raise Problem(Stage.BUDGET, FailureKind.NO_PARAMETERS, "Net has no parameters; add layers with weights")
        limit = self._order["max_params"]
        if limit and params > limit:
            raise Problem(
                Stage.BUDGET,
                FailureKind.TOO_MANY_PARAMETERS,
                f"Net has {params:,} parameters; the limit is {limit:,} (budget.max_params); use fewer or narrower layers",
            )

    def _check_batch(self, arrays: Arrays, normalise: Normalise) -> None:
        self.net = self._build(self._device).to(self._device)
        self._enter(Stage.FORWARD)
        with torch.no_grad():
            inputs = normalise(arrays.train_images[: self._order["batch"]].to(self._device))
            self.net.eval()
            self._check_output(self.net(inputs[:2]), 2)
            self.net.train()
            self.net(inputs)
        self._enter(Stage.BUDGET)
        self._gate(count_params(self.net), None)

    def _check_output(self, output: object, n: int) -> None:
        if not isinstance(output, torch.Tensor) or tuple(output.shape) != (n, *self._out_shape):
            raise Problem(Stage.FORWARD, FailureKind.WRONG_OUTPUT, f"forward returned {output!r:.80}")

    def _train(self, arrays: Arrays, normalise: Normalise) -> None:
        self.net = self._build(self._device).to(self._device)
        self._enter(Stage.TRAIN)
        self._seed("train")
        batches = Batches(
            arrays.train_images.to(self._device),
            arrays.train_labels.to(self._device),
            self._order["batch"],
            normalise,
            self._order["augmentation"],
            derive_seed(self._order["seed"], "batches"),
        )
        self.net.train_setup(dict(self._prm))
        for _ in range(self._order["epochs"]):
            self.net.train()
            self.net.learn(batches)

    def _predict(self, arrays: Arrays, normalise: Normalise) -> None:
        self._enter(Stage.PREDICT)
        self.net.eval()
        images = arrays.validation_images
        block = mmap.mmap(self._files["predictions"], len(images) * self._out_shape[0] * 4)
        predictions = np.frombuffer(block, np.float32).reshape(len(images), -1)
        with torch.no_grad():
            for start in range(0, len(images), self._order["batch"]):
                inputs = normalise(images[start : start + self._order["batch"]].to(self._device))
                output = self.net(inputs)
                self._check_output(output, len(inputs))
                predictions[start : start + len(inputs)] = output.float().cpu().numpy()
        write_weights(self.net, self._files["weights"])


def count_params(net: torch.nn.Module) -> int:
    """Return the number of parameters, shared ones counted once."""
    return sum(parameter.numel() for parameter in net.parameters())


def write_weights(net: torch.nn.Module, file: int) -> None:
    """Write parameters and buffers as safetensors after their length in 8 bytes."""
    import os

    tensors = {f"parameter:{name}": value.detach().cpu().clone() for name, value in net.named_parameters()}
    tensors |= {f"buffer:{name}": value.detach().cpu().clone() for name, value in net.named_buffers()}
    data = save(tensors)
    size = os.fstat(file).st_size
    if len(data) + 8 > size:
        raise Problem(
            Stage.PREDICT, FailureKind.BAD_RESULT, f"the weights take {len(data):,} bytes; the limit is {size - 8:,}"
        )
    block = mmap.mmap(file, size)
    block[:8] = len(data).to_bytes(8, "little")
    block[8 : 8 + len(data)] = data


def _map_arrays(order: Mapping[str, Any], files: Mapping[str, int]) -> Arrays:
    shape = order["image_shape"]
    return Arrays(
        _mapped(files["train_images"], np.uint8).reshape(-1, *shape),
        _mapped(files["train_labels"], np.int64),
        _mapped(files["validation_images"], np.uint8).reshape(-1, *shape),
    )


def _mapped(file: int, dtype: type[np.generic]) -> torch.Tensor:
    array = np.frombuffer(mmap.mmap(file, 0, prot=mmap.PROT_READ), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # read-only is the point
        return torch.from_numpy(array)
