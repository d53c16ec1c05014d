"""A sandbox whose entry executes its payload: tests say in a few lines what the box does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from archwright.sandbox.order import Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

RunCode = Callable[..., Report]

ENTRY_SOURCE = '''
"""Executes the payload with `tell` and `files` at hand."""

def run(payload, files, tell):
    exec(payload.decode(), {"tell": tell, "files": files})
'''


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox that every test here shares."""
    folder: Path = tmp_path_factory.mktemp("entry")
    (folder / "payload_entry.py").write_text(ENTRY_SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        sandbox = Sandbox("payload_entry:run")
    yield sandbox
    sandbox.close()


@pytest.fixture
def run_code(boxes: Sandbox) -> RunCode:
    """Run a few lines of Python in a box and return the report."""

    def run(code: str, files: Mapping[str, int] | None = None, **limits: float) -> Report:
        options = {"wall_s": 30.0, "memory_mb": 512, "isolation": 1, **limits}
        return boxes.run(Order(code.encode(), files or {}, Limits(**options)))  # type: ignore[arg-type]

    return run
