"""The original table of NAS-Bench-201, written here as it was published: pickles of `ArchResults.state_dict`."""

import bz2
import os
import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archwright.cells import nasbench201
from archwright.cells.search.oracle import load_oracle
from archwright.cells.tables import CellTable, nats201
from archwright.errors import DataError

NAMES = (
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
)
SPLITS = {
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("x-valid", "x-test", "ori-test"),
    "ImageNet16-120": ("x-valid", "x-test", "ori-test"),
}
COLUMNS = {
    ("cifar10-valid", "x-valid"): "c10_val",
    ("cifar10", "ori-test"): "c10_test",
    ("cifar100", "x-valid"): "c100_val",
    ("cifar100", "x-test"): "c100_test",
    ("ImageNet16-120", "x-valid"): "in16_val",
    ("ImageNet16-120", "x-test"): "in16_test",
}
Accuracy = Callable[[str, str, int, int], float]
"""In per cent, of a data set, a split, the budget and a seed."""


def trial(name: str, dataset: str, epochs: int, seed: int, accuracy: Accuracy, params: float) -> dict[str, Any]:
    """Return what `ResultsCount.state_dict` returns of one training."""
    every = [f"{split}@{epoch}" for split in SPLITS[dataset] for epoch in range(epochs)]
    accuracies = dict.fromkeys(every, 1.0)
    accuracies |= {f"{split}@{epochs - 1}": accuracy(dataset, split, epochs, seed) for split in SPLITS[dataset]}
    return {
        "name": dataset,
        "net_state_dict": None,
        "train_acc1es": OrderedDict.fromkeys(range(epochs), 99.0),
        "train_acc5es": None,
        "train_losses": OrderedDict.fromkeys(range(epochs), 0.1),
        "train_times": OrderedDict.fromkeys(range(epochs), 7.2),
        "arch_config": {"channel": 16, "num_cells": 5, "arch_str": name, "class_num": 10},
        "params": np.float64(params),
        "flop": 15.64737,
        "seed": f"{seed:04d}",
        "epochs": epochs,
        "latency": [0.014],
        "eval_names": list(SPLITS[dataset]),
        "eval_acc1es": accuracies,
        "eval_times": dict.fromkeys(every, 1.5),
        "eval_losses": dict.fromkeys(every, 0.2),
    }


def results(index: int, name: str, accuracy: Accuracy, params: float = 0.129306) -> OrderedDict[str, dict[str, Any]]:
    """Return what the file of one cell holds: trained with two seeds for 12 epochs and with up to three for 200."""
    content = OrderedDict()
    for epochs, seeds in ((12, [111, 777]), (200, [777, 888, 999])):
        of = {dataset: seeds[: 1 + (dataset == "cifar10-valid")] if epochs == 12 else seeds for dataset in SPLITS}
        content[str(epochs)] = {
            "arch_index": index,
            "arch_str": name,
            "all_results": {
                (dataset, seed): trial(name, dataset, epochs, seed, accuracy, params)
                for dataset in SPLITS
                for seed in of[dataset]
            },
            "dataset_seed": of,
            "clear_net_done": True,
        }
    return content


def spread(dataset: str, split: str, epochs: int, seed: int) -> float:
    """Return an accuracy that is different for every argument; the mean over the seeds 777, 888, 999 is that of 888."""
    return 10 * list(SPLITS).index(dataset) + len(split) + epochs / 100 + (seed - 888) / 1000 + 20


def save(path: Path, content: object) -> None:
    with bz2.open(path, "wb") as file:
        pickle.dump(content, file, protocol=4)


def write(folder: Path, contents: Sequence[object], names: Sequence[str]) -> Path:
    folder.mkdir(parents=True)
    meta = {"meta_archs": list(names), "total_archs": len(names), "arch2infos": None, "evaluated_indexes": set()}
    save(folder / "meta.pickle.pbz2", meta)
    for index, content in enumerate(contents):
        save(folder / f"{index:06d}.pickle.pbz2", content)
    return folder


