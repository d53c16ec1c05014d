"""What is sent with a request, adapted to what the server refuses.

Servers disagree about the parameters of one protocol: some want `max_completion_tokens`, some refuse a `seed`, some
accept a single temperature, a lower limit of tokens, no system message or streams only. The server names what it does
not take; that is left out, renamed or set from then on.
"""

import json
import re
from collections.abc import Mapping, Sequence
from threading import Lock

from archwright.candidate import Json
from archwright.llm.model import Decoding, Prompt

SEED_RANGE = 2**31
"""Servers read the seed as a signed 32-bit number."""
LIMITS = ("max_tokens", "max_completion_tokens")
FORMAT = "response_format"
_ANY_OBJECT: dict[str, object] = {"type": "json_object"}
_FORMAT = re.compile(
    r"response_?format|json_?(?:schema|object|mode)|structured.{0,3}output|guided|grammar|additionalProperties",
    re.IGNORECASE,
)
_ADAPTABLE = ("top_k", "seed", "top_p", "temperature", "max_tokens")
"""What can be done without, the least important first."""
_INSTEAD = re.compile(r"\b(?:use|did you mean)\W+(?:the\W+)?(max_\w*tokens)\b", re.IGNORECASE)
_ONLY_VALUE = re.compile(
    r"(?:default|only|must be|equal to|set to)\W+(?:(?:value|of|equal|to|be|is|the)\W+)*(\d{1,3}(?:\.\d{1,9})?)\b"
    r"(?!\s*(?:,|and|or|to|-|<|≤)\s*\d)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?:[\[(]|between )\W*(\d+(?:\.\d+)?)(?:,| and)\W*(\d+(?:\.\d+)?)")
_LIMIT = re.compile(
    r"(?:at most|up to|\d >|less than or equal to|<=|≤|\[\s*[01]\s*,|\bmax(?:imum)?(?: \w+){0,4}? (?:of|is|allowed))"
    r"\W{0,3}(\d{1,7})\b",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r"context (?:length|window|size)|\binputs\b", re.IGNORECASE)
_OFFERED = re.compile(r"expected one of|(?:valid|allowed|supported) (?:field|parameter|key)s are", re.IGNORECASE)
_NO_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)s?\b.{0,40}\b(?:not|un)|\brole.{0,40}does not support\W+system"
    r"|roles must alternate|only user and assistant roles",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = re.compile(
    r"\bcontent\b.{0,60}(?:\b(?:valid|be an?|expected an?|as an?|of) (?:array|list|sequence)\b)", re.IGNORECASE
)
_STREAM_ONLY = re.compile(
    r"\bonly (?:supports? )?(?:the )?stream(?:s|ing)?\b|stream\W+(?:must|has to|should) be (?:set to )?true"
    r"|streaming is required|requires? stream(?:s|ing)?\b|enable.{0,20}stream|\b(?:use|set)\W+stream\W{1,4}true"
    r"|(?:non-?stream(?:ed|ing)?|stream\W{1,4}false)\b.{0,30}(?:not|un)|must be .{0,20}\bfor non-?stream",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(r"too (?:large|long|many|high)|at most|exceed", re.IGNORECASE)
_UNNAMED = re.compile(
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|invalid|extra|additional)\W+"
    r"(?:\w+\W+)?(?:parameter|argument|field|input|propert|key)",
    re.IGNORECASE,
)


