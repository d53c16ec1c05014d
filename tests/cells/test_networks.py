"""The networks around a cell: as large as published, and trained by our evaluator like any program."""

import random

import pytest
import torch

from archwright.candidate import Program
from archwright.cells import nasbench101, nasbench201
from archwright.cells.cell import Cell
from archwright.cells.networks import network101, network201
from archwright.cells.tables import CellTable
from archwright.config import SandboxConfig
from archwright.contracts import check_source
from archwright.evaluation.checks import verify_programs
from archwright.task import DataOptions, Task

CONV3, CONV1, POOL = nasbench101.INNER
CELL_101 = Cell(
    frozenset({(0, 1), (0, 2), (0, 5), (1, 2), (1, 3), (2, 4), (3, 5), (4, 5)}),
    ("input", CONV3, POOL, CONV1, CONV3, "output"),
)
CELL_201 = nasbench201.parse(
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
)


def parameters(program: Program) -> int:
    names: dict[str, type[torch.nn.Module]] = {}
    exec(compile(program.source, "network", "exec"), names)
    with torch.device("meta"):
        net = names["Net"]((2, 3, 32, 32), (10,), {}, None)
        assert net(torch.empty(2, 3, 32, 32)).shape == (2, 10)
    return sum(parameter.numel() for parameter in net.parameters())


def test_the_smallest_networks_are_as_large_as_published() -> None:
    assert parameters(network101(Cell(frozenset({(0, 1)}), ("input", "output")))) == 882_570
    assert parameters(network201(CELL_201)) == 129_306


def test_networks_are_as_large_as_published_101(table101: CellTable) -> None:
    for row in random.Random(0).sample(range(len(table101.cells)), 5):
        assert parameters(network101(table101.cells[row])) == table101.columns["params"][row]


def test_networks_are_as_large_as_published_201(table201: CellTable) -> None:
    for row in random.Random(0).sample(range(len(table201.cells)), 4):
        assert parameters(network201(table201.cells[row])) == table201.columns["params"][row]


def test_networks_are_ordinary_programs() -> None:
    programs = [network101(CELL_101, channels=16, modules=1), network201(CELL_201, channels=8, modules=1)]
    assert not any(check_source(program.source) for program in programs)
    task = Task(data=DataOptions(train_size=64, validation_size=64))
    for outcome in verify_programs(programs, task, SandboxConfig(workers=1)):
        assert outcome.failure is None


def test_a_cell_outside_the_space_has_no_network() -> None:
    for make in (network101, network201):
        with pytest.raises(ValueError, match=r"input|vertices"):
            make(Cell(frozenset({(0, 1)}), ("output", "input")))
