"""The dialects of servers, read without a network: what they refuse, how they answer, how long they ask to wait."""

import email.utils
import json
import time
from dataclasses import replace

import httpx
import pytest

from archwright.llm.answers import ServerError, WebPage, read_completion
from archwright.llm.messages import Unreadable
from archwright.llm.model import Decoding, FinishReason, Prompt
from archwright.llm.parameters import Parameters
from archwright.llm.pauses import asked_pause_s
from archwright.llm.saying import is_about_account, is_about_model, is_about_prompt, model_names, said_by
from archwright.llm.server import Server

DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=2048)
FORBIDDEN = "Extra inputs are not permitted"
REFUSALS = {
    "renamed": (
        "please set max_completion_tokens instead of max_tokens",
        "max_tokens is sent as max_completion_tokens",
    ),
    "missing": (
        {"detail": [{"type": "missing", "loc": ["body", "max_completion_tokens"], "msg": "Field required"}]},
        "max_tokens is sent as max_completion_tokens",
    ),
    "offered": (
        {"error": "unknown field `max_tokens`, expected one of `max_new_tokens`, `temperature`, `seed`"},
        "max_tokens is sent as max_new_tokens",
    ),
    "at most": ("max_tokens is too large: 2048. This model supports at most 1024 tokens", "max_tokens = 1024"),
    "a range of tokens": ("Invalid max_tokens value, the valid range of max_tokens is [1, 1024]", "max_tokens = 1024"),
    "less than": ("`max_tokens` must be less than or equal to `1024`", "max_tokens = 1024"),
    "allowed": ("max_tokens (2048) exceeds maximum allowed 1024", "max_tokens = 1024"),
    "a limit under another name": (
        "Input validation error: `max_new_tokens` must be <= 1024. Given: 2048",
        "max_tokens = 1024",
    ),
    "one temperature": ("temperature: this model requires temperature to be 1", "temperature = 1"),
    "another temperature": ("invalid temperature: only 0.6 is allowed for this model", "temperature = 0.6"),
    "a range of temperatures": ("temperature must be in range [0.3, 1.0]", "temperature = 0.3"),
    "an open range of temperatures": ("temperature must be in (0.3, 1.0]", "temperature = 0.3"),
    "a limit beside what was asked": (
        "max_tokens: 2048 > 1024, which is the maximum allowed number of output tokens",
        "max_tokens = 1024",
    ),
    "temperature between": ("temperature must be between 0.5 and 1.0", "temperature = 0.5"),
    "either": ("`temperature` and `top_p` cannot both be specified for this model", "top_p is not sent"),
    "top_p": ({"detail": [{"loc": ["body", "top_p"], "msg": FORBIDDEN, "input": 0.9}]}, "top_p is not sent"),
    "seed": ({"message": {"detail": [{"loc": ["body", "seed"], "msg": FORBIDDEN}]}}, "seed is not sent"),
    "unknown field": ("unknown field `top_k`, expected one of `temperature`, `top_p`, `seed`", "top_k is not sent"),
    "camel case": ("Argument not supported on this model: topK", "top_k is not sent"),
    "camel case limit": ("Unknown parameter: maxTokens", "max_tokens is not sent"),
    "a property": ("property 'top_k' is unsupported", "top_k is not sent"),
    "did you mean": (
        "Unknown parameter: max_tokens. Did you mean max_output_tokens?",
        "max_tokens is sent as max_output_tokens",
    ),
    "only two roles": (
        {"detail": "Only user and assistant roles are supported!"},
        "the system message is sent with the question",
    ),
    "no system role": ("System role not supported", "the system message is sent with the question"),
    "no system message": (
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "the system message is sent with the question",
    ),
    "roles": (
        "Conversation roles must alternate user/assistant/user/assistant",
        "the system message is sent with the question",
    ),
    "streams": ("This model only support stream mode, please enable the stream parameter", "stream = 1"),
    "stream mode": ("Only stream mode is supported; set stream=true", "stream = 1"),
    "requires streaming": ("This endpoint requires streaming", "stream = 1"),
    "not without streams": ("Non-streaming requests are not supported; use stream=true", "stream = 1"),
    "not with thoughts": (
        "parameter.enable_thinking must be set to false for non-streaming calls",
        "stream = 1",
    ),
    "not false": ("stream=false is not supported for this model", "stream = 1"),
}


