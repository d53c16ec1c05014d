"""The embedded model once per session, and a tiny random one with its tokenizer for everything that needs no sense."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from tests.tiny import write_tiny_model

from archwright.llm.embedded import EMBEDDED_NAME, PACKAGE, embedded_folder
from archwright.llm.hardware import Hardware
from archwright.llm.local import LocalModel

PLAIN = Hardware("cpu", torch.float32, torch.float32)


@pytest.fixture(scope="session")
def embedded() -> Path:
    """The converted folder of the embedded model, from the user's cache."""
    if find_spec(PACKAGE) is None:
        pytest.skip("the embedded model is not installed: make setup")
    return embedded_folder()


@pytest.fixture(scope="session")
def embedded_model(embedded: Path) -> Iterator[LocalModel]:
    """The embedded model, bare; a test that gives it an adapter must not use this one."""
    model = LocalModel(embedded, name=EMBEDDED_NAME)
    yield model
    model.close()


@pytest.fixture(scope="session")
def tiny_folder(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers folder with a random Llama of two layers and the embedded tokenizer."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny_model(tiny_folder: Path) -> Iterator[LocalModel]:
    """A fresh tiny model, in float32 on every machine."""
    model = LocalModel(tiny_folder, name="tiny", batch=4, hardware=PLAIN)
    yield model
    model.close()
