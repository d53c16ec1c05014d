"""Shared by every test: where the real data is, and one thread per process (two jobs at once starve each other)."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run: a failure in CI can be repeated, and new examples are looked for on purpose
# (HYPOTHESIS_PROFILE=default), not when somebody else's change lands.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
if "ARCHWRIGHT_DATA" not in os.environ and SHARED_DATA.is_dir():
    os.environ["ARCHWRIGHT_DATA"] = str(SHARED_DATA)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("ARCHWRIGHT_DATA", SHARED_DATA))
    if not folder.is_dir():
        pytest.skip("no real data: set ARCHWRIGHT_DATA to a folder with the data sets of shared/data/README.md")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _interrupts_reach_children() -> None:
    """Undo an ignored SIGINT, which a job in the background inherits and Ctrl-C tests would pass on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
