"""From a cell to an ordinary program: the published macro-architectures, at any size.

The programs are in compact form, read their channels from `in_shape` and their classes from `out_shape`, and have the
published parameter counts at the published sizes.
"""

from importlib import resources
from string import Template

from archwright.candidate import Program
from archwright.cells import nasbench101, nasbench201
from archwright.cells.cell import Cell


def network101(cell: Cell, *, channels: int = 128, stacks: int = 3, modules: int = 3) -> Program:
    """Return NAS-Bench-101's network of `cell` (Ying et al. 2019, section 2.2): stem, stacks of cells, linear layer.

    Each of `stacks` has `modules` cells and, but for the first, begins by halving the image and doubling the channels.
    The defaults are as published. Raises ValueError for a cell outside the space.
    """
    pruned = nasbench101.within(cell)
    return _program(
        "nasbench101",
        operations=repr(pruned.operations[1:-1]),
        edges=repr(tuple(sorted(pruned.edges))),
        channels=channels,
        stacks=stacks,
        modules=modules,
    )


def network201(cell: Cell, *, channels: int = 16, modules: int = 5) -> Program:
    """Return NAS-Bench-201's network of `cell` (Dong and Yang 2020, section 2.1): three stages of cells.

    The defaults are as published. Raises ValueError for a cell outside the space.
    """
    operations = nasbench201.within(cell).operations[1:-1]
    return _program("nasbench201", operations=repr(operations), channels=channels, modules=modules)


def _program(name: str, **values: object) -> Program:
    template = Template((resources.files("archwright.cells.templates") / f"{name}.txt").read_text("utf-8"))
    return Program(template.substitute(values))
