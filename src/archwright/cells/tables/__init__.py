"""What the benchmarks measured, read from the original files or from small ones; one file per format."""

from archwright.cells.tables.csv201 import FILE as FILE_201
from archwright.cells.tables.loading import load_nasbench101, load_nasbench201
from archwright.cells.tables.table import CellTable

__all__ = ["FILE_201", "CellTable", "load_nasbench101", "load_nasbench201"]
