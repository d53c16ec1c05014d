"""The message in a server's answer, or in one event of a stream: its text, thoughts and refusal, and why it ended.

Nothing here trusts the server: numbers are bounded, and nulls or other kinds anywhere are as good as nothing.
"""

import json
import math
import re
from collections.abc import Iterator

MOST_TOKENS = 10**9
"""Token counts beyond this are no counts."""
REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_REASONS = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")
"""Names of why an answer ended: OpenAI, Gemini, Anthropic, Bedrock, Ollama."""
LAST = {"message_stop", "response.completed", "response.incomplete"}
"""Kinds of events that end a stream of Anthropic or of Responses."""
_WRAPPERS = ("data", "result", "response", "body", "output")
_OTHER_PROTOCOLS = ("message", "content", "output", "response", "generated_text", "candidates")
"""Where servers put an answer that has no choices: Ollama, Anthropic, Responses, TGI, llama.cpp, Gemini."""

_ANSWER = re.compile(r"```|~~~|^[^\S\n]*(?:[{\[<@]|\*{3} |(?:import|from|class|def)\s)", re.MULTILINE)
"""What words have in them that are more than the announcement of a tool's call; looks at each line once."""


class Unreadable(Exception):
    """The answer is no chat completion; the message says what it is. Another try may do better."""


def choice_in(answer: dict[str, object], *, is_part: bool = False) -> dict[str, object] | None:
    """Return the choice to take: the first in order that says something; None when there is no answer at all.

    A part of an answer may be no more than blanks.
    """
    choices = answer.get("choices")
    choices = list(choices.values()) if isinstance(choices, dict) else choices if isinstance(choices, list) else []
    found = [choice for choice in choices[:64] if isinstance(choice, dict)]
    found.sort(key=lambda choice: count(choice.get("index")))
    if found:
        return next((choice for choice in found if message_in(choice)[0].strip()), found[0])
    for name in _WRAPPERS:
        inner = _read(answer.get(name)) if name == "body" else answer.get(name)
        if isinstance(inner, dict) and (choice := choice_in(inner, is_part=is_part)):
            return choice
    for name in (*_OTHER_PROTOCOLS, *(("text",) if reason_in(answer) else ())):
        content = answer.get(name)
        if name == "message" and isinstance(content, str):
            continue  # an error's
        message = content if name == "message" else {"content": content}
        said = message_in({"message": message})[0]
        if said if is_part else said.strip():
            return {"message": message}
    return None


def _read(body: object) -> object:
    """Return the answer that a gateway hands on as text, as cloud functions do."""
    try:
        return json.loads(body) if isinstance(body, str) else body
    except (ValueError, RecursionError):
        return None


def message_in(choice: dict[str, object]) -> tuple[str, str, str]:
    """Return the text, the thoughts and the refusal in a choice; what a tool is given follows words that say little.

    Words with code, a diff or an object in them are the answer.
    """
    messages = choice.get("messages")
    message = choice.get("message") or choice.get("delta") or (messages[-1] if isinstance(messages, list) else None)
    message = {"content": message} if isinstance(message, str) else message if isinstance(message, dict) else {}
    content = message.get("content", choice.get("text", choice.get("content")))
    text, thoughts = text_of(content)
    thoughts = next((found for name in REASONING if (found := plain(message.get(name)))), thoughts)
    if not _ANSWER.search(text):
        handed = "\n".join(each for _, each in arguments_in(message)) or _handed_over(content)
        text = "\n\n".join(each for each in (text, handed) if each.strip()) or text
    return text, thoughts, refusal_in(message)


def refusal_in(message: dict[str, object]) -> str:
    """Return the words with which the model declines in a message or a part of one; empty where it does not."""
    parts = _parts(message.get("content"))
    return plain(message.get("refusal")) or "".join(plain(part.get("refusal")) for part in parts)


def arguments_in(message: dict[str, object]) -> Iterator[tuple[int, str]]:
    """Yield what is handed to each tool, or a part of it in a stream, with the number of its call."""
    calls = message.get("tool_calls")
    calls = calls if isinstance(calls, list) else [{"function": message.get("function_call")}]
    for number, call in enumerate(calls[:8]):
        function = call.get("function") if isinstance(call, dict) else None
        given = function.get("arguments") if isinstance(function, dict) else None
        if text := json.dumps(given) if isinstance(given, dict) else plain(given):
            yield count(call.get("index", number)), text


def _handed_over(content: object) -> str:
    """Return what the content of a message hands to tools (Anthropic, Responses), or an object in place of text."""
    if isinstance(content, dict) and not {"type", "text", "content", "parts", "role"} & content.keys():
        return json.dumps(content) if content else ""
    given = [part.get("input", part.get("arguments")) for part in _parts(content) if "type" in part]
    return "\n".join(json.dumps(each) if isinstance(each, dict) else plain(each) for each in given if each)


def _parts(content: object) -> list[dict[str, object]]:
    return [part for part in (content if isinstance(content, list) else [content]) if isinstance(part, dict)]


def text_of(content: object, depth: int = 4) -> tuple[str, str]:
    """Return the text and the thoughts in a message's content: a string, a part, or parts within parts."""
    if isinstance(content, str) or not depth:
        return content if isinstance(content, str) else "", ""
    text: list[str] = []
    thoughts: list[str] = []
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, dict):
            is_thought = part.get("thought") is True  # Gemini
            if is_thought or str(part.get("type", "text")) in ("thinking", "reasoning", "reasoning_content"):
                thoughts.append(plain(part.get("thinking") or part.get("text")))
            else:
                inner = text_of(part.get("content") or part.get("parts"), depth - 1)
                text.append(plain(part.get("text")) or inner[0])
                thoughts.append(inner[1])
    return "".join(text), "".join(thoughts)


def plain(value: object) -> str:
    """Return the text in a string, a part or a list of them."""
    if isinstance(value, list):
        return "".join(plain(item) for item in value if isinstance(item, str | dict))
    if isinstance(value, dict):
        found = value.get("text") or value.get("value")
        return found if isinstance(found, str) else ""
    return value if isinstance(value, str) else ""


def reason_in(part: object) -> str:
    """Return why an answer ended, as `part` says it; empty where it does not, or says that there is more to come."""
    said = [part.get(name) for name in _REASONS] if isinstance(part, dict) else []
    return next((reason for reason in said if isinstance(reason, str) and reason.lower() not in ("", "null")), "")


def end_in(answer: dict[str, object]) -> str:
    """Return why an answer ended that has no choices, or a stream with this event; empty where it did not."""
    candidates, whole = answer.get("candidates"), answer.get("response")
    details = (whole if isinstance(whole, dict) else answer).get("incomplete_details")
    if isinstance(details, dict) and details.get("reason"):
        return str(details["reason"])
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    is_last = str(answer.get("type")) in LAST or isinstance(answer.get("generated_text"), str)
    is_done = answer.get("done") is True or answer.get("stop") is True
    return reason_in(answer) or reason_in(first) or ("stop" if is_done or is_last else "")


def count(value: object) -> int:
    """Return a count of the server's, 0 for anything that is none."""
    if isinstance(value, str) and len(value) <= 12:
        value = int(value) if value.isascii() and value.isdigit() else 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value <= MOST_TOKENS else 0
