"""Which refusals are about one prompt, and which end the run: in the words of servers, without a network."""

import json
from collections.abc import Iterator

import httpx
import pytest

from archwright.errors import ModelError
from archwright.llm.answers import read_completion
from archwright.llm.messages import Unreadable
from archwright.llm.model import Decoding, FinishReason, Prompt
from archwright.llm.openai import OpenAIModel

PROMPT = Prompt("You are brief.", "Write a network.")
DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=2048)
ANSWER = {"choices": [{"message": {"content": "class Net: pass"}, "finish_reason": "stop"}]}


class _Body(httpx.SyncByteStream):
    def __init__(self, body: object) -> None:
        self._body = json.dumps(body).encode()

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


def reasons(*replies: tuple[int, object]) -> list[FinishReason]:
    """Return how the answers to as many prompts ended as there are replies."""
    queue = list(replies)

    def reply(request: httpx.Request) -> httpx.Response:
        code, body = (200, {"data": [{"id": "coder"}]}) if request.method == "GET" else queue.pop(0)
        return httpx.Response(code, headers={"Content-Type": "application/json"}, stream=_Body(body))

    model = OpenAIModel(
        "http://host/v1", "m", first_wait_s=0.001, retries=0, concurrency=1, transport=httpx.MockTransport(reply)
    )
    try:
        return [
            answer.finish_reason for answer in model.complete([PROMPT] * len(replies), DECODING, range(len(replies)))
        ]
    finally:
        model.close()


def test_a_prompt_beyond_the_limits_of_tgi_is_refused_alone() -> None:
    said = {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 tokens"}
    assert reasons((422, said)) == [FinishReason.REFUSED]


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ({"error": {"message": "Budget has been exceeded! Current cost: 1.2, Max budget: 1.0"}}, "pay"),
        ({"error": "Model unloaded."}, "the models there are coder"),
        ({"error": "The model has crashed without additional information."}, "the models there are coder"),
        ({"error": "No models loaded. Please load a model"}, "the models there are coder"),
    ],
)
def test_what_every_prompt_would_meet_ends_the_run_though_others_were_answered(said: object, remedy: str) -> None:
    with pytest.raises(ModelError) as error:
        reasons((200, ANSWER), (400, said))
    assert remedy in error.value.remedy


def test_an_address_without_its_path_is_named_with_the_right_one() -> None:
    with pytest.raises(ModelError, match="Unexpected endpoint") as error:
        reasons((200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}))
    assert "the models there are coder" in error.value.remedy


def test_a_filter_may_say_which_one_it_is() -> None:
    body = {"choices": [{"finish_reason": "content_filter: PROHIBITED_CONTENT", "message": {"content": "class N"}}]}
    assert read_completion(json.dumps(body).encode(), "").finish_reason is FinishReason.REFUSED


@pytest.mark.parametrize("finish", ["refusal", "guardrail_intervened", "IMAGE_SAFETY", "sensitive", "content-filter"])
def test_half_of_an_answer_that_a_filter_cut_off_is_none(finish: str) -> None:
    body = {"choices": [{"finish_reason": finish, "message": {"content": "class N"}}]}
    found = read_completion(json.dumps(body).encode(), "")
    assert (found.text, found.finish_reason) == ("", FinishReason.REFUSED)


@pytest.mark.parametrize("finish", ["TIMEOUT", "truncated", "incomplete", "out_of_tokens"])
def test_an_answer_that_was_cut_off_for_another_reason_is_known_to_be(finish: str) -> None:
    body = {"choices": [{"finish_reason": finish, "message": {"content": "class N"}}]}
    assert read_completion(json.dumps(body).encode(), "").finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("key", ["error_msg", "err", "reason", "faultstring"])
def test_what_is_wrong_stands_under_many_names(key: str) -> None:
    with pytest.raises(Unreadable, match="no such key"):
        read_completion(
            json.dumps({"fault": {key: "no such key"}} if "fault" in key else {key: "no such key"}).encode(), ""
        )


def test_a_model_that_was_only_loaded_is_asked_again() -> None:
    body = {"choices": [{"finish_reason": "load", "message": {"content": ""}}]}
    with pytest.raises(Unreadable, match="load"):
        read_completion(json.dumps(body).encode(), "")
