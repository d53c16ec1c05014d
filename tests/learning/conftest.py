"""A tiny random model with the embedded tokenizer: fine-tuning it takes a second."""

import io
import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.tiny import write_tiny_model

from archwright.config import TuneConfig
from archwright.errors import TuningError
from archwright.learning import tuning, worker
from archwright.llm.embedded import PACKAGE
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair

SOURCE = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers folder with a random Llama of two layers and the embedded tokenizer."""
    if find_spec(PACKAGE) is None:
        pytest.skip("the embedded model is not installed: make setup")
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def pairs() -> list[Pair]:
    """Three short pairs of one prompt."""
    prompt = Prompt("You design networks.", "Design a network.")
    return [make_pair(prompt, SOURCE.replace("pass", f"width = {width}")) for width in (8, 16, 32)]


@pytest.fixture
def quick() -> TuneConfig:
    """Two epochs at a high rate."""
    return TuneConfig(rank=4, alpha=8, dropout=0.0, lr=0.05, epochs=2, batch=1, accumulation=1, warmup_steps=1)


@pytest.fixture(scope="module")
def trained_here() -> Iterator[None]:
    """Adapters are trained by the worker's code in this process, which spares each its imports (`test_tuning.py`)."""

    def run_here(job: tuning.TuningJob, folder: Path, on_step: Callable[..., None] | None) -> None:
        (folder / tuning.JOB).write_text(job.model_dump_json(), "utf-8")
        said = io.StringIO()
        worker.main(folder, said)
        for line in said.getvalue().splitlines():
            message = json.loads(line)
            if "failure" in message:
                raise TuningError(**message["failure"])
            if on_step is not None:
                on_step(message["step"], message["steps"], message["loss"], message["tokens_per_s"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "run_worker", run_here)
        yield