@pytest.fixture(autouse=True)
def two_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nasbench201, "CELLS", len(NAMES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contents = [results(index, name, spread) for index, name in enumerate(NAMES)]
    return write(tmp_path / "nas" / "NATS-tss-v1_0-3ffb9-simple", contents, NAMES)


def test_every_cell_has_the_means_over_its_seeds_after_the_last_epoch(folder: Path) -> None:
    table = nats201.read(folder)
    assert [nasbench201.write(cell) for cell in table.cells] == list(NAMES)
    assert [table.row_of(cell) for cell in table.cells] == [0, 1]
    for (dataset, split), column in COLUMNS.items():
        assert table.columns[f"{column}200"] == pytest.approx(spread(dataset, split, 200, 888) / 100)
        seeds = [111, 777] if dataset == "cifar10-valid" else [111]
        mean = sum(spread(dataset, split, 12, seed) for seed in seeds) / len(seeds)
        assert table.columns[f"{column}12"] == pytest.approx(mean / 100)
    assert table.columns["params"].tolist() == [129_306, 129_306]


def test_numbers_that_an_older_numpy_wrote_are_read(folder: Path) -> None:
    path = folder / "000000.pickle.pbz2"
    written = pickle.dumps(pickle.loads(bz2.decompress(path.read_bytes())), protocol=3)
    older = written.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert older != written
    path.write_bytes(bz2.compress(older))
    assert nats201.read(folder).columns["params"].tolist() == [129_306, 129_306]


def test_cells_of_our_own_table_come_back(tmp_path: Path, table201: CellTable, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (0, 1, 284, 15_624)
    names = [nasbench201.write(table201.cells[row]) for row in rows]
    contents = []
    for index, row in enumerate(rows):

        def accuracy(dataset: str, split: str, epochs: int, seed: int, row: int = row) -> float:
            column = COLUMNS.get((dataset, split))
            return 1.0 if column is None else float(100 * table201.columns[f"{column}{epochs}"][row])

        contents.append(results(index, names[index], accuracy, table201.columns["params"][row] / 1e6))
    monkeypatch.setattr(nasbench201, "CELLS", len(rows))
    table = nats201.read(write(tmp_path / "folder", contents, names))
    assert table.columns.keys() == table201.columns.keys()
    for name, values in table.columns.items():
        assert values.tolist() == pytest.approx(table201.columns[name][list(rows)].tolist(), rel=1e-12)


def test_the_original_is_read_where_the_small_table_is_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(folder.parent.parent))
    oracle = load_oracle("nasbench201", "c100")
    assert oracle(oracle.best) == pytest.approx(spread("cifar100", "x-valid", 200, 888) / 100)
    assert oracle.test(oracle.best) == pytest.approx(spread("cifar100", "x-test", 200, 888) / 100)
    # What says the same is read in a moment, the original takes minutes.
    (folder.parent / "nb201.csv.gz").write_text("no table")
    with pytest.raises(DataError, match=r"nb201\.csv\.gz is not the benchmark's table"):
        load_oracle("nasbench201", "c100")


class Malicious:
    """Asks whoever loads it to create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("name", ["meta.pickle.pbz2", "000001.pickle.pbz2"])
def test_a_pickle_that_asks_for_code_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    save(folder / name, {"meta_archs": Malicious(tmp_path / "made")})
    with pytest.raises(DataError, match=rf"{name} is not .* it asks for posix\.mkdir, .* it was not run"):
        nats201.read(folder)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "content",
    [np.array([1.0]), np.complex128(1), np.array([1.0]).astype(">f8")[0], {"200": len}, np.dtype("f8")],
)
def test_a_pickle_of_anything_but_plain_numbers_is_refused(folder: Path, content: object) -> None:
    save(folder / "000001.pickle.pbz2", content)
    with pytest.raises(DataError, match="000001.pickle.pbz2 is not the benchmark's table"):
        nats201.read(folder)


@pytest.mark.parametrize("kept", [0, 1_000, -10])
def test_a_file_that_is_cut_off_is_refused(folder: Path, kept: int) -> None:
    path = folder / "000001.pickle.pbz2"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="000001.pickle.pbz2 is not the benchmark's table"):
        nats201.read(folder)


def test_a_missing_file_and_another_number_of_cells_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "000001.pickle.pbz2").unlink()
    with pytest.raises(DataError, match="000001.pickle.pbz2 is not .*No such file"):
        nats201.read(folder)
    monkeypatch.undo()
    with pytest.raises(DataError, match="it has 2 cells, not 15,625"):
        nats201.read(folder)


def without(*keys: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return change


def with_accuracy(value: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        content["200"]["all_results"]["cifar100", 888]["eval_acc1es"]["x-test@199"] = value

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("12"), "it has no 12"),
        (without("200", "dataset_seed", "cifar10"), "it has no cifar10"),
        (without("200", "all_results", ("cifar10", 999)), "it has no .'cifar10', 999."),
        (without("200", "all_results", ("cifar100", 999), "eval_acc1es", "x-test@199"), "it has no x-test@199"),
        (lambda content: content["200"].update(arch_str=NAMES[0]), "it is not about .nor_conv_3x3"),
        (lambda content: content["12"]["dataset_seed"].update(cifar10=[]), "it has no seeds of cifar10"),
        (with_accuracy("73"), "x-test@199 is not a number"),
        (with_accuracy(float("nan")), "an accuracy of cifar100 is not in per cent"),
        (with_accuracy(101.0), "an accuracy of cifar100 is not in per cent"),
    ],
)
def test_results_of_another_form_are_refused(folder: Path, change: Callable[[Any], None], problem: str) -> None:
    content = results(1, NAMES[1], spread)
    change(content)
    save(folder / "000001.pickle.pbz2", content)
    with pytest.raises(DataError, match=problem):
        nats201.read(folder)


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ({}, "no list of cells"),
        ({"meta_archs": [1, 2]}, "no list of cells"),
        ([*NAMES], "it holds a list, not a dictionary"),
        ({"meta_archs": [NAMES[0], "|none~0|"]}, "is not of the form"),
        ({"meta_archs": [NAMES[0]] * 2}, "1 cells, not 2"),
    ],
)
def test_another_list_of_cells_is_refused(folder: Path, meta: object, problem: str) -> None:
    save(folder / "meta.pickle.pbz2", meta)
    with pytest.raises(DataError, match=problem):
        nats201.read(folder)
