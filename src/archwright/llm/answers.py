"""Reads what servers answer: chat completions in all the forms that are seen, errors in any status, web pages.

Nothing here trusts the server: numbers are bounded, nesting and nulls anywhere end in an `Unreadable` with a reason.
"""

import json
import math
import re
from collections.abc import Iterator

from archwright.llm.estimate import estimated_tokens
from archwright.llm.model import Completion, FinishReason
from archwright.llm.saying import read_json, said_by, shortened, storable, words_in

MOST_TOKENS = 10**9
"""Token counts beyond this are no counts."""
_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_AT_THE_LIMIT = {"length", "max_tokens", "max_output_tokens", "model_length"}
_DELTAS = ("content_block_delta", "message_delta", "output_text.delta")
"""Kinds of events with a part of an answer, in streams of Anthropic and of Responses."""
_INTERRUPTED = {"insufficient_system_resource", "error", "abort", "cancelled", "canceled", "network_error"}
"""Reasons for an end that say that the server broke off."""
_COUNTS = (
    ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"),
    ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count"),
    ("total_tokens", "totalTokenCount"),
)
"""Names of what was read, written, and both: OpenAI, Anthropic, Gemini, Ollama."""
_USAGE = ("usage", "usageMetadata")
_REASONS = ("finish_reason", "finishReason", "stop_reason", "done_reason")
"""Names of why an answer ended: OpenAI, Gemini, Anthropic, Ollama."""
_LAST = {"message_stop", "response.completed", "response.incomplete"}
"""Kinds of events that end a stream of Anthropic or of Responses."""
_WRAPPERS = ("data", "result", "response", "body")
_OTHER_PROTOCOLS = ("message", "content", "output", "response", "generated_text", "candidates")
"""Where servers put an answer that has no choices: Ollama, Anthropic, Responses, TGI, llama.cpp, Gemini."""


class Unreadable(Exception):
    """The answer is no chat completion; the message says what it is. Another try may do better."""


class WebPage(Exception):
    """The answer is a page for people, such as a sign-in form; the message is its text."""