@pytest.mark.parametrize(("refusal", "learned"), REFUSALS.values(), ids=list(REFUSALS))
def test_what_a_refusal_names_is_adapted(refusal: object, learned: str) -> None:
    parameters = Parameters()
    body = {"error": {"message": refusal}} if isinstance(refusal, str) else refusal
    assert parameters.adapt(parameters.of(DECODING, 1), json.dumps(body).encode())
    assert parameters.adaptations == (learned,)


@pytest.mark.parametrize("refusal", ["stream=true is not supported", "stream_options is only allowed with a stream"])
def test_a_refusal_of_streams_asks_for_none(refusal: str) -> None:
    parameters = Parameters()
    assert not parameters.adapt(parameters.of(DECODING, 1), json.dumps({"error": {"message": refusal}}).encode())


def test_a_refusal_in_plain_text_or_html_is_understood() -> None:
    for refusal in (b"unknown field `top_k` at line 1", b"<html><body>Bad Request: top_k</body></html>"):
        parameters = Parameters()
        assert parameters.adapt(parameters.of(DECODING, 1), refusal)
        assert "top_k" not in parameters.of(DECODING, 1)


def test_a_context_that_is_too_short_changes_nothing() -> None:
    parameters = Parameters()
    refusal = b"max_tokens is too large: 2048. This model's maximum context length is 1024 tokens"
    assert not parameters.adapt(parameters.of(DECODING, 1), refusal)
    assert parameters.of(DECODING, 1)["max_tokens"] == 2048


def test_without_a_system_role_the_message_stands_before_the_question() -> None:
    parameters = Parameters()
    assert [each["role"] for each in parameters.messages(Prompt("Be brief.", "Hello."))] == ["system", "user"]
    assert parameters.adapt_roles(b'{"error": {"message": "System role not supported"}}')
    assert not parameters.adapt_roles(b'{"error": {"message": "System role not supported"}}')
    assert parameters.messages(Prompt("Be brief.", "Hello.")) == [{"role": "user", "content": "Be brief.\n\nHello."}]


