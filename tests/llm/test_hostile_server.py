"""Answers that are made to harm: endless, gigantic, nested, and numbers without end."""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import ANY

import pytest

from archwright.errors import ModelError
from archwright.llm.answers import read_completion
from archwright.llm.messages import Unreadable
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt
from archwright.llm.openai import OpenAIModel
from archwright.llm.usage import estimated_tokens

PROMPT = Prompt("", "Write a network.")
DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=20)
Answer = Callable[[BaseHTTPRequestHandler, int], None]
Connect = Callable[..., OpenAIModel]


@pytest.fixture
def against() -> Iterator[Connect]:
    """Serves with a function of the handler and the request's number; returns a client."""
    with ExitStack() as stack:

        def connect(answer: Answer, **options: Any) -> OpenAIModel:
            numbers = iter(range(10_000))

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:  # the name http.server calls
                    self.rfile.read(int(self.headers["Content-Length"]))
                    try:
                        answer(self, next(numbers))
                    except OSError:
                        self.close_connection = True

                def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
                    """Keep quiet."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            url = options.pop("url", "http://127.0.0.1:{port}/v1").format(port=server.server_port)
            model = OpenAIModel(url, "m", **{"first_wait_s": 0.01, "retries": 0, **options})
            stack.callback(model.close)
            return model

        yield connect


def send(handler: BaseHTTPRequestHandler, content: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def ask(model: OpenAIModel) -> Completion:
    return model.complete([PROMPT], DECODING, [1])[0]


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_bytes_that_trickle_end_at_the_deadline(against: Connect, start: bytes) -> None:
    def trickle(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.wfile.write(start)
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    started = time.monotonic()
    with pytest.raises(ModelError, match="took too long"):
        ask(against(trickle, timeout_s=0.5))
    assert time.monotonic() - started < 5


def test_a_compressed_bomb_is_refused(against: Connect) -> None:
    bomb = gzip.compress(b" " * (64 * 1024 * 1024))
    with pytest.raises(ModelError, match="16,777,216 bytes"):
        ask(against(lambda handler, _: send(handler, bomb, Content_Encoding="gzip")))


def test_a_compressed_answer_is_read_though_it_was_not_asked_for(against: Connect) -> None:
    packed = gzip.compress(json.dumps({"choices": [{"message": {"content": "hello"}}]}).encode())
    assert ask(against(lambda handler, _: send(handler, packed, Content_Encoding="gzip"))).text == "hello"


@pytest.mark.parametrize(
    ("encoding", "start", "end"), [("deflate", 0, None), ("deflate", 2, -4), ("utf-8", None, None)]
)
def test_an_encoding_is_told_by_how_the_answer_begins(
    against: Connect, encoding: str, start: int | None, end: int | None
) -> None:
    plain = json.dumps({"choices": [{"message": {"content": "hello"}}]}).encode()
    packed = plain if start is None else zlib.compress(plain)[start:end]
    assert ask(against(lambda handler, _: send(handler, packed, Content_Encoding=encoding))).text == "hello"


def test_a_compressed_answer_whose_header_was_lost_is_read(against: Connect) -> None:
    packed = gzip.compress(json.dumps({"choices": [{"message": {"content": "hello"}}]}).encode())
    assert ask(against(lambda handler, _: send(handler, packed))).text == "hello"


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"a":' * 200_000, b"null", b"[]", b"3", b'"x"', b'{"choices": [null]}', b'{"choices": {}}'],
)
def test_what_is_no_completion_is_a_model_error(against: Connect, content: bytes) -> None:
    with pytest.raises(ModelError, match="its answer"):
        ask(against(lambda handler, _: send(handler, content)))


@pytest.mark.parametrize("count", ["1e999", "-5", "9" * 4000, '"x"', "[]", "null", "true", "1" + "0" * 30])
def test_absurd_token_counts_are_zero(count: str) -> None:
    content = f'{{"choices": [{{"message": {{"content": "x"}}}}], "usage": {{"prompt_tokens": {count}}}}}'
    assert read_completion(content.encode(), "").prompt_tokens == 0


@pytest.mark.parametrize("message", ['{"content": null}', "null", "{}", '{"content": [null, 3, {"text": null}]}'])
def test_nulls_anywhere_are_an_empty_completion(message: str) -> None:
    content = f'{{"choices": [{{"message": {message}, "finish_reason": null}}], "usage": null, "error": null}}'
    assert read_completion(content.encode(), "").finish_reason is FinishReason.EMPTY


def test_an_event_stream_of_nonsense_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_completion(b'data: {"choices": null}\n\ndata: 3\n\n', "text/event-stream")


def test_a_stream_that_breaks_off_between_events_is_asked_for_again(against: Connect) -> None:
    part = b'data: {"choices": [{"delta": {"content": "class Net"}}]}\n\n'

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        send(handler, part + (b'data: {"choices": [{"delta": {"content": ": pass"}}]}\n\ndata: [DONE]\n\n') * number)

    assert ask(against(answer, retries=1)).text == "class Net: pass"


def test_a_prompt_that_a_server_does_not_count_is_estimated(against: Connect) -> None:
    usage = {"prompt_tokens": 0, "completion_tokens": 7}
    content = json.dumps({"choices": [{"message": {"content": "fine"}}], "usage": usage}).encode()
    answer = ask(against(lambda handler, _: send(handler, content)))
    expected = estimated_tokens(str(PROMPT))
    assert (answer.prompt_tokens, answer.completion_tokens, answer.is_estimated) == (expected, 7, True)


def test_finished_answers_outlive_a_request_that_fails_for_good(against: Connect) -> None:
    ok = json.dumps({"choices": [{"message": {"content": "fine"}}]}).encode()

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        send(handler, ok if number < 3 else b'{"error": "no more"}', 200 if number < 3 else 401)

    stream = against(answer, concurrency=2).stream([PROMPT] * 6, DECODING, list(range(6)))
    found = dict(next(stream) for _ in range(3))  # Of which prompts: those whose requests came first.
    assert list(found.values()) == [Completion("fine", ANY, ANY, FinishReason.STOP, ANY, is_estimated=True)] * 3
    with pytest.raises(ModelError, match="no more"):
        next(stream)


def test_a_password_in_the_address_is_used_and_never_shown(against: Connect) -> None:
    seen = []

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        seen.append(handler.headers["Authorization"])
        send(handler, b'{"error": {"message": "wrong password geheim"}}', 401)

    model = against(answer, url="http://user:geheim@127.0.0.1:{port}/v1")
    with pytest.raises(ModelError) as failure:
        ask(model)
    assert seen[0].startswith("Basic ")
    assert "geheim" not in str(failure.value) + model.name


def test_a_proxy_of_the_environment_is_not_used_for_loopback(against: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ok = json.dumps({"choices": [{"message": {"content": "fine"}}]}).encode()
    assert ask(against(lambda handler, _: send(handler, ok))).text == "fine"


def test_a_proxy_that_stands_between_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:geheim@127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    model = OpenAIModel("http://models.example/v1", "m", retries=0, timeout_s=5)
    with pytest.raises(ModelError, match=r"through the proxy http://\*\*\*@127.0.0.1:9"):
        ask(model)
    model.close()
