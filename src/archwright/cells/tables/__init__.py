"""What the benchmarks measured, read from the original files or from small ones; one file per format."""

from archwright.cells.tables.loading import load_nasbench101, load_nasbench201
from archwright.cells.tables.table import CellTable

__all__ = ["CellTable", "load_nasbench101", "load_nasbench201"]
