"""The original table of NAS-Bench-201: the folder `NATS-tss-v1_0-3ffb9-simple` of NATS-Bench (Dong et al. 2021).

One compressed pickle per cell, of what the published `ArchResults.state_dict` returns for 12 and for 200 epochs, and
one with the cells' names. A pickle can run any code, so these are read by an unpickler that knows ordered dictionaries
and numpy's numbers and nothing else. The older single files (`NAS-Bench-201-*.pth`, `NATS-tss-*.pickle.pbz2`) are not
read: each has to be in memory as a whole.
"""

import bz2
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from statistics import fmean
from typing import ClassVar

import numpy as np

from archwright.cells import nasbench201
from archwright.cells.tables.table import CellTable, check_rows, damaged

FOLDER = "NATS-tss-v1_0-3ffb9-simple"
ENDING = "pickle.pbz2"
EPOCHS = (200, 12)
_SPLITS = {
    "c10_val": ("cifar10-valid", "x-valid"),
    "c10_test": ("cifar10", "ori-test"),
    "c100_val": ("cifar100", "x-valid"),
    "c100_test": ("cifar100", "x-test"),
    "in16_val": ("ImageNet16-120", "x-valid"),
    "in16_test": ("ImageNet16-120", "x-test"),
}
"""By the beginning of a column's name: what was trained on, and the images the accuracy is of.

Validation on CIFAR-10 is of networks trained on half of the training images, test of networks trained on all of them.
"""


def read(folder: Path) -> CellTable:
    """Return the cells of the `folder` with means over the published training seeds; takes some minutes.

    Columns: those of the small table, `params` on CIFAR-10 included. Raises DataError when a file is missing, damaged,
    or holds anything else.
    """
    meta = folder / f"meta.{ENDING}"
    names = _unpickled(meta).get("meta_archs")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise damaged(meta, "it has no list of cells")
    check_rows(meta, len(set(names)), nasbench201.CELLS)
    try:
        cells = [nasbench201.parse(name) for name in names]
    except ValueError as error:
        raise damaged(meta, str(error)) from None
    measured: dict[str, list[float]] = {}
    for row, name in enumerate(names):
        path = folder / f"{row:06d}.{ENDING}"
        try:
            for column, value in _measurements(_unpickled(path), name).items():
                measured.setdefault(column, []).append(value)
        except ValueError as error:
            raise damaged(path, str(error)) from None
    columns = {column: np.array(values) for column, values in measured.items()}
    return CellTable("nasbench201", cells, columns, {name: row for row, name in enumerate(names)}, nasbench201.write)


def _measurements(results: object, name: str) -> dict[str, float]:
    """Return the columns of one cell; raises ValueError when the results are of another form or another cell."""
    measured = {}
    for epochs in EPOCHS:
        trained = _entry(results, str(epochs))
        if _entry(trained, "arch_str") != name:
            raise ValueError(f"it is not about {name}")
        for column, (dataset, split) in _SPLITS.items():
            # Epochs count from zero. The images of both splits together are "ori-test" of the other data sets.
            trials = _trials(trained, dataset)
            accuracies = [_number(trial, "eval_acc1es", f"{split}@{epochs - 1}") for trial in trials]
            if not all(0 <= accuracy <= 100 for accuracy in accuracies):
                raise ValueError(f"an accuracy of {dataset} is not in per cent")
            measured[f"{column}{epochs}"] = fmean(accuracies) / 100
    (trial, *_) = _trials(_entry(results, "200"), "cifar10")
    measured["params"] = float(round(_number(trial, "params") * 1e6))
    return measured


def _trials(trained: object, dataset: str) -> list[object]:
    """Return the results of every seed on `dataset`, at least one; raises ValueError as `_measurements` does."""
    seeds = _entry(trained, "dataset_seed", dataset)
    if not isinstance(seeds, list) or not seeds:
        raise ValueError(f"it has no seeds of {dataset}")
    return [_entry(trained, "all_results", (dataset, seed)) for seed in seeds]


def _number(state: object, *keys: object) -> float:
    number = _entry(state, *keys)
    if not isinstance(number, int | float):
        raise ValueError(f"its {keys[-1]} is not a number")
    return float(number)


def _entry(state: object, *keys: object) -> object:
    for key in keys:
        if not isinstance(state, dict) or key not in state:
            raise ValueError(f"it has no {key}")
        state = state[key]
    return state


def _unpickled(path: Path) -> dict[object, object]:
    """Return the dictionary in a compressed pickle; raises DataError when there is none or it asks for code."""
    try:
        with bz2.open(path) as file:
            content = _Unpickler(file).load()
    except (OSError, EOFError, pickle.UnpicklingError, struct.error) as error:
        raise damaged(path, str(error)) from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise damaged(path, f"it is no pickle of measurements ({error})") from None
    if not isinstance(content, dict):
        raise damaged(path, f"it holds a {type(content).__name__}, not a dictionary")
    return content


class _Unpickler(pickle.Unpickler):
    """Loads dictionaries, lists, sets, text and numbers; refuses every other class or function."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("numpy", "dtype"):
            return _NumberType
        # numpy's module moved from `core` to `_core`; the function is the same one.
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "scalar":
            return _scalar
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no measurement needs; it was not run")


class _NumberType:
    """Stands for numpy's types of numbers, one of which is written into the published files."""

    FORMATS: ClassVar = {"f8": "<d", "f4": "<f", "i8": "<q", "i4": "<i"}

    def __init__(self, code: str, *_: object) -> None:
        if code not in self.FORMATS:
            raise pickle.UnpicklingError(f"it has values of numpy's type '{code}', which are no plain numbers")
        self.format = self.FORMATS[code]

    def __setstate__(self, state: object) -> None:
        """Take the rest of numpy's description, of which only the order of the bytes matters to a number."""
        if not isinstance(state, tuple) or state[1:2] != ("<",):
            raise pickle.UnpicklingError("it has numbers in an order of bytes other than little-endian")


def _scalar(kind: _NumberType, data: bytes) -> float:
    (number,) = struct.unpack(kind.format, data)
    return float(number)