THOUGHTFUL = {"choices": [{"message": {"content": "net", "reasoning_content": "x" * 297}}]}
OK = {"choices": [{"index": 0, "message": {"content": "net"}, "finish_reason": "stop"}]}
ANSWERS: dict[str, object] = {
    "parts": {"choices": [{"message": {"content": [{"type": "text", "text": "n"}, {"type": "text", "text": "et"}]}}]},
    "output parts": {"choices": [{"message": {"content": [{"type": "output_text", "text": "net"}]}}]},
    "out of order": {"choices": [{"index": 1, "text": "no"}, {"index": 0, "message": {"content": "net"}}]},
    "the first is empty": {"choices": [{"message": {"content": ""}}, {"index": 1, "message": {"content": "net"}}]},
    "choices by name": {"choices": {"0": {"message": {"content": "net"}}}},
    "a message of text": {"choices": [{"message": "net"}]},
    "a delta": {"choices": [{"delta": {"content": "net"}}]},
    "several messages": {"choices": [{"messages": [{"content": "tool"}, {"content": "net"}]}]},
    "wrapped": {"code": 0, "data": OK},
    "a result": {"result": {"response": "net"}, "success": True, "errors": []},
    "Ollama": {"message": {"role": "assistant", "content": "net"}, "done": True},
    "Ollama, generate": {"response": "net", "done": True},
    "Anthropic": {"type": "message", "content": [{"type": "text", "text": "net"}], "stop_reason": "end_turn"},
    "Responses": {"output": [{"type": "reasoning"}, {"content": [{"type": "output_text", "text": "net"}]}]},
    "Gemini": {"candidates": [{"content": {"parts": [{"text": "net"}]}, "finishReason": "STOP"}]},
    "Gemini's thoughts": {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "net"}]}}]},
    "JSON in JSON": json.dumps(OK),
    "TGI": [{"generated_text": "net"}],
    "llama.cpp": {"content": "net", "stop": True},
    "a tool's arguments": {"choices": [{"message": {"tool_calls": [{"function": {"arguments": "net"}}]}}]},
    "what a tool is given": {"content": [{"type": "tool_use", "input": "net"}], "stop_reason": "tool_use"},
    "a function of Responses": {"output": [{"type": "reasoning"}, {"type": "function_call", "arguments": "net"}]},
    "Bedrock": {"output": {"message": {"role": "assistant", "content": [{"text": "net"}]}}, "stopReason": "end_turn"},
    "Cohere": {"text": "net", "finish_reason": "COMPLETE"},
    "DashScope": {"output": OK, "usage": {}},
    "a function's arguments": {"choices": [{"message": {"content": None, "function_call": {"arguments": "net"}}}]},
}  # fmt: skip
BYTES = {
    "BOM": b"\xef\xbb\xbf" + json.dumps(OK).encode(),
    "comments before": b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + json.dumps(OK).encode(),
    "UTF-16": json.dumps(OK).encode("utf-16"),
    "blanks before": b"\n\n  " + json.dumps(OK).encode(),
    "something after": json.dumps(OK).encode() + b"\n" + b'{"x": 1}',
    "NaN": json.dumps(OK).encode().replace(b'"index": 0', b'"index": NaN, "logprob": -Infinity'),
    "keys twice": b'{"choices": [], ' + json.dumps(OK).encode()[1:],
    "lines": b'{"message": {"content": "n"}, "done": false}\n{"message": {"content": "et"}, "done": true}\n',
    "events of Anthropic": b"event: content_block_delta\n"
    b'data: {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "net"}}\n\n'
    b'event: y\ndata: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}\n\n',
    "events of Responses": b'data: {"type": "response.output_text.delta", "delta": "n"}\n\n'
    b'data: {"type": "response.output_text.delta", "delta": "et"}\n\n'
    b'data: {"type": "response.completed", "response": {"output": [{"content": [{"text": "net"}]}]}}\n\n',
    "events of Gemini": b'data: {"candidates": [{"content": {"parts": [{"text": "n"}]}}]}\n\n'
    b'data: {"candidates": [{"content": {"parts": [{"text": "et"}]}, "finishReason": "STOP"}]}\n\n',
    "events of Gemini in an array": b'[{"candidates": [{"content": {"parts": [{"text": "n"}]}}]},\n'
    b'{"candidates": [{"content": {"parts": [{"text": "et"}]}, "finishReason": "STOP"}]}]',
    "events behind a byte order mark": b'\xef\xbb\xbfdata: {"choices": [{"delta": {"content": "n"}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "et"}, "finish_reason": "stop"}]}\n\n',
    "the body that a function returns": json.dumps(
        {"statusCode": 200, "body": json.dumps({"choices": [{"message": {"content": "net"}}]})}
    ).encode(),
    "a choice that is its message": b'{"choices": [{"role": "assistant", "content": "net"}]}',
    "events of TGI": b'data: {"token": {"text": "net"}, "generated_text": "net"}\n\n',
    "events of llama.cpp": b'data: {"content": "n"}\n\ndata: {"content": "et", "stop": true}\n\n',
    "events without blank lines": b'data: {"choices": [{"delta": {"content": "n"}}]}\n'
    b'data: {"choices": [{"delta": {"content": "et"}, "finish_reason": "stop"}]}\ndata: [DONE]\n',
    "events of texts": b'data: {"choices": [{"text": "n"}]}\n\ndata: {"choices": [{"text": "et"}]}\n\ndata: [done]\n\n',
    "events of another index": b'data: {"choices": [{"index": "0", "delta": {"content": "net"}}]}\n\n'
    b'data: {"choices": [{"index": 1, "delta": {"content": "no"}}]}\n\ndata: [DONE]\n\n',
    "events": b': busy\r\n\r\ndata: {"choices": [{"delta": {"content": "net"}}]}\r\n\r\ndata: [DONE]\r\n\r\n',
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
def test_an_answer_of_another_shape_is_not_lost(answer: object) -> None:
    found = read_completion(json.dumps(answer).encode(), "application/json")
    assert (found.text, found.finish_reason) == ("net", FinishReason.STOP)


@pytest.mark.parametrize("content", BYTES.values(), ids=list(BYTES))
def test_an_answer_written_another_way_is_not_lost(content: bytes) -> None:
    assert read_completion(content, "application/json").text == "net"


PART = b'data: {"choices": [{"delta": {"content": "net"}, "finish_reason": null}]}\n\n'
BROKEN = {
    "between events": PART,
    "before the end of all": PART + b'data: {"choices": [], "usage": {"completion_tokens": 1}}\n\n',
    "in the middle of an event": PART + PART[:20],
    "of Anthropic": BYTES["events of Anthropic"].partition(b"event: y")[0],
    "of Responses": b'data: {"type": "response.output_text.delta", "delta": "net"}\n\n',
    "of Gemini": b'data: {"candidates": [{"content": {"parts": [{"text": "net"}]}}]}\n\n',
    "lines": b'{"message": {"content": "n"}, "done": false}\n{"message": {"content": "et"}, "done": false}\n',
    "one line": b'{"message": {"content": "net"}, "done": false}\n',
    "a reason that is none": PART.replace(b"null", b'"null"'),
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=list(BROKEN))
def test_a_stream_that_breaks_off_is_no_answer(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_completion(content, "application/json")


@pytest.mark.parametrize(
    "content",
    [
        PART.replace(b"null", b'"length"') + b"data: [DONE]\n\n",
        b'{"message": {"content": "n"}, "done": false}\n'
        b'{"message": {"content": "et"}, "done": true, "done_reason": "length"}\n',
        b'data: {"type": "response.output_text.delta", "delta": "net"}\n\n'
        b'data: {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_tokens"}}}\n\n',
        b'data: {"candidates": [{"content": {"parts": [{"text": "net"}]}, "finishReason": "MAX_TOKENS"}]}\n\n',
    ],
    ids=["OpenAI", "Ollama", "Responses", "Gemini"],
)
def test_a_stream_that_ends_at_the_limit_says_so(content: bytes) -> None:
    found = read_completion(content, "application/json")
    assert (found.text, found.finish_reason) == ("net", FinishReason.LENGTH)


def test_blanks_between_the_words_of_a_stream_are_kept() -> None:
    lines = [{"message": {"content": part}, "done": part == ""} for part in ("a", "\n", "    ", "b", "")]
    assert read_completion("\n".join(map(json.dumps, lines)).encode(), "").text == "a\n    b"


def streamed(*deltas: dict[str, object], finish: str = "stop") -> bytes:
    choices: list[dict[str, object]] = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    return b"".join(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n" for choice in choices)


def called(given: object, index: int = 0) -> dict[str, object]:
    return {"tool_calls": [{"index": index, "function": {"name": "submit", "arguments": given}}]}


CODE = json.dumps({"code": "net"})
CALLS = {
    "in parts": streamed(called(""), called(CODE[:5]), called(CODE[5:]), finish="tool_calls"),
    "whole": streamed(called({"code": "net"}), finish="tool_calls"),
    "a function": streamed({"function_call": {"arguments": CODE[:5]}}, {"function_call": {"arguments": CODE[5:]}}),
    "Anthropic": b"".join(
        b'data: {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '
        + json.dumps(part).encode() + b"}}\n\n" for part in (CODE[:5], CODE[5:])
    ) + b'data: {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}\n\n',
    "Responses": b"".join(
        b'data: {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '
        + json.dumps(part).encode() + b"}\n\n" for part in (CODE[:5], CODE[5:])
    ) + b'data: {"type": "response.completed", "response": {}}\n\n',
}  # fmt: skip


@pytest.mark.parametrize("content", CALLS.values(), ids=list(CALLS))
def test_what_a_stream_hands_to_a_tool_is_not_lost(content: bytes) -> None:
    assert read_completion(content, "text/event-stream").text == CODE


def test_calls_of_two_tools_do_not_mix_in_a_stream() -> None:
    content = streamed(called(CODE[:5]), called('{"a":', 1), called(CODE[5:]), called("1}", 1))
    assert read_completion(content, "text/event-stream").text == f'{CODE}\n{{"a":1}}'


def test_what_a_stream_says_once_more_is_said_once() -> None:
    text = "```python\nclass Net: pass\n```"
    events = [{"choices": [{"message": {"content": text[:end]}}]} for end in (5, 10, len(text))]
    again = {"choices": [{"delta": {}, "message": {"content": text}, "finish_reason": "stop"}]}
    for stream in (events, [{"choices": [{"delta": {"content": text}}]}]):
        content = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in (*stream, again))
        assert read_completion(content, "text/event-stream").text == text


def test_half_an_answer_that_a_filter_left_is_no_answer() -> None:
    for content in (streamed({"content": "ne"}, finish="content_filter"),
                    b'{"choices": [{"message": {"content": "ne"}, "finish_reason": "SAFETY"}]}'):  # fmt: skip
        found = read_completion(content, "")
        assert (found.text, found.finish_reason) == ("", FinishReason.REFUSED)
        assert "content filter cut off" in found.note


def test_a_model_that_declines_in_a_stream_has_refused() -> None:
    assert read_completion(streamed({"refusal": "I cannot"}), "").finish_reason is FinishReason.REFUSED


def test_an_error_that_only_its_event_names_is_one() -> None:
    content = streamed({"content": "ne"})[:-1] + b'\nevent: error\ndata: {"message": "upstream died"}\n\n'
    with pytest.raises(ServerError, match="upstream died"):
        read_completion(content, "text/event-stream")


def test_a_response_that_failed_in_its_stream_is_an_error() -> None:
    failed = {"type": "response.failed", "response": {"error": {"code": "server_error", "message": "no memory"}}}
    with pytest.raises(ServerError, match="no memory"):
        read_completion(b"data: " + json.dumps(failed).encode(), "text/event-stream")


@pytest.mark.parametrize(("raw", "text"), [(b"\xff", "a\ufffdb"), (b"\n", "a\nb"), (b"\xe9", "a\ufffdb")])
def test_bytes_that_are_no_json_cost_no_answer(raw: bytes, text: str) -> None:
    content = b'{"choices": [{"message": {"content": "a' + raw + b'b"}}]}'
    assert read_completion(content, "").text == text


@pytest.mark.parametrize(
    "reason",
    [
        "length",
        "max_tokens",
        "MAX_TOKENS",
        "max_output_tokens",
        "model_length",
        "max_length",
        "eos_length",
        "token_limit",
        "max_completion_tokens",
        "model_context_window_exceeded",
    ],
)
def test_an_end_at_the_limit_is_known_by_any_name(reason: str) -> None:
    content = json.dumps({"choices": [{"message": {"content": "ne"}, "finish_reason": reason}]}).encode()
    assert read_completion(content, "").finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize(
    "message", [{"content": None, "refusal": "I cannot."}, {"content": [{"type": "refusal", "refusal": "I cannot."}]}]
)
def test_a_model_that_declines_has_refused_one_prompt(message: object) -> None:
    found = read_completion(json.dumps({"choices": [{"message": message}]}).encode(), "")
    assert (found.finish_reason, found.note) == (FinishReason.REFUSED, "the model declined: I cannot.")
    assert is_about_prompt(found.note)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"Ollama is running", "Ollama is running"),
        (
            b'{"choices": [{"message": {"content": "ne"}, "finish_reason": "insufficient_system_resource"}]}',
            "broke off",
        ),
        (b'{"choices": null, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}', "balance"),
        (b'{"code": 500, "msg": "404 NOT_FOUND", "success": false}', "404 NOT_FOUND"),
        (b'{"message": "no such route"}', "no such route"),
    ],
)
def test_what_is_no_answer_says_what_it_is(content: bytes, said: str) -> None:
    with pytest.raises((Unreadable, ServerError, WebPage), match=said):
        read_completion(content, "application/json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": "no model"}', "no model"),
        (b'{"errors": [{"message": "used up", "code": "x"}]}', "used up"),
        (b'[{"error": {"message": "a list"}}]', "a list"),
        (b'{"error": {"message": "{\\"error\\": {\\"message\\": \\"within\\"}}"}}', "within"),
        (b'{"type": "about:blank", "title": "Forbidden", "status": 403}', "Forbidden"),
        (b'{"Message": "not authorized"}', "not authorized"),
        (b'{"detail": [{"loc": ["body", "n"], "msg": "too many"}]}', "body.n: too many"),
        (b"<html><style>a{}</style><h1>502 Bad&nbsp;Gateway</h1></html>", "502 Bad Gateway"),
        (b"\x1b[31mred\x1b[0m \x07 \xe2\x80\xaeleft", "red left"),
        (b"{}", ""),
    ],
)
def test_the_words_of_an_error_are_found_and_made_plain(content: bytes, said: str) -> None:
    assert said_by(content) == said


@pytest.mark.parametrize(
    ("headers", "said", "content", "pause_s"),
    [
        ({"Retry-After": "7"}, "", b"", 7.0),
        ({"Retry-After": "-7"}, "", b"", 0.0),
        ({"Retry-After": "inf"}, "", b"", None),
        ({"Retry-After": "soon"}, "", b"", None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00"}, "", b"", 0.0),
        ({"Retry-After-Ms": "250"}, "", b"", 0.25),
        ({}, "Please try again in 20ms.", b"", 0.02),
        ({}, "Please retry in 34.5s.", b"", 34.5),
        ({}, "Please try again in 1h2m3s.", b"", 3723.0),
        ({}, "Try again later", b"", None),
        ({"Retry-After": "90s"}, "", b"", 90.0),
        ({"X-Retry-After": "7"}, "", b"", 7.0),
        ({}, "Please wait 90 seconds before retrying", b"", 90.0),
        ({}, "Try again in 2 minutes", b"", 120.0),
        ({}, "Please retry after 500 milliseconds.", b"", 0.5),
        ({"X-RateLimit-Reset-Requests": "1m30s", "X-RateLimit-Remaining-Requests": "0"}, "", b"", 90.0),
        ({"X-RateLimit-Reset-Requests": "1m30s", "X-RateLimit-Remaining-Requests": "5"}, "", b"", None),
        (
            {
                "X-RateLimit-Reset-Tokens": "9s",
                "X-RateLimit-Remaining-Tokens": "0",
                "X-RateLimit-Reset-Requests": "90",
                "X-RateLimit-Remaining-Requests": "0",
            },
            "",
            b"",
            90.0,
        ),
        ({"RateLimit-Reset": "7", "RateLimit-Remaining": "0"}, "", b"", 7.0),
        ({"RateLimit": '"default";r=0;t=7'}, "", b"", 7.0),
        ({"RateLimit": "limit=10, remaining=0, reset=7"}, "", b"", 7.0),
        ({"RateLimit": "limit=10, remaining=3, reset=7"}, "", b"", None),
        ({}, "quota", b'{"error": {"details": [{"@type": "RetryInfo", "retryDelay": "7s"}]}}', 7.0),
        ({}, "busy", b'{"error": {"message": "busy", "retry_after": 7}}', 7.0),
        ({}, "Model m is loading", b'{"error": "loading", "estimated_time": 20.5}', 20.5),
        ({}, "Model m is loading", b'{"estimated_time": 4000}', 60.0),
    ],
)
def test_the_pause_that_a_server_asks_for_is_understood(
    headers: dict[str, str], said: str, content: bytes, pause_s: float | None
) -> None:
    assert asked_pause_s(httpx.Headers(headers), said, content) == pause_s


def test_a_moment_at_which_a_limit_begins_anew_is_a_pause() -> None:
    moment = time.time() + 30
    for reset in (f"{moment:.0f}", f"{moment * 1000:.0f}", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))):
        headers = httpx.Headers({"X-RateLimit-Reset": reset, "X-RateLimit-Remaining": "0"})
        quoted = json.dumps({"error": {"metadata": {"headers": {"X-RateLimit-Reset": reset}}}}).encode()
        for pause_s in (asked_pause_s(headers, "", b""), asked_pause_s(httpx.Headers(), "", quoted)):
            assert pause_s is not None
            assert 20 < pause_s < 32


