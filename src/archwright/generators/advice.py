"""What the Improver answers: a problem and a suggestion, read from whatever form it gives them."""

import re
from collections.abc import Iterator

from pydantic import BaseModel, Field, ValidationError, field_validator

from archwright.candidate import Json
from archwright.programs.objects import inner, objects_in
from archwright.programs.thinking import without_thinking

_NAMES = {
    "reason": "reason reasons reasoning problem problems issue issues weakness weaknesses diagnosis key_reason"
    " reason_for_failure cause root_cause main_problem main_issue main_weakness",
    "inspiration": "inspiration inspirations",
    "improvement_suggestions": "improvement_suggestions improvement_suggestion suggestions suggestion improvements"
    " improvement recommendations recommendation fix fixes key_improvement_suggestions suggested_improvement"
    " suggested_improvements recommended_change recommended_changes suggested_change suggested_changes next_steps",
}
"""How models spell the names of the parts."""
_SPELLED = {spelling: name for name, spellings in _NAMES.items() for spelling in spellings.split()}
_PART = "|".join(spelling.replace("_", "[_ ]") for spelling in sorted(_SPELLED, key=len, reverse=True))
_LABEL = re.compile(
    r"^[ \t]*(?:[-*+>#]+[ \t]*|\d+[.)][ \t]*)?(?P<mark>[*_\"'`]{0,3})"
    rf"(?P<name>{_PART})(?P=mark)(?:[ \t]*[:=][ \t]*[*_]{{0,2}}|[ \t]+[-\u2013\u2014][ \t]+|[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_ELEMENT = re.compile(
    rf"<(?:parameter=)?(?P<name>{_PART})>(?P<said>.*?)</(?:(?P=name)|parameter)>"
    rf"|<arg_key>(?P<key>{_PART})</arg_key>\s*<arg_value>(?P<value>.*?)</arg_value>",
    re.DOTALL | re.IGNORECASE,
)
_NOTHING = re.compile(r"<[^<>]*>|\[[^][]*\]|string|text|your \w+", re.IGNORECASE)
"""What stands in a form that nobody filled in, beside dots."""


class Advice(BaseModel):
    """What the Improver answers."""

    reason: str = Field(min_length=1)
    inspiration: str = ""
    improvement_suggestions: str = Field(min_length=1)

    @field_validator("*", mode="before")
    @classmethod
    def _is_one_text(cls, value: object) -> object:
        """Join what models like to answer in place of a text: a list, or a table of several."""
        items = [f"{key}: {item}" for key, item in value.items()] if isinstance(value, dict) else value
        text = "; ".join(map(str, items)) if isinstance(items, list) else "" if items is None else str(items)
        return text.strip() if re.search(r"\w", text) and not _NOTHING.fullmatch(text.strip()) else ""


def read_advice(text: str) -> Advice:
    """Return the last advice in an answer; raises ValueError with what is wrong.

    Thinking aloud is no answer. An object within one that is advice is a part of it.
    """
    text, wrong = without_thinking(text), "there is no JSON object"
    advice: Advice | None = None
    for value in _candidates(text):
        try:
            advice = Advice.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            wrong = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if advice is None:
        raise ValueError(wrong)
    return advice


def _candidates(text: str) -> Iterator[dict[str, Json]]:
    """Yield what may be advice by the names of its parts, the objects of a text first."""
    found = objects_in(text)
    for one in found:
        waiting: list[Json] = [one.value]
        while waiting:
            value = waiting.pop(0)
            named = _named(value) if isinstance(value, dict) else {}
            if len(named) > 1 or (named and not any(True for _ in inner(value))):
                yield named
            else:
                waiting[:0] = inner(value)
    if not found:
        yield from (parts for parts in (_elements(text), _labelled(text)) if parts)


def _named(value: dict[str, Json]) -> dict[str, Json]:
    """Return the parts of advice in an object under their own names."""
    named: dict[str, list[Json]] = {}
    for key, item in value.items():
        if name := _SPELLED.get(re.sub(r"_\d+$", "", _snake(key))):
            named.setdefault(name, []).append(item)
    return {name: items[0] if len(items) == 1 else items for name, items in named.items()}


def _snake(key: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key.strip())).lower()


def _elements(text: str) -> dict[str, Json]:
    return {
        _SPELLED[_snake(found["name"] or found["key"])]: found["said"] or found["value"] or ""
        for found in _ELEMENT.finditer(text)
    }


def _labelled(text: str) -> dict[str, Json]:
    """Return what stands behind labels at the beginning of lines: headings, lists, YAML."""
    labels = list(_LABEL.finditer(text))
    ends = [*(label.start() for label in labels), len(text)][1:]
    return {
        _SPELLED[_snake(label["name"])]: text[label.end() : end].strip()
        for label, end in zip(labels, ends, strict=True)
    }