class ServerError(Exception):
    """An error inside an answer; `code` is its number, 0 when it has none."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code
        self.said = said


def read_completion(content: bytes, content_type: str) -> Completion:
    """Return the completion in an answer with status 200; raises Unreadable, WebPage or ServerError."""
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if "event-stream" in content_type.lower() or start.startswith((b"data:", b"event:", b": ")):
        return _completion(_joined_events(content))
    if start.startswith((b"<!doctype", b"<html")) or (start.startswith(b"<") and "html" in content_type.lower()):
        raise WebPage(said_by(content))
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return _completion(_joined_events(b"\n\n".join(b"data: " + line for line in lines)))
    return _completion(_parsed(content))


def _parsed(content: bytes) -> object:
    try:
        return read_json(content)
    except RecursionError:
        raise Unreadable("its answer is nested too deeply") from None
    except ValueError:
        said = said_by(content)
        what = f"(cut off, or not JSON): {said[:80]}" if said else ": it is empty"
        raise Unreadable(f"its answer was not a chat completion {what}".replace(" :", ":")) from None


def _completion(answer: object) -> Completion:
    answer = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(answer, dict):
        raise Unreadable("its answer was not a chat completion")
    choice = _choice_in(answer)
    error = answer.get("error") or (choice.get("error") if choice else None)
    if error and not (choice and choice.get("message") and not choice.get("error")):
        raise ServerError(_code(error), shortened(words_in({"error": error}) or "an error without a message"))
    if choice is None:
        said = words_in(answer)
        raise Unreadable(f"its answer has no choices{f': {shortened(said)}' if said else ''}")
    text, thoughts, refusal = _message_in(choice)
    finish = (_reason_in(choice) or _end_in(answer)).lower()
    if finish in _INTERRUPTED or answer.get("done") is False:
        raise Unreadable(f"it broke off its answer ({finish or 'not done'})")
    reason, note = FinishReason.LENGTH if finish in _AT_THE_LIMIT else FinishReason.STOP, ""
    if not text.strip():
        if refusal or finish == "content_filter":
            said = f"the model declined: {refusal}" if refusal else "the server's content filter removed the answer"
            reason, note = FinishReason.REFUSED, shortened(said)
        elif reason is FinishReason.LENGTH:
            note = (
                "the model was still reasoning at the limit: raise llm.max_new_tokens"
                if thoughts
                else ("nothing was answered before the limit: raise llm.max_new_tokens")
            )
        elif thoughts.strip():
            text, note = thoughts, "the answer stood in the reasoning field"
        else:
            reason = FinishReason.EMPTY
    read, written, is_estimated = _tokens(answer, text if text == thoughts else text + thoughts)
    return Completion(
        text=storable(text),
        prompt_tokens=read,
        completion_tokens=written,
        finish_reason=reason,
        wall_s=0.0,
        note=note,
        is_estimated=is_estimated,
    )


def _tokens(answer: dict[str, object], said: str) -> tuple[int, int, bool]:
    """Return the tokens read and written, reasoning included, and whether one of them has to be estimated.

    What was written is estimated here, by what was `said`; the prompt, 0 here, where it was sent. Some servers leave
    the reasoning out of what was written and count it in the total, or by itself alone; some leave what was cached out
    of what was read; some count one side alone.
    """
    usage = next((found for name in _USAGE if isinstance(found := answer.get(name), dict)), answer)
    read, written, total = (max(_count(usage.get(name)) for name in names) for names in _COUNTS)
    if "input_tokens" in usage:
        read += sum(_count(usage.get(name)) for name in ("cache_read_input_tokens", "cache_creation_input_tokens"))
    details = usage.get("completion_tokens_details", usage.get("output_tokens_details"))
    reasoning = _count(details.get("reasoning_tokens")) if isinstance(details, dict) else 0
    if reasoning > written:
        written += reasoning
    written = max(written, total - read if read else 0)
    is_counted = bool(written or not said)
    written = written if is_counted else estimated_tokens(said)
    read = read or max(0, total - written)
    return read, written, not (read and is_counted)


def _choice_in(answer: dict[str, object], *, is_part: bool = False) -> dict[str, object] | None:
    """Return the choice to take: the first in order that says something; None when there is no answer at all.

    A part of an answer may be no more than blanks.
    """
    choices = answer.get("choices")
    choices = list(choices.values()) if isinstance(choices, dict) else choices if isinstance(choices, list) else []
    found = [choice for choice in choices[:64] if isinstance(choice, dict)]
    found.sort(key=lambda choice: _count(choice.get("index")))
    if found:
        return next((choice for choice in found if _message_in(choice)[0].strip()), found[0])
    for name in _WRAPPERS:
        inner = answer.get(name)
        if isinstance(inner, dict) and (choice := _choice_in(inner, is_part=is_part)):
            return choice
    for name in _OTHER_PROTOCOLS:
        content = answer.get(name)
        is_error = name == "message" and isinstance(content, str)
        said = "" if is_error else _text_of(content)[0]
        if said if is_part else said.strip():
            return {"message": {"content": content}}
    return None


def _message_in(choice: dict[str, object]) -> tuple[str, str, str]:
    """Return the text, the thoughts and the refusal in a choice; code handed to a tool is text."""
    messages = choice.get("messages")
    message = choice.get("message") or choice.get("delta") or (messages[-1] if isinstance(messages, list) else None)
    message = {"content": message} if isinstance(message, str) else message if isinstance(message, dict) else {}
    text, thoughts = _text_of(message.get("content", choice.get("text")))
    thoughts = next((found for name in _REASONING if (found := _plain(message.get(name)))), thoughts)
    if not text.strip():
        calls = message.get("tool_calls")
        calls = calls if isinstance(calls, list) else [{"function": message.get("function_call")}]
        functions = [call.get("function") for call in calls[:8] if isinstance(call, dict)]
        given = [each.get("arguments") for each in functions if isinstance(each, dict)]
        text = "\n".join(json.dumps(each) if isinstance(each, dict) else _plain(each) for each in given)
    content = message.get("content")
    refusals = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    return text, thoughts, _plain(message.get("refusal")) or "".join(_plain(part.get("refusal")) for part in refusals)


def _text_of(content: object, depth: int = 4) -> tuple[str, str]:
    """Return the text and the thoughts in a message's content: a string, a part, or parts within parts."""
    if isinstance(content, str) or not depth:
        return content if isinstance(content, str) else "", ""
    text, thoughts = "", ""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            text += part
        elif isinstance(part, dict):
            if str(part.get("type", "text")) in ("thinking", "reasoning", "reasoning_content"):
                thoughts += _plain(part.get("thinking") or part.get("text"))
            else:
                inner = _text_of(part.get("content") or part.get("parts"), depth - 1)
                text, thoughts = text + (_plain(part.get("text")) or inner[0]), thoughts + inner[1]
    return text, thoughts


