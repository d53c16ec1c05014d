"""The measured tables, where they are at hand."""

import pytest

from archwright.cells.tables import CellTable, load_nasbench101, load_nasbench201
from archwright.errors import DataError


@pytest.fixture(scope="session")
def table101() -> CellTable:
    try:
        return load_nasbench101()
    except DataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def table201() -> CellTable:
    try:
        return load_nasbench201()
    except DataError as error:
        pytest.skip(str(error))
