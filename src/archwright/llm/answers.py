"""Reads what servers answer: chat completions in all the forms that are seen, errors in any status, web pages.

Nothing here trusts the server: numbers are bounded, nesting and nulls anywhere end in an `Unreadable` with a reason.
"""

import html
import json
import math
import re
from collections.abc import Iterator

from archwright.llm.model import Completion, FinishReason

MOST_TOKENS = 10**9
"""Token counts beyond this are no counts."""
_SAID = 300
_REASONING = ("reasoning_content", "reasoning", "thinking")
_ABOUT_PROMPT = re.compile(
    r"context.?(?:length|window|size)|maximum context|prompt is too long|too many tokens|reduce the length|"
    r"content.?(?:filter|management|policy)|moderation|flagged|safety|too large",
    re.IGNORECASE,
)


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
    return _completion(_parsed(content))


def said_by(content: bytes) -> str:
    """Return what an answer says in words, shortened: its error message, else its text without markup."""
    try:
        answer = _parsed(content)
    except Unreadable:
        answer = None
    text = _message_in(answer)
    if text is None:
        raw = content[:5_000].decode("utf-8", "replace")
        if "<" in raw:
            raw = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)|<[^>]*>", " ", raw)
        text = html.unescape(raw)
    return _short(text)


def is_about_prompt(said: str) -> bool:
    """Return whether a refusal concerns one prompt (its length, a content filter) rather than every request."""
    return _ABOUT_PROMPT.search(said) is not None


def refused(said: str) -> Completion:
    """Return the completion of a prompt that the server would not answer."""
    return Completion("", 0, 0, FinishReason.REFUSED, 0.0, note=said)


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except RecursionError:
        raise Unreadable("its answer is nested too deeply") from None
    except ValueError:
        raise Unreadable("its answer was not a chat completion (cut off, or not JSON)") from None


def _completion(answer: object) -> Completion:
    answer = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(answer, dict):
        raise Unreadable("its answer was not a chat completion")
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    error = answer.get("error") or (choice.get("error") if isinstance(choice, dict) else None)
    if error and not (isinstance(choice, dict) and choice.get("message") and not choice.get("error")):
        raise ServerError(_code(error), _short(_message_in({"error": error}) or "an error without a message"))
    if not isinstance(choice, dict):
        said = _message_in(answer)
        raise Unreadable(f"its answer has no choices{f': {_short(said)}' if said else ''}")
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text, thoughts = _text_of(message.get("content", choice.get("text")))
    thoughts = next((found for name in _REASONING if (found := _plain(message.get(name)))), thoughts)
    usage = answer.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    finish = choice.get("finish_reason")
    reason, note = FinishReason.LENGTH if finish == "length" else FinishReason.STOP, ""
    if not text.strip():
        refusal = _plain(message.get("refusal"))
        if refusal or finish == "content_filter":
            reason, note = FinishReason.REFUSED, _short(refusal or "the server's content filter removed the answer")
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
    return Completion(
        text=_storable(text),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        finish_reason=reason,
        wall_s=0.0,
        note=note,
    )


def _text_of(content: object) -> tuple[str, str]:
    """Return the text and the thoughts in a message's content: a string, a part, or a list of parts."""
    if isinstance(content, str):
        return content, ""
    text, thoughts = "", ""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            text += part
        elif isinstance(part, dict):
            if str(part.get("type", "text")) in ("thinking", "reasoning", "reasoning_content"):
                thoughts += _plain(part.get("thinking") or part.get("text"))
            else:
                text += _plain(part.get("text"))
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
    """Return an event stream as the one answer that it would have been."""
    text, thoughts, finish, usage = [], [], None, None
    found = False
    for event in _events(content):
        if not isinstance(event, dict):
            continue
        if event.get("error"):
            return event
        usage = event.get("usage") or usage
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            if not isinstance(choice, dict) or choice.get("index") not in (0, None):
                continue
            found = True
            delta = choice.get("delta") or choice.get("message") or {}
            if isinstance(delta, dict):
                words, thought = _text_of(delta.get("content"))
                text.append(words)
                thoughts.append(thought)
                thoughts += [_plain(delta.get(name)) for name in _REASONING]
            finish = choice.get("finish_reason") or finish
    if not found:
        raise Unreadable("its answer is an event stream without a completion")
    message = {"content": "".join(text), "reasoning_content": "".join(thoughts)}
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def _events(content: bytes) -> Iterator[object]:
    for block in re.split(r"\r?\n\r?\n|\r\r", content.decode("utf-8", "replace")):
        lines = [line[5:].lstrip(" ") for line in re.split(r"\r\n|\r|\n", block) if line.startswith("data:")]
        data = "\n".join(lines).strip()
        if data and data != "[DONE]":
            yield _parsed(data.encode())


def _message_in(answer: object) -> str | None:
    """Return the words of an error in one of the forms that servers use, None when there are none."""
    if isinstance(answer, list):
        items = (item for item in answer[:8] if not isinstance(item, list))
        return next((found for item in items if (found := _message_in(item))), None)
    if not isinstance(answer, dict):
        return answer if isinstance(answer, str) and answer else None
    for name in ("error", "message", "detail", "msg", "error_description"):
        value = answer.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list | dict) and value:
            # pydantic's form: a list of {"loc": [...], "msg": ...}
            nested = value if isinstance(value, dict) else value[0]
            if isinstance(nested, dict):
                words = nested.get("message") or nested.get("msg") or nested.get("detail")
                place = nested.get("loc")
                where = ".".join(map(str, place[:8])) + ": " if isinstance(place, list) else ""
                return f"{where}{words}" if isinstance(words, str) else json.dumps(nested)[:_SAID]
    return None


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


def _short(text: str) -> str:
    return " ".join(_storable(text).split())[:_SAID]


def _storable(text: str) -> str:
    """Return `text` with halves of characters, which cannot be written to a file, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