def test_messages_are_sent_in_parts_where_a_server_wants_them() -> None:
    parameters = Parameters()
    refusal = b'{"detail": [{"loc": ["body", "messages", 0, "content"], "msg": "Input should be a valid list"}]}'
    assert parameters.adapt(parameters.of(DECODING, 1), refusal)
    assert parameters.messages(Prompt("", "Hello.")) == [
        {"role": "user", "content": [{"type": "text", "text": "Hello."}]}
    ]


def test_a_date_to_wait_for_is_a_pause() -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    pause_s = asked_pause_s(httpx.Headers({"Retry-After": date}), "", b"")
    assert pause_s is not None
    assert 20 < pause_s < 31


@pytest.mark.parametrize(
    "said",
    [
        "the request exceeds the available context size, try increasing it",
        "prompt is too long: 204698 tokens > 200000 maximum",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        "Input is too long for requested model.",
        "Output data may contain inappropriate content.",
    ],
)
def test_a_refusal_of_one_prompt_is_told_from_one_of_all(said: str) -> None:
    assert is_about_prompt(said)
    assert not is_about_prompt("Incorrect API key provided")
    assert is_about_prompt("系统检测到输入或生成内容可能包含不安全或敏感内容")


def test_a_refusal_for_money_and_one_for_the_model_are_known() -> None:
    assert is_about_account("You exceeded your current quota, please check your plan and billing details.")
    assert not is_about_account("Rate limit reached for requests")
    assert is_about_account("账户已欠费")
    assert is_about_model("The model `m` does not exist or you do not have access to it.")
    assert not is_about_model("this model does not support images")


def test_the_models_of_a_server_are_listed_up_to_eight() -> None:
    listed = json.dumps({"data": [{"id": f"m{number}\x1b[0m"} for number in range(20)]}).encode()
    assert model_names(listed) == [f"m{number}" for number in range(8)]
    assert model_names(b'{"models": [{"name": "llama"}]}') == ["llama"]
    for nothing in (b"", b"null", b'{"data": [3, null, {}]}', b"[" * 90_000):
        assert model_names(nothing) == []


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("http://h:8000/v1", "http://h:8000/v1/chat/completions"),
        ("http://h:8000/v1/", "http://h:8000/v1/chat/completions"),
        ("http://h:8000/v1/chat/completions", "http://h:8000/v1/chat/completions"),
        ("http://h:8000", "http://h:8000/chat/completions"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"),
        ("http://user:geheim@h/v1", "http://h/v1/chat/completions"),
        ("https://h/v1?api-version=1", "https://h/v1/chat/completions?api-version=1"),
    ],
)
def test_an_address_is_understood_as_people_write_it(address: str, endpoint: str) -> None:
    assert str(Server(address).url) == endpoint


def test_the_loopback_address_of_version_six_is_local() -> None:
    assert Server("http://[::1]:8000/v1").is_local


@pytest.mark.parametrize(
    ("counts", "tokens"),
    [
        ({"usage": {"prompt_tokens": 10, "completion_tokens": 30, "total_tokens": 40}}, (10, 30)),
        ({"usage": {"prompt_tokens": 10, "completion_tokens": 30,
                    "completion_tokens_details": {"reasoning_tokens": 25}}}, (10, 30)),
        ({"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40}}, (10, 30)),
        ({"usage": {"prompt_tokens": 10, "completion_tokens": 5,
                    "completion_tokens_details": {"reasoning_tokens": 25}}}, (10, 30)),
        ({"usage": {"input_tokens": 4, "cache_read_input_tokens": 6, "output_tokens": 30}}, (10, 30)),
        ({"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 40}}, (10, 30)),
        ({"prompt_eval_count": 10, "eval_count": 30}, (10, 30)),
        ({"usage": {"completion_tokens": 30, "total_tokens": 40}}, (10, 30)),
    ],
)  # fmt: skip
def test_reasoning_is_among_the_tokens_written_however_a_server_counts(
    counts: dict[str, object], tokens: tuple[int, int]
) -> None:
    found = read_completion(json.dumps({**OK, **counts}).encode(), "application/json")
    assert (found.prompt_tokens, found.completion_tokens) == tokens
    assert not found.is_estimated


def test_what_a_server_does_not_count_is_estimated_thoughts_included() -> None:
    found = read_completion(json.dumps(THOUGHTFUL).encode(), "application/json")
    assert (found.completion_tokens, found.is_estimated) == (100, True)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 0}, (10, 100)),
        ({"prompt_tokens": 10}, (10, 100)),
        ({"completion_tokens": 30}, (0, 30)),  # The prompt is estimated by who has it.
        ({"prompt_tokens": 0, "completion_tokens": 30, "total_tokens": 30}, (0, 30)),
        ({"total_tokens": 140}, (40, 100)),
    ],
)
def test_the_side_that_a_server_does_not_count_is_estimated(usage: dict[str, int], tokens: tuple[int, int]) -> None:
    found = read_completion(json.dumps({**THOUGHTFUL, "usage": usage}).encode(), "application/json")
    assert (found.prompt_tokens, found.completion_tokens, found.is_estimated) == (*tokens, True)


