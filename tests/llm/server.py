"""An OpenAI-compatible server around any LanguageModel, for tests and for trying things out.

    python -m tests.llm.server --model smollm2-135m --port 8000

Serves `POST /v1/chat/completions` on the loopback interface, one completion at a time. Faults can be injected: each of
the next requests meets one of them, then all is well again. Not made for the open network: no encryption, no limits.
"""

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from archwright.llm.model import Completion, Decoding, FinishReason, LanguageModel, Prompt

SLOW_S = 2.0
"""How long a `SLOW` request waits before it is answered."""


class Fault(StrEnum):
    """What can go wrong with a request."""

    RATE_LIMIT = "rate_limit"  # 429 with Retry-After
    ERROR = "error"  # 500
    TRUNCATED = "truncated"  # the JSON ends in the middle
    HANG_UP = "hang_up"  # the connection is closed without an answer
    SLOW = "slow"  # answered, but late
    EMPTY = "empty"  # an answer without text
    NO_USAGE = "no_usage"  # an answer without token counts
    REFUSED = "refused"  # 400 with a message


class ModelServer:
    """A running server on a free port; use it as a context manager.

    `requests` are the bodies received so far and `keys` the Authorization headers, so that tests can look at both.
    """

    def __init__(self, model: LanguageModel, *, port: int = 0, key: str | None = None) -> None:
        """Serve `model`; with `key`, refuse requests that do not carry it."""
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.most_at_once = 0
        """The highest number of requests that were open together."""
        self._model = model
        self._key = key
        self._faults: deque[Fault] = deque()
        self._lock = Lock()
        self._model_lock = Lock()
        self._open = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base address to give to a client."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def inject(self, faults: Iterable[Fault]) -> None:
        """Let the next requests meet these faults, one each."""
        with self._lock:
            self._faults.extend(faults)

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def enter(self, authorization: str | None) -> Fault | None:
        """Note that a request began; return the fault it meets."""
        with self._lock:
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
            self.keys.append(authorization)
            return self._faults.popleft() if self._faults else None

    def leave(self) -> None:
        """Note that a request ended."""
        with self._lock:
            self._open -= 1

    def is_allowed(self, authorization: str | None) -> bool:
        """Return whether a request with this header may ask."""
        return self._key is None or authorization == f"Bearer {self._key}"

    def complete(self, body: dict[str, Any]) -> Completion:
        """Return the model's completion of a request's body."""
        with self._lock:
            self.requests.append(body)
        messages = {message["role"]: message["content"] for message in body["messages"]}
        prompt = Prompt(messages.get("system", ""), messages["user"])
        decoding = Decoding(
            body.get("temperature", 1.0), body.get("top_k", 0), body.get("top_p", 1.0), body.get("max_tokens", 512)
        )
        with self._model_lock:
            return self._model.complete([prompt], decoding, [body.get("seed", 0)])[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(_Handler):
            server_owner = owner

        return Handler


class _Handler(BaseHTTPRequestHandler):
    server_owner: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name http.server calls
        owner = self.server_owner
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        authorization = self.headers.get("Authorization")
        fault = owner.enter(authorization)
        try:
            if not owner.is_allowed(authorization):
                self._send(401, {"error": {"message": "the key is wrong"}})
            elif self.path != "/v1/chat/completions":
                self._send(404, {"error": {"message": f"there is nothing at {self.path}"}})
            else:
                self._answer(body, fault)
        finally:
            owner.leave()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name http.server gives it
        """Keep quiet."""

    def _answer(self, body: dict[str, Any], fault: Fault | None) -> None:
        match fault:
            case Fault.RATE_LIMIT:
                self._send(429, {"error": {"message": "too many requests"}}, {"Retry-After": "0.05"})
            case Fault.ERROR:
                self._send(500, {"error": {"message": "something broke"}})
            case Fault.REFUSED:
                self._send(400, {"error": {"message": "this model does not exist"}})
            case Fault.HANG_UP:
                self.close_connection = True
            case Fault.TRUNCATED:
                self._send(200, b'{"choices": [{"message": {"content": "```pyt')
            case Fault.EMPTY:
                self._send(200, _chat(Completion("", 5, 0, FinishReason.EMPTY, 0.0)))
            case Fault.NO_USAGE:
                self._send(200, {**_chat(self.server_owner.complete(body)), "usage": None})
            case Fault.SLOW:
                time.sleep(SLOW_S)
                self._send(200, _chat(self.server_owner.complete(body)))
            case None:
                self._send(200, _chat(self.server_owner.complete(body)))

    def _send(self, status: int, content: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # The client gave up waiting.


def _chat(completion: Completion) -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": completion.text},
                "finish_reason": "length" if completion.finish_reason is FinishReason.LENGTH else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": completion.prompt_tokens,
            "completion_tokens": completion.completion_tokens,
            "total_tokens": completion.prompt_tokens + completion.completion_tokens,
        },
    }


def main() -> None:
    """Serve a model until interrupted; the first line of the output is the address."""
    from archwright.config import LlmConfig
    from archwright.llm.registry import load_model

    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for tests.")
    parser.add_argument("--model", default="smollm2-135m", help="as in llm.model")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--fault", action="append", default=[], type=Fault, help="met by one request each, in order")
    options = parser.parse_args()
    server = ModelServer(load_model(LlmConfig(model=options.model)), port=options.port)
    server.inject(options.fault)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main()