def _plain(value: object) -> str:
    """Return the text in a string, a part or a list of them."""
    if isinstance(value, list):
        return "".join(_plain(item) for item in value if isinstance(item, str | dict))
    if isinstance(value, dict):
        found = value.get("text") or value.get("value")
        return found if isinstance(found, str) else ""
    return value if isinstance(value, str) else ""


def _joined_events(content: bytes) -> object:
    """Return an event stream as the one answer that it would have been; raises Unreadable for one that breaks off."""
    text, thoughts, finish, end = [], [], "", ""
    usage: dict[str, object] = {}
    found = False
    for event in _events(content):
        if not isinstance(event, dict):
            continue
        if event.get("error"):
            return event
        if isinstance(whole := event.get("response"), dict) and whole.get("error"):
            return whole
        usage |= _usage_in(event)
        end = end or _end_in(event)
        for choice in _choices_in(event):
            found = True
            delta = choice.get("delta") or choice.get("message") or {}
            if isinstance(delta, dict):
                words, thought = _text_of(delta.get("content"))
                text.append(words)
                thoughts.append(thought)
                thoughts += [next((said for name in _REASONING if (said := _plain(delta.get(name)))), "")]
            finish = _reason_in(choice) or finish
    if not found:
        raise Unreadable("its answer is an event stream without a completion")
    if not (finish or end):
        raise Unreadable("its answer is an event stream that breaks off")
    message = {"content": "".join(text), "reasoning_content": "".join(thoughts)}
    return {"choices": [{"message": message, "finish_reason": finish or end}], "usage": usage}


def _events(content: bytes) -> Iterator[object]:
    for block in re.split(r"\r?\n\r?\n|\r\r", content.decode("utf-8", "replace")):
        lines = [line[5:].lstrip(" ") for line in re.split(r"\r\n|\r|\n", block) if line.startswith("data:")]
        data = "\n".join(lines).strip()
        if data:
            yield {"done": True} if data == "[DONE]" else _parsed(data.encode())


def _choices_in(event: dict[str, object]) -> list[dict[str, object]]:
    """Return what an event adds to the first choice."""
    kind, part, choices = str(event.get("type", "")), event.get("delta"), event.get("choices")
    if kind.endswith(_DELTAS):
        return [{"delta": {"content": part}, "finish_reason": _reason_in(part)}]
    if choices is None and kind not in _LAST:  # Responses repeats the whole answer at the end.
        choices = [_choice_in(event, is_part=True)]
    listed = choices if isinstance(choices, list) else []
    return [choice for choice in listed if isinstance(choice, dict) and choice.get("index") in (0, None)]


def _usage_in(event: dict[str, object]) -> dict[str, object]:
    """Return the counts in an event; Anthropic tells what was read at the start and what was written at the end."""
    found: dict[str, object] = {}
    for part in (event, event.get("message"), event.get("response")):
        if isinstance(part, dict):
            found |= {name: part[name] for names in _COUNTS for name in names if name in part}
            for usage in map(part.get, _USAGE):
                found |= usage if isinstance(usage, dict) else {}
    return {name: value for name, value in found.items() if value}


def _reason_in(part: object) -> str:
    """Return why an answer ended, as `part` says it; empty where it does not, or says that there is more to come."""
    said = [part.get(name) for name in _REASONS] if isinstance(part, dict) else []
    return next((reason for reason in said if isinstance(reason, str) and reason.lower() not in ("", "null")), "")


def _end_in(answer: dict[str, object]) -> str:
    """Return why an answer ended that has no choices, or a stream with this event; empty where it did not."""
    candidates, whole = answer.get("candidates"), answer.get("response")
    details = (whole if isinstance(whole, dict) else answer).get("incomplete_details")
    if isinstance(details, dict) and details.get("reason"):
        return str(details["reason"])
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    is_last = str(answer.get("type")) in _LAST or isinstance(answer.get("generated_text"), str)
    is_done = answer.get("done") is True or answer.get("stop") is True
    return _reason_in(answer) or _reason_in(first) or ("stop" if is_done or is_last else "")


def _code(error: object) -> int:
    code = error.get("code") or error.get("status") if isinstance(error, dict) else None
    return _count(code)


def _count(value: object) -> int:
    """Return a count of the server's, 0 for anything that is none."""
    if isinstance(value, str) and len(value) <= 12:
        value = int(value) if value.isascii() and value.isdigit() else 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value <= MOST_TOKENS else 0
