"""Cells: the search spaces of NAS-Bench-101 and NAS-Bench-201, their networks and their benchmark tables."""

from archwright.cells import nasbench101, nasbench201

SPACES = {"nasbench101": nasbench101, "nasbench201": nasbench201}
"""By name: modules with `OPERATIONS`, `VERTICES`, `CELLS`, `check` and `enumerate_cells`."""
