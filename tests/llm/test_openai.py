"""The client for OpenAI-compatible servers, against a real server on the loopback interface."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.llm.server import Fault, ModelServer

from archwright.config import LlmConfig
from archwright.errors import ModelError, UsageError
from archwright.llm.local import LocalModel
from archwright.llm.model import Decoding, FinishReason, Prompt, Trainable
from archwright.llm.openai import KEY_VARIABLES, OpenAIModel
from archwright.llm.registry import find_adapter, load_model
from archwright.testing.models import PROGRAM_ANSWER, FakeModel, LanguageModelContract

Connect = Callable[..., OpenAIModel]
PROMPT = Prompt("You are brief.", "Say hello.")
DECODING = Decoding(temperature=0.7, top_k=20, top_p=0.8, max_new_tokens=12)


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(FakeModel(["zero", "one", "two"])) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Connect]:
    """Makes clients of a server that retry fast, and closes them."""
    with ExitStack() as stack:

        def connect(server: ModelServer, **options: float) -> OpenAIModel:
            model = OpenAIModel(server.url, "m", **{"first_wait_s": 0.01, "timeout_s": 20.0, **options})
            stack.callback(model.close)
            return model

        yield connect


class TestContract(LanguageModelContract):
    @pytest.fixture
    def model(self, tiny_model: LocalModel, client: Connect) -> Iterator[OpenAIModel]:
        with ModelServer(tiny_model) as running:
            yield client(running)


def test_every_setting_reaches_the_server(client: Connect, server: ModelServer) -> None:
    answer = client(server).complete([PROMPT], DECODING, [2**40 + 1])[0]
    assert server.requests == [
        {
            "model": "m",
            "messages": [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Say hello."}],
            "temperature": 0.7,
            "top_k": 20,
            "top_p": 0.8,
            "max_tokens": 12,
            "seed": 1,
        }
    ]
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("one", 5, 1)


def test_answers_keep_the_order_of_the_prompts_and_requests_stay_bounded(client: Connect, server: ModelServer) -> None:
    answers = client(server, concurrency=3).complete([PROMPT] * 12, DECODING, list(range(12)))
    assert [answer.text for answer in answers] == ["zero", "one", "two"] * 4
    assert server.most_at_once <= 3


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.ERROR, Fault.TRUNCATED, Fault.HANG_UP])
def test_a_passing_fault_is_retried(client: Connect, server: ModelServer, fault: Fault) -> None:
    server.inject([fault, fault])
    assert client(server).complete([PROMPT], DECODING, [2])[0].text == "two"
    assert len(server.requests) == 1


def test_a_slow_server_is_asked_again_after_the_time_out(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.SLOW])
    started = time.perf_counter()
    assert client(server, timeout_s=0.2).complete([PROMPT], DECODING, [0])[0].text == "zero"
    assert time.perf_counter() - started < 2.0


def test_retry_after_is_honoured(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.RATE_LIMIT])
    started = time.perf_counter()
    client(server).complete([PROMPT], DECODING, [0])
    assert time.perf_counter() - started >= 0.05


def test_an_empty_answer_is_an_empty_completion(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.EMPTY])
    answer = client(server).complete([PROMPT], DECODING, [0])[0]
    assert (answer.text, answer.finish_reason) == ("", FinishReason.EMPTY)


def test_missing_token_counts_are_estimated(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.NO_USAGE])
    answer = client(server).complete([PROMPT], DECODING, [0])[0]
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("zero", 9, 2)
    assert answer.is_estimated


def test_a_refused_request_is_not_retried_and_says_why(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.REFUSED])
    with pytest.raises(ModelError, match="HTTP 400: this model does not exist"):
        client(server).complete([PROMPT], DECODING, [0])
    assert len(server.keys) == 1


def test_a_server_that_keeps_failing_is_a_model_error(client: Connect, server: ModelServer) -> None:
    server.inject([Fault.ERROR] * 3)
    with pytest.raises(ModelError, match="after 3 attempts: HTTP 500: something broke"):
        client(server, retries=2).complete([PROMPT], DECODING, [0])


def test_a_server_that_is_down_is_a_model_error(client: Connect) -> None:
    with ModelServer(FakeModel()) as stopped:
        url = stopped.url
    model = client(stopped, retries=1)
    with pytest.raises(ModelError, match="check that it runs") as failure:
        model.complete([PROMPT] * 3, DECODING, [0, 1, 2])
    assert url in failure.value.what


@pytest.mark.parametrize("variable", KEY_VARIABLES)
def test_the_key_comes_from_the_environment(variable: str, client: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(FakeModel(["hello"]), key="secret") as server:
        with pytest.raises(ModelError, match="401"):
            client(server).complete([PROMPT], DECODING, [0])
        monkeypatch.setenv(variable, "secret")
        model = client(server)
        assert model.complete([PROMPT], DECODING, [0])[0].text == "hello"
        assert "secret" not in model.name + repr(model.__dict__)


def test_an_adapter_is_refused(client: Connect, server: ModelServer, tmp_path: Path) -> None:
    model = client(server)
    assert model.adapter is None
    assert not isinstance(model, Trainable)
    with pytest.raises(UsageError, match="takes no adapters"):
        find_adapter(LlmConfig(model=model.name, adapter=str(tmp_path)))


@pytest.mark.slow
def test_a_server_process_with_the_embedded_model_answers(embedded: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.llm.server", "--fault", "error", "--fault", "truncated"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        model = load_model(LlmConfig(model=f"openai:{url}#smollm2-135m", timeout_s=60))
        question = Prompt("You answer in one short sentence.", "How many days does a week have?")
        answer = model.complete([question], Decoding(0.0, 0, 1.0, 24), [0])[0]
        assert answer.text == "A week has 7 days."
        assert answer.prompt_tokens > 20
        assert model.name == f"openai:{url}#smollm2-135m"
        model.close()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[0] == "stopped\n"


def test_the_fake_answer_is_a_program() -> None:
    assert "class Net(nn.Module)" in PROGRAM_ANSWER
