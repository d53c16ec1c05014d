"""Servers that answer awkwardly, each as a process of its own on the loopback interface."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from archwright.errors import ModelError
from archwright.llm.model import Decoding, FinishReason, Prompt
from archwright.llm.openai import OpenAIModel

Serve = Callable[[str], OpenAIModel]
SCRIPT = Path(__file__).with_name("awkward_server.py")
PROMPT = Prompt("You are brief.", "Write a network.")
DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=2048)

WITH_PROGRAM = (
    *("ok", "reasoning_null", "reasoning_ok", "parts", "thinkparts", "mct", "temp", "gemini", "err200", "redir"),
    *("loading", "conflict408", "think", "usage_str", "surrogate", "nul", "bom", "crlf"),
)


def serving(stack: ExitStack, mode: str) -> str:
    """Start a server in a mode, which ends with `stack`, and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(port), mode])
    stack.callback(process.wait)
    stack.callback(process.kill)
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.02)
    return f"http://127.0.0.1:{port}/v1"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server in a mode and returns a client of it."""
    with ExitStack() as stack:

        def start(mode: str) -> OpenAIModel:
            model = OpenAIModel(serving(stack, mode), "m", first_wait_s=0.01, timeout_s=20)
            stack.callback(model.close)
            return model

        yield start


@pytest.mark.parametrize("mode", WITH_PROGRAM)
def test_a_program_comes_through(serve: Serve, mode: str) -> None:
    answers = serve(mode).complete([PROMPT] * 3, DECODING, [1, 2, 3])
    assert all("class Net(nn.Module)" in answer.text for answer in answers)
    assert [answer.finish_reason for answer in answers] == [FinishReason.STOP] * 3
    for answer in answers:
        answer.text.encode()


@pytest.mark.parametrize(
    ("mode", "learned"),
    [
        ("mct", ("max_tokens is sent as max_completion_tokens",)),
        ("temp", ("temperature = 1",)),
        ("gemini", ("seed is not sent", "top_k is not sent")),
    ],
)
def test_what_a_server_refuses_is_learned_once(serve: Serve, mode: str, learned: tuple[str, ...]) -> None:
    model = serve(mode)
    model.complete([PROMPT] * 6, DECODING, list(range(6)))
    assert model.adaptations == learned


@pytest.mark.parametrize(("mode", "said"), [("ctx_some", "maximum context length"), ("filter_some", "was filtered")])
def test_one_refused_request_is_one_failed_completion(serve: Serve, mode: str, said: str) -> None:
    answers = serve(mode).complete([PROMPT] * 6, DECODING, list(range(6)))
    refusals = [answer for answer in answers if answer.finish_reason is FinishReason.REFUSED]
    assert len(refusals) == 2
    assert all(answer.text == "" and said in answer.note for answer in refusals)
    assert all("class Net" in answer.text for answer in answers if answer not in refusals)


def test_reasoning_up_to_the_limit_advises_more_tokens(serve: Serve) -> None:
    [answer] = serve("reasoning_null_length").complete([PROMPT], DECODING, [1])
    assert (answer.text, answer.finish_reason) == ("", FinishReason.LENGTH)
    assert "llm.max_new_tokens" in answer.note


def test_an_event_stream_is_read(serve: Serve) -> None:
    assert serve("sse").complete([PROMPT], DECODING, [1])[0].text == "x"


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("err200_all", "Insufficient credits"),
        ("nochoice", "no choices"),
        ("nomodel", "try pulling it first"),
        ("html", "web page: Sign in to your proxy"),
        ("ctx_all", "maximum context length is 2048"),
    ],
)
def test_the_servers_own_words_are_shown(serve: Serve, mode: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        serve(mode).complete([PROMPT] * 8, DECODING, list(range(8)))


def test_a_pause_of_an_hour_ends_the_run_at_once(serve: Serve) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match="3,600 s"):
        serve("retry_after_long").complete([PROMPT], DECODING, [1])
    assert time.monotonic() - started < 10
