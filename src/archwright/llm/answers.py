"""Reads what servers answer: chat completions in all the forms that are seen, errors in any status, web pages.

Nothing here trusts the server: numbers are bounded, nesting and nulls anywhere end in an `Unreadable` with a reason.
"""

import re

from archwright.llm.messages import Unreadable, choice_in, count, end_in, message_in, reason_in
from archwright.llm.model import Completion, FinishReason
from archwright.llm.saying import said_by, shortened, words_in
from archwright.llm.streams import joined, joined_events, parsed
from archwright.llm.usage import tokens_in
from archwright.untrusted import storable

_AT_THE_LIMIT = re.compile(
    r"length|max_?(?:\w+_)?tokens|out_of_tokens|limit|context_?window|truncat|incomplete|time_?out"
)
"""Reasons for an end that say that there was no room for more: also `model_context_window_exceeded`, `eos_length`."""
_COMMENTS = re.compile(rb"\A\s*(?::[^\n]*\n\s*)+([{\[])")
"""What a gateway sends to keep a connection open, before an answer that is no stream."""
_INTERRUPTED = {"insufficient_system_resource", "error", "abort", "cancelled", "canceled", "network_error"}
_INTERRUPTED |= {"load", "unload"}  # Ollama, where the model was only brought into memory, or out of it
"""Reasons for an end that say that the server broke off."""
_FILTERED = re.compile(
    r"filter|safety|recitation|blocklist|prohibited|spii|guardrail|moderat|sensitive|toxic|\brefus|violation"
)
"""Reasons for an end that say that a filter took the rest of the answer: OpenAI, Anthropic, Bedrock, Gemini, Cohere."""


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
    content = _COMMENTS.sub(rb"\1", content, count=1)
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if "event-stream" in content_type.lower() or start.startswith((b"data:", b"event:", b": ")):
        return _completion(joined_events(content))
    if start.startswith((b"<!doctype", b"<html")) or (start.startswith(b"<") and "html" in content_type.lower()):
        raise WebPage(said_by(content))
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return _completion(joined_events(b"\n\n".join(b"data: " + line for line in lines)))
    return _completion(parsed(content))


def _completion(answer: object) -> Completion:
    if isinstance(answer, list) and answer:
        answer = answer[0] if len(answer) == 1 else joined(answer)  # Gemini streams an array of events.
    if isinstance(answer, str):
        answer = parsed(answer.encode("utf-8", "replace"))  # JSON in a string of JSON, as some gateways hand it on.
    if not isinstance(answer, dict):
        raise Unreadable("its answer was not a chat completion")
    choice = choice_in(answer)
    error = answer.get("error") or (choice.get("error") if choice else None)
    if error and not (choice and choice.get("message") and not choice.get("error")):
        raise ServerError(_code(error), shortened(words_in({"error": error}) or "an error without a message"))
    if choice is None:
        said = words_in(answer)
        raise Unreadable(f"its answer has no choices{f': {shortened(said)}' if said else ''}")
    text, thoughts, refusal = message_in(choice)
    finish = (reason_in(choice) or end_in(answer)).lower()
    words = set(re.findall(r"[a-z_]+", finish))  # Gemini: "content_filter: PROHIBITED_CONTENT"
    if words & _INTERRUPTED or answer.get("done") is False:
        raise Unreadable(f"it broke off its answer ({finish or 'not done'})")
    reason, note = FinishReason.LENGTH if _AT_THE_LIMIT.search(finish) else FinishReason.STOP, ""
    read, written, is_estimated = tokens_in(answer, text if text == thoughts else text + thoughts)
    if _FILTERED.search(finish):
        what = "cut off" if text.strip() else "removed"  # Half an answer is none.
        text, reason, note = "", FinishReason.REFUSED, f"the server's content filter {what} the answer"
    elif not text.strip():
        if refusal:
            reason, note = FinishReason.REFUSED, shortened(f"the model declined: {refusal}")
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
        text=storable(text),
        prompt_tokens=read,
        completion_tokens=written,
        finish_reason=reason,
        wall_s=0.0,
        note=note,
        is_estimated=is_estimated,
    )


def _code(error: object) -> int:
    code = error.get("code") or error.get("status") if isinstance(error, dict) else None
    return count(code)