class Parameters:
    """The optional part of a request's body; what was learned from refusals holds for every later one."""

    def __init__(self, extra: Mapping[str, object] | None = None, omit: Sequence[str] = ()) -> None:
        """Send `extra` with every request, and nothing named in `omit`."""
        self._extra = dict(extra or {})
        self._omitted = set(omit)
        self._renamed: dict[str, str] = {}
        self._values: dict[str, float] = {}
        self._has_system = True
        self._has_parts = False
        self._form = "json_schema"
        self._lock = Lock()

    @property
    def adaptations(self) -> tuple[str, ...]:
        """What was learned from refusals, in words."""
        with self._lock:
            renamed = [f"{old} is sent as {new}" for old, new in self._renamed.items()]
            values = [f"{name} = {value:g}" for name, value in self._values.items()]
            folded = [] if self._has_system else ["the system message is sent with the question"]
            formed = [] if self._form == "json_schema" else [f"{FORMAT} = {self._form}"]
            parts = ["messages are sent in parts"] if self._has_parts else []
            left_out = [f"{name} is not sent" for name in sorted(self._omitted)]
            return (*renamed, *values, *formed, *left_out, *folded, *parts)

    def messages(self, prompt: Prompt) -> list[dict[str, object]]:
        """Return the messages of one request."""
        system, user = (prompt.system, prompt.user) if self._has_system else ("", f"{prompt.system}\n\n{prompt.user}")
        said = [("system", system), ("user", user if prompt.system else prompt.user)]
        return [{"role": role, "content": self._content(text)} for role, text in said if text or role == "user"]

    def _content(self, text: str) -> object:
        return [{"type": "text", "text": text}] if self._has_parts else text

    def of(self, decoding: Decoding, seed: int) -> dict[str, object]:
        """Return the parameters of one request."""
        wanted: dict[str, object] = {
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "max_tokens": decoding.max_new_tokens,
            "seed": seed % SEED_RANGE,
        }
        if decoding.top_k:
            wanted["top_k"] = decoding.top_k
        if decoding.schema is not None:
            wanted[FORMAT] = _format(decoding.schema, self._form)
        if any(name in self._extra for name in LIMITS):
            del wanted["max_tokens"]
        with self._lock:
            wanted |= self._values
            named = {self._renamed.get(name, name): value for name, value in wanted.items()} | self._extra
            return {name: value for name, value in named.items() if name not in self._omitted}

    def adapt(self, sent: Mapping[str, object], refusal: bytes) -> bool:
        """Learn from the refusal of a request with the parameters `sent`; return whether another may be taken.

        What the user asked for in `extra` is never changed. A limit on tokens that is too large for the model's
        context is no such refusal.
        """
        if self.adapt_roles(refusal):
            return True
        if not self._has_parts and _PARTS.search(_words(refusal)):
            self._has_parts = True
            return True
        words, offered = (*_OFFERED.split(_words(refusal), maxsplit=1), "")[:2]
        if FORMAT in sent and FORMAT not in self._extra and _FORMAT.search(words):
            return self._adapt_format(sent[FORMAT])
        if "stream" not in sent and _STREAM_ONLY.search(words):
            with self._lock:
                self._values["stream"] = True
            return True
        back = {new: old for old, new in self._renamed.items()}
        ours = {back.get(name, name): name for name in sent if name not in self._extra}
        named = [name for name in _ADAPTABLE if name in ours and _names(words, ours[name])]
        if not named and (LIMITS[1] in words or "max_new_tokens" in words):
            named = [name for name in ours if name == "max_tokens"]
        if not named and _UNNAMED.search(words) and not any(_names(words, name) for name in self._extra):
            named = [name for name in _ADAPTABLE[:2] if name in ours][:1]
        if "both" in words and len(named) > 1:
            named = named[:1]  # one of them may stay
        with self._lock:
            learned = [self._learn(name, ours[name], sent[ours[name]], words, offered) for name in named]
        return any(learned)

    def _adapt_format(self, value: object) -> bool:
        """Ask for any JSON object where a schema was refused, and for nothing where that was refused, too."""
        with self._lock:
            if value == _ANY_OBJECT:
                self._omitted.add(FORMAT)
            self._form = "json_object"
        return True

    def adapt_roles(self, refusal: bytes) -> bool:
        """Learn that the model takes no system message, which some servers say as a fault of their own."""
        if not self._has_system or not _NO_SYSTEM.search(_words(refusal)):
            return False
        self._has_system = False
        return True

    def _learn(self, name: str, spelling: str, value: object, words: str, offered: str) -> bool:
        if self._renamed.get(name, name) != spelling or self._values.get(name, value) != value:
            return True  # another request has learned it meanwhile
        if name == "max_tokens":
            instead = _INSTEAD.search(words)
            other = re.search(r"\bmax_\w*tokens\b", offered)
            new = instead[1] if instead else LIMITS[1] if LIMITS[1] in words else other[0] if other else None
            if new and new != spelling and name not in self._renamed and "is too large" not in words:
                self._renamed[name] = new
                return True
            if _CONTEXT.search(words):
                return False
            most = _LIMIT.search(words)
            if most and isinstance(value, int) and 0 < int(most[1]) < value:
                self._values[name] = int(most[1])
                return True
            if _TOO_MANY.search(words):
                return False
        elif name == "temperature" and name not in self._values and "both" not in words:
            only, between = _ONLY_VALUE.search(words), _RANGE.search(words)
            if between and isinstance(value, int | float):
                self._values[name] = min(max(value, float(between[1])), float(between[2]))
                return self._values[name] != value
            # A server that samples only takes no 0; the least it takes is nearest to what was asked.
            self._values[name] = 0.01 if not value and not only else float(only[1]) if only else 1.0
            if self._values[name] != value:
                return True
        self._values.pop(name, None)
        self._omitted.add(spelling)
        return True


def _format(schema: Mapping[str, Json], form: str) -> dict[str, object]:
    """Return `response_format` for an answer of this schema."""
    if form == "json_object":
        return _ANY_OBJECT
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}


def _names(words: str, name: str) -> bool:
    spelled = name.replace("_", "_?")  # topK
    return re.search(rf"(?<![A-Za-z0-9_]){spelled}(?![A-Za-z0-9_])", words, re.IGNORECASE) is not None


def _words(refusal: bytes) -> str:
    """Return what a refusal says, without the values that some servers quote back."""
    text = refusal[:20_000].decode("utf-8", "replace")
    try:
        return " ".join(_strings(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() if key not in ("input", "body") for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []
