"""A stream of events as the one answer that it would have been."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from archwright.llm.messages import (
    LAST,
    REASONING,
    Unreadable,
    arguments_in,
    choice_in,
    count,
    end_in,
    plain,
    reason_in,
    refusal_in,
    text_of,
)
from archwright.llm.saying import read_json, said_by
from archwright.llm.usage import usage_in

_DELTAS = ("content_block_delta", "message_delta", "output_text.delta")
"""Kinds of events with a part of an answer, in streams of Anthropic and of Responses."""
_ARGUMENTS = "function_call_arguments.delta"
_MOST_CALLS = 8
_TOKEN = 20
"""Characters beyond which two parts of an answer are not alike by chance."""


def joined_events(content: bytes) -> object:
    """Return an event stream as one answer; raises Unreadable for one that breaks off."""
    return joined(_events(content))


def joined(events: Iterable[object]) -> object:
    """Return the events of a stream as one answer; raises Unreadable where they break off."""
    parts = _Parts()
    usage: dict[str, object] = {}
    finish, end, found = "", "", False
    for event in events:
        if not isinstance(event, dict):
            continue
        if event.get("error"):
            return event
        if isinstance(whole := event.get("response"), dict) and whole.get("error"):
            return whole
        usage |= usage_in(event)
        end = end or end_in(event)
        for choice in _choices_in(event):
            found = True
            parts.add(choice)
            finish = reason_in(choice) or finish
    if not found:
        raise Unreadable("its answer is an event stream without a completion")
    if not (finish or end):
        raise Unreadable("its answer is an event stream that breaks off")
    return {"choices": [{"message": parts.message(), "finish_reason": finish or end}], "usage": usage}


class _Parts:
    """What the events have said up to now."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._thoughts: list[str] = []
        self._refusal: list[str] = []
        self._length = 0
        self._arguments: defaultdict[int, list[str]] = defaultdict(list)

    def add(self, choice: dict[str, object]) -> None:
        """Add what a choice says, but for a message at the end that says the whole once more."""
        delta, message = choice.get("delta"), choice.get("message")
        part = delta if isinstance(delta, dict) and delta else message
        part = part if isinstance(part, dict) else {}
        words, thought = text_of(part.get("content", choice.get("text")))
        is_whole = part is message and len(words) == self._length > _TOKEN
        if not (is_whole and words == "".join(self._words)):
            self._words.append(words)
            self._length += len(words)
        self._thoughts += [thought, next((said for name in REASONING if (said := plain(part.get(name)))), "")]
        self._refusal.append(refusal_in(part))
        for number, given in arguments_in(part):
            if number in self._arguments or len(self._arguments) < _MOST_CALLS:
                self._arguments[number].append(given)

    def message(self) -> dict[str, object]:
        """Return the message that all of it is."""
        calls = [{"function": {"arguments": "".join(given)}} for _, given in sorted(self._arguments.items())]
        words = [each for each in self._words if each]
        grows = len(words) > 1 and len(words[-1]) > _TOKEN and all(b.startswith(a) for a, b in pairwise(words))
        text = words[-1] if grows else "".join(words)  # Each event had all that was said up to it.
        message: dict[str, object] = {"content": text, "reasoning_content": "".join(self._thoughts)}
        return message | {"refusal": "".join(self._refusal), "tool_calls": calls}


def _events(content: bytes) -> Iterator[object]:
    for block in re.split(r"\r?\n\r?\n|\r\r", content.decode("utf-8-sig", "replace")):
        all_lines = re.split(r"\r\n|\r|\n", block)
        lines = [line[5:].lstrip(" ") for line in all_lines if line.startswith("data:")]
        is_error = "event: error" in all_lines or "event:error" in all_lines
        for data in _documents(lines):
            if data.upper() == "[DONE]":
                yield {"done": True}
            else:
                event = parsed(data.encode())
                yield {"error": event} if is_error and not (isinstance(event, dict) and "error" in event) else event


def _documents(lines: list[str]) -> list[str]:
    """Return the data of an event; of several when nothing but line ends is between them."""
    whole = "\n".join(lines).strip()
    if len(lines) > 1 and all(line.startswith(("{", "[")) and line.rstrip().endswith(("}", "]")) for line in lines):
        return lines
    return [whole] if whole else []


def _choices_in(event: dict[str, object]) -> list[dict[str, object]]:
    """Return what an event adds to the first choice."""
    kind, part, choices = str(event.get("type", "")), event.get("delta"), event.get("choices")
    if kind.endswith(_ARGUMENTS) or (isinstance(part, dict) and part.get("partial_json")):
        given = part.get("partial_json") if isinstance(part, dict) else part
        number = event.get("output_index", event.get("index", 0))
        return [{"delta": {"tool_calls": [{"index": number, "function": {"arguments": given}}]}}]
    if kind.endswith(_DELTAS):
        return [{"delta": {"content": part}, "finish_reason": reason_in(part)}]
    if choices is None and kind not in LAST:  # Responses repeats the whole answer at the end.
        choices = [choice_in(event, is_part=True)]
    listed = choices if isinstance(choices, list) else []
    return [choice for choice in listed if isinstance(choice, dict) and not count(choice.get("index"))]


def parsed(content: bytes) -> object:
    """Return the JSON in an answer; raises Unreadable with what stands there instead."""
    try:
        return read_json(content)
    except RecursionError:
        raise Unreadable("its answer is nested too deeply") from None
    except ValueError:
        said = said_by(content)
        what = f"(cut off, or not JSON): {said[:80]}" if said else ": it is empty"
        raise Unreadable(f"its answer was not a chat completion {what}".replace(" :", ":")) from None