def test_nothing_written_is_no_token() -> None:
    answer = {"choices": [{"message": {"content": ""}}], "usage": {"prompt_tokens": 10, "completion_tokens": 0}}
    found = read_completion(json.dumps(answer).encode(), "application/json")
    assert (found.prompt_tokens, found.completion_tokens, found.is_estimated) == (10, 0, False)


@pytest.mark.parametrize(
    "events",
    [
        [
            {"type": "message_start", "message": {"usage": {"input_tokens": 10, "output_tokens": 1}}},
            {"type": "content_block_delta", "delta": {"text": "net"}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 30}},
        ],
        [
            {"type": "response.output_text.delta", "delta": "net"},
            {"type": "response.completed", "response": {"usage": {"input_tokens": 10, "output_tokens": 30}}},
        ],
        [{"message": {"content": "net"}}, {"done": True, "prompt_eval_count": 10, "eval_count": 30}],
        [{**OK, "usage": {"prompt_tokens": 10, "completion_tokens": 30}}, {"choices": [], "usage": None}],
    ],
    ids=["Anthropic", "Responses", "Ollama", "OpenAI"],
)
def test_tokens_are_counted_wherever_a_stream_tells_them(events: list[dict[str, object]]) -> None:
    content = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    found = read_completion(content, "text/event-stream")
    assert (found.prompt_tokens, found.completion_tokens, found.is_estimated) == (10, 30, False)


