"""What servers say when they refuse: their own words out of all the forms that errors have, and what they are about."""

import html
import json
import re

from archwright.untrusted import plain_text, storable

_LONGEST = 300
MOST_MODELS = 8
"""Models that a message names."""
_WORDS = (
    *("error", "errors", "message", "detail", "msg", "error_description", "error_msg", "status_msg", "base_resp"),
    *("fault", "faultstring", "reason", "err", "title"),
)
"""Keys under which servers say what is wrong, in lower case; the first that says something is taken."""
_ABOUT_PROMPT = re.compile(
    r"context.?(?:length|window|size)|maximum context|(?:prompt|input) is too long|too many tokens|reduce the length|"
    r"inputs?\b.{0,40} must (?:be <|have less)|"
    r"content.?(?:filter|management|policy)|moderation|flagged|safety|too large|inappropriate|the model declined|"
    r"敏感|不安全|违规|上下文|过长",  # sensitive, unsafe, against the rules, context, too long
    re.IGNORECASE,
)
_ABOUT_ACCOUNT = re.compile(
    r"quota|billing|credits?\b|balance|payment|\bbudget\b.{0,20}exceed"
    r"|欠费|余额|充值|额度",  # in arrears, balance, top up, allowance
    re.IGNORECASE,
)
_ABOUT_MODEL = re.compile(
    r"model.{0,80}(?:not found|not exist|unknown|not available|no access|unloaded|has crashed)|no models? loaded"
    r"|(?:unknown|no such|invalid|not a valid) model",
    re.IGNORECASE | re.DOTALL,
)
_ABOUT_ADDRESS = re.compile(r"unexpected endpoint", re.IGNORECASE)
"""As LM Studio answers, with status 200."""


def read_json(content: bytes) -> object:
    """Return the first JSON document in an answer, whatever its encoding, also with line ends in its strings.

    Raises ValueError, and RecursionError when it is nested too deeply.
    """
    text = content.decode(json.detect_encoding(content), "replace").lstrip("\ufeff \t\r\n")
    return json.JSONDecoder(strict=False).raw_decode(text)[0]


def said_by(content: bytes) -> str:
    """Return what an answer says in words, shortened: its error message, else its text without markup."""
    try:
        text = words_in(read_json(content))
    except (ValueError, RecursionError):
        text = None
    if text is None:
        raw = content[:5_000].decode("utf-8", "replace")
        if "<" in raw:
            raw = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)|<[^>]*>", " ", raw)
        text = html.unescape(raw)
    return shortened(text) if re.search(r"\w", text) else ""


def words_in(answer: object, depth: int = 6) -> str | None:
    """Return the words of an error in one of the forms that servers use, None when there are none."""
    if isinstance(answer, str):
        return _unwrapped(answer, depth) if answer else None
    if isinstance(answer, list) and depth:
        return next((found for item in answer[:8] if (found := words_in(item, depth - 1))), None)
    if not isinstance(answer, dict) or not depth:
        return None
    lowered = {str(key).lower(): value for key, value in answer.items()}
    for name in _WORDS:
        if found := words_in(lowered.get(name), depth - 1):
            place = answer.get("loc")  # pydantic's form: a list of {"loc": [...], "msg": ...}
            return f"{'.'.join(map(str, place[:8]))}: {found}" if isinstance(place, list) else found
    inner = next((lowered[name] for name in _WORDS if isinstance(lowered.get(name), dict) and lowered[name]), None)
    return json.dumps(inner)[:_LONGEST] if inner else None


def _unwrapped(text: str, depth: int) -> str:
    """Return the words in an error that quotes another server's error as JSON."""
    try:
        inner = words_in(json.loads(text), depth - 1) if depth and text.startswith("{") else None
    except (ValueError, RecursionError):
        inner = None
    return inner or text


def is_about_prompt(said: str) -> bool:
    """Return whether a refusal concerns one prompt (its length, a content filter) rather than every request."""
    return _ABOUT_PROMPT.search(said) is not None


def is_about_account(said: str) -> bool:
    """Return whether a refusal concerns money or a quota, which no waiting mends."""
    return _ABOUT_ACCOUNT.search(said) is not None


def is_about_model(said: str) -> bool:
    """Return whether a refusal says that there is no such model."""
    return _ABOUT_MODEL.search(said) is not None


def is_about_address(said: str) -> bool:
    """Return whether a refusal says that nothing is served at the address."""
    return _ABOUT_ADDRESS.search(said) is not None


def model_names(content: bytes) -> list[str]:
    """Return the first names in a server's list of models."""
    try:
        answer = read_json(content)
    except (ValueError, RecursionError):
        return []
    listed = answer.get("data") or answer.get("models") if isinstance(answer, dict) else answer
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    names = [entry.get("id") or entry.get("name") for entry in entries]
    return [shortened(name)[:80] for name in names if isinstance(name, str)][:MOST_MODELS]


def shortened(text: str) -> str:
    """Return `text` as one plain line."""
    return " ".join(plain_text(storable(text)).split())[:_LONGEST]
