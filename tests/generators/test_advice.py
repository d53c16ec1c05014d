"""Advice as models write it."""

import html
import json
import re

import pytest

from archwright.generators.advice import read_advice

ADVICE = {"reason": "too narrow", "inspiration": "resnet", "improvement_suggestions": "widen the stem"}
J = json.dumps(ADVICE)
DRAFT = json.dumps({"reason": "a draft", "improvement_suggestions": "a draft"})
FORMS = {
    "JSON": f"Sure:\n```json\n{J}\n```\nDone.",
    "after a thought": f"<think>{DRAFT}</think>{J}",
    "after a draft": f"{DRAFT}\nFinal: {J}",
    "as a list": json.dumps({**ADVICE, "improvement_suggestions": ["widen the stem"]}),
    "in an answer": json.dumps({"answer": ADVICE}),
    "to a tool": json.dumps({"name": "advise", "arguments": J}),
    "as Python": repr({**ADVICE, "reason": "it's too narrow"}),
    "with a comma too many": J[:-1] + ",}",
    "with a comma too few": J.replace('", "', '" "'),
    "with comments": J.replace("}", "// the end\n}"),
    "with typographic marks": re.sub('"([^"]*)"', "\u201c\\1\u201d", J),
    "without quotation marks": "{reason: 'too narrow', inspiration: 'r', improvement_suggestions: 'widen the stem'}",
    "with marks nobody escaped": '{"reason": "too "narrow" here", "improvement_suggestions": "widen the stem"}',
    "with a backslash nobody escaped": J.replace("the stem", "the stem by \\alpha"),
    "between three marks": '{"reason": """too narrow""", "improvement_suggestions": """widen the stem"""}',
    "as entities": html.escape(J),
    "as a text": json.dumps(J),
    "without the end": J[:-1],
    "with names in words": json.dumps({"Reason": "too narrow", "Improvement Suggestions": "widen the stem"}),
    "with names in camel case": json.dumps({"reason": "too narrow", "improvementSuggestions": "widen the stem"}),
    "with a shorter name": json.dumps({"reason": "too narrow", "suggestions": "widen the stem"}),
    "as an issue and recommendations": json.dumps({"issue": "too narrow", "recommendations": ["widen the stem"]}),
    "with a numbered suggestion": json.dumps({"reason": "too narrow", "suggestion_1": "widen the stem"}),
    "as parameters": "<parameter=reason>too narrow</parameter>\n<parameter=suggestions>widen the stem</parameter>",
    "with nothing for inspiration": json.dumps({**ADVICE, "inspiration": None}),
    "as YAML": "reason: too narrow\ninspiration: resnet\nimprovement_suggestions: widen the stem\n",
    "as labels": "**reason**: too narrow\n**inspiration**: resnet\n**Improvement suggestions:** widen the stem",
    "as labels of other words": "**Problem**: too narrow\n**Recommended change** - widen the stem",
    "as assignments": "diagnosis = too narrow\nfix = widen the stem",
    "with a cause and what comes next": json.dumps({"root_cause": "too narrow", "next_steps": ["widen the stem"]}),
    "as headings": "## Reason\ntoo narrow\n## Suggestions\nwiden the stem",
    "as XML": "<reason>too narrow</reason><improvement_suggestions>widen the stem</improvement_suggestions>",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_advice_is_read_in_every_form(text: str) -> None:
    advice = read_advice(text)
    assert "narrow" in advice.reason
    assert "widen the stem" in advice.improvement_suggestions


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot.",
        f"<think>perhaps {DRAFT}",
        json.dumps(dict.fromkeys(ADVICE, "...")),
        json.dumps(dict.fromkeys(ADVICE, "string")),
        json.dumps({key: f"<{key}>" for key in ADVICE}),
        json.dumps(dict.fromkeys(ADVICE, " ")),
        json.dumps(dict.fromkeys(ADVICE)),
        json.dumps({"type": "object", "properties": {"reason": {"type": "string"}}}),
        J[:-4],
    ],
)
def test_what_says_nothing_is_no_advice(text: str) -> None:
    with pytest.raises(ValueError, match="String|required|no JSON object"):
        read_advice(text)
