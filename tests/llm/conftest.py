"""The embedded model once per session, and a tiny random one with its tokenizer for everything that needs no sense."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

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
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=49_152,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        initializer_range=0.5,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(shape).save_pretrained(folder)
    AutoTokenizer.from_pretrained(embedded).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_model(tiny_folder: Path) -> Iterator[LocalModel]:
    """A fresh tiny model, in float32 on every machine."""
    model = LocalModel(tiny_folder, name="tiny", batch=4, hardware=PLAIN)
    yield model
    model.close()