@pytest.mark.parametrize(
    "refusal",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "'response_format.type' must be 'text'",
        "guided decoding is not available",
        "Unknown field: json_schema",
    ],
)
def test_a_server_without_structured_outputs_is_asked_for_json_and_then_for_text(refusal: str) -> None:
    parameters, wanted = Parameters(), replace(DECODING, schema={"type": "object"})
    body = json.dumps({"error": {"message": refusal}}).encode()
    sent = parameters.of(wanted, 1)
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}},
    }
    assert parameters.adapt(sent, body)
    assert (sent := parameters.of(wanted, 1))["response_format"] == {"type": "json_object"}
    assert parameters.adapt(sent, body)
    assert "response_format" not in parameters.of(wanted, 1)
    assert parameters.of(wanted, 1) == parameters.of(DECODING, 1)
    assert parameters.adaptations == ("response_format = json_object", "response_format is not sent")


def test_arguments_of_a_tool_that_are_no_text_are_not_lost() -> None:
    call = {"function": {"name": "write", "arguments": {"code": "net"}}}
    content = json.dumps({"choices": [{"message": {"content": None, "tool_calls": [call]}}]}).encode()
    assert read_completion(content, "").text == '{"code": "net"}'


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("I submit the network now.", 'I submit the network now.\n\n{"code": "net"}'),
        ("Here:\n```python\nnet\n```", "Here:\n```python\nnet\n```"),
        ("class Net:\n    pass", "class Net:\n    pass"),
        ('{"widths": [8]}', '{"widths": [8]}'),
        ("@@ -1 +1 @@\n-a\n+b", "@@ -1 +1 @@\n-a\n+b"),
    ],
)
def test_what_a_tool_is_given_follows_words_without_an_answer(words: str, text: str) -> None:
    message = {"content": words, **called(CODE)}
    parts = [{"type": "text", "text": words}, {"type": "tool_use", "input": json.loads(CODE)}]
    for content in (
        json.dumps({"choices": [{"message": message}]}).encode(),
        json.dumps({"content": parts, "stop_reason": "tool_use"}).encode(),
        streamed({"content": words}, called(CODE), finish="tool_calls"),
    ):
        assert read_completion(content, "text/event-stream" if content.startswith(b"data") else "").text == text


def test_what_stands_in_the_details_of_reasoning_is_not_lost() -> None:
    details = [{"type": "reasoning.text", "text": "net"}]
    content = json.dumps({"choices": [{"message": {"content": "", "reasoning_details": details}}]}).encode()
    assert (read_completion(content, "").text, read_completion(content, "").note) == (
        "net",
        "the answer stood in the reasoning field",
    )


def test_a_model_that_is_not_valid_is_no_fault_of_the_key() -> None:
    assert is_about_model("m is not a valid model ID")


@pytest.mark.parametrize(
    "content",
    ["\n" * 100_000, " \n" * 50_000, [{"content": ["abcdefgh"]}] * 20_000],
    ids=["newlines", "blank lines", "parts within parts"],
)
def test_a_long_answer_of_little_is_read_in_time_in_proportion_to_it(content: object) -> None:
    answer = json.dumps({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}).encode()
    started = time.process_time()
    read_completion(answer, "application/json")
    assert time.process_time() - started < 5


def test_a_stream_of_many_parts_is_joined_in_time_in_proportion_to_it() -> None:
    said = "abcdefgh" * 40
    choices = (
        {"message": {"content": said}, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": said}}]}},
        {"message": {"content": f"{said}."}},
    )
    events = b"".join(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n" for choice in choices)
    end = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
    started = time.process_time()
    found = read_completion(events * 10_000 + end, "text/event-stream")
    assert len(found.text) > 10_000 * len(said)
    assert time.process_time() - started < 15
