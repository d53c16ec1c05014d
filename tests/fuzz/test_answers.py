"""Whatever a model server answers is a completion, a refusal or one of the errors that are handled."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.values import ABSURD, DEEP, JSON, QUICK, TEXT, THOROUGH

from archwright.errors import ArchwrightError
from archwright.llm.answers import ServerError, WebPage, read_completion
from archwright.llm.messages import MOST_TOKENS, Unreadable
from archwright.llm.model import Decoding, Prompt
from archwright.llm.openai import OpenAIModel
from archwright.llm.parameters import Parameters
from archwright.llm.saying import said_by

DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=20)
PART = st.fixed_dictionaries({}, optional={"type": TEXT | st.just("thinking"), "text": JSON, "thinking": JSON})
MESSAGE = st.fixed_dictionaries(
    {}, optional={"content": st.lists(PART, max_size=3) | JSON, "reasoning": JSON, "refusal": JSON}
)
CHOICE = st.fixed_dictionaries(
    {},
    optional={"message": MESSAGE | JSON, "delta": MESSAGE | JSON, "index": JSON, "text": JSON, "finish_reason": JSON},
)
ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(CHOICE | JSON, max_size=3) | JSON,
        "usage": st.fixed_dictionaries({}, optional={"prompt_tokens": ABSURD | JSON}) | JSON,
        "error": st.fixed_dictionaries({}, optional={"message": JSON, "code": ABSURD | JSON, "msg": JSON}) | JSON,
        "detail": st.lists(st.fixed_dictionaries({"loc": JSON, "msg": JSON}), max_size=2) | JSON,
    },
)
STREAM = st.lists(ANSWER | st.just("[DONE]"), max_size=4).map(
    lambda events: "\n\n".join(f"data: {json.dumps(event)}" for event in events).encode()
)
CONTENT = (ANSWER | JSON).map(lambda answer: json.dumps(answer).encode()) | STREAM | st.binary(max_size=80)


@THOROUGH
@given(CONTENT, st.sampled_from(["", "application/json", "text/event-stream", "text/html"]))
@example(b'data: {"choices": 3}', "text/event-stream")
@example(b'data: {"choices": [{"delta": 3}]}', "text/event-stream")
def test_whatever_is_answered_is_a_completion_or_no_completion(content: bytes, kind: str) -> None:
    said_by(content)
    try:
        found = read_completion(content, kind)
    except (Unreadable, WebPage, ServerError):
        return
    assert 0 <= found.prompt_tokens <= MOST_TOKENS
    found.text.encode()


@pytest.mark.parametrize("content", DEEP)
def test_nesting_and_digits_without_end_are_no_completion(content: bytes) -> None:
    said_by(content)
    with pytest.raises((Unreadable, ServerError)):
        read_completion(content, "")


@THOROUGH
@given(
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | TEXT.map(lambda text: text.encode("utf-8", "replace"))
)
@example(b"temperature must be 1e5 only 99999999999999999999")
@example(b"temperature must be " + b"9" * 400)
@example(b"Unsupported parameter: max_tokens. Use max_completion_tokens instead.")
def test_no_refusal_keeps_a_request_from_being_written(refusal: bytes) -> None:
    parameters = Parameters()
    for _ in range(12):
        if not parameters.adapt(parameters.of(DECODING, 1), refusal):
            break
    json.dumps(parameters.of(DECODING, 1), allow_nan=False)


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "identity", "gzip, gzip", "é"]),
        "Content-Type": st.sampled_from(["text/html", "text/event-stream", ""]),
        "Retry-After": st.sampled_from(
            ["-1", "nan", "inf", "1e400", "Mon, 99 Foo 99999", "Tue, 01 Jan 0001 00:00:00 +2359"]
        ),
        "Location": st.sampled_from(["", "//", "http://[", "http://stranger.example/", "\x80"]),
    },
)


@QUICK
@given(CONTENT, HEADERS, st.sampled_from([200, 204, 302, 400, 401, 403, 422, 429, 500, 999]), st.booleans())
def test_a_request_ends_in_a_completion_or_in_an_error_of_ours(
    content: bytes, headers: dict[str, str], status: int, is_packed: bool
) -> None:
    body = gzip.compress(content) if is_packed else content
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=raw, stream=_Bytes(body)))
    model = OpenAIModel("http://127.0.0.1:9/v1", "m", retries=0, first_wait_s=0.0, timeout_s=20, transport=transport)
    with closing(model), contextlib.suppress(ArchwrightError):
        model.complete([Prompt("", "x")], DECODING, [1])


class _Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[Any]:
        yield self._content
