"""Width vectors as models write them: the one that was meant, or a refusal; never another."""

import html
import json

import pytest

from archwright.programs.channels.vectors import read_vector
from archwright.programs.channels.widths import WidthError

GROUPS = {"w0": 16, "w1": 32, "w2": 64}
NEW = {"w0": 24, "w1": 48, "w2": 96}
J, OLD, DRAFT = json.dumps(NEW), json.dumps(GROUPS), json.dumps(dict.fromkeys(GROUPS, 8))
ARROWS = {name: f"{own} -> {NEW[name]}" for name, own in GROUPS.items()}
FORMS = {
    "after a thought": f"<think>{DRAFT} is narrow</think>{J}",
    "after a thought without a beginning": f"Perhaps {DRAFT}?</think>\n{J}",
    "after the widths that it has": f"The widths are {OLD}. I answer {J}",
    "before the widths that it had": f"{J}\n(previously {OLD})",
    "after a draft": f"First {DRAFT}, but no. Final answer: {J}",
    "after other braces": f"With {{x}} wide, and {{1, 2}}: {J}",
    "in an object": json.dumps({"reason": "wider", "widths": NEW}),
    "with a reason among the widths": json.dumps({**NEW, "reason": "wider is better"}),
    "old and new": json.dumps({"old": GROUPS, "new": NEW}),
    "as records": json.dumps([{"group": name, "width": width} for name, width in NEW.items()]),
    "as pairs": json.dumps(list(NEW.items())),
    "as an object for each": "\n".join(json.dumps({name: width}) for name, width in NEW.items()),
    "from and to": json.dumps({name: {"from": GROUPS[name], "to": width} for name, width in NEW.items()}),
    "whole floats": '{"w0": 24.0, "w1": 4.8e1, "w2": 96}',
    "texts": '{"w0": "24", "w1": "48 channels", "w2": "96, in `nn.Conv2d(3, 96, 3)`"}',
    "arrows": json.dumps(ARROWS),
    "products": '{"w0": 24, "w1": 2*24, "w2": 96}',
    "as Python": str(NEW),
    "without quotation marks": "{w0: 24, w1: 48, w2: 96}",
    "with equals signs": "dict(w0=24, w1=48, w2=96)",
    "with a comma too many": '{"w0": 24, "w1": 48, "w2": 96,}',
    "without commas": '{\n"w0": 24\n"w1": 48\n"w2": 96\n}',
    "with comments": '{\n  "w0": 24, // wider\n  "w1": 48, # wider\n  "w2": 96 /* x */\n}',
    "with typographic marks": "{\u201cw0\u201d: 24, \u201cw1\u201d: 48, \u201cw2\u201d:\xa096}",
    "as entities": html.escape(J),
    "as a text": json.dumps(J),
    "as TeX": "\\boxed{" + J.replace("{", "\\{").replace("}", "\\}") + "}",
    "to a tool": json.dumps({"name": "set_widths", "arguments": J}),
    "in upper case": J.upper(),
    "as YAML": "```yaml\nw0: 24\nw1: 48\nw2: 96\n```",
    "as a table": "| group | width |\n|---|---|\n| w0 | 24 |\n| w1 | 48 |\n| w2 | 96 |",
    "as a table of old and new": "".join(f"| {name} | {own} | {NEW[name]} |\n" for name, own in GROUPS.items()),
    "as a table of new and old": "".join(f"| {name} | {NEW[name]} | {own} |\n" for name, own in GROUPS.items()),
    "as records of both": json.dumps(
        [{"name": name, "old_width": 8, "new_width": width} for name, width in NEW.items()]
    ),
    "as elements": "".join(f"<{name}>{width}</{name}>" for name, width in NEW.items()),
    "as parameters": "".join(f"<parameter={name}>\n{width}\n</parameter>" for name, width in NEW.items()),
    "as a sentence of both": "Change w0 from 16 to 24, w1 from 32 to 48 and w2 from 64 to 96.",
    "as a list of changes": "- w0: 16 -> 24\n- w1: 32 -> 48\n- w2: 64 -> 96",
    "as records of layers": json.dumps([{"layer": name, "size": width} for name, width in NEW.items()]),
    "as records of both by other names": json.dumps(
        [{"layer": name, "current": GROUPS[name], "suggested": width} for name, width in NEW.items()]
    ),
    "as a record in each line": "\n".join(json.dumps({"group": name, "width": width}) for name, width in NEW.items()),
    "lists of old and new": json.dumps({name: [own, NEW[name]] for name, own in GROUPS.items()}),
    "current and target": json.dumps({name: {"current": GROUPS[name], "target": NEW[name]} for name in GROUPS}),
    "as CSV of old and new": "group,old,new\n" + "".join(f"{name},{own},{NEW[name]}\n" for name, own in GROUPS.items()),
    "in columns": "".join(f"{name}\t{width}\n" for name, width in NEW.items()),
    "as attributes": "".join(f'<group name="{name}" width="{width}"/>' for name, width in NEW.items()),
    "as elements with a name": "".join(f'<width name="{name}">{width}</width>' for name, width in NEW.items()),
    "with other signs in the names": json.dumps({f"W_{name[1:]}": width for name, width in NEW.items()}),
    "with a count beside the widths": json.dumps({**NEW, "total_params": 120_000}),
    "with wide signs": J.replace(":", "\uff1a").replace(",", "\uff0c"),
    "as sentences": "w0 becomes 24. w1 gets 48 channels. w2 is now 96.",
    "as a sentence": "I would set w0 to 24, w1 to 48 and w2 to 96.",
}
REFUSED = {
    "alternatives": f"Either {J} or {DRAFT}",
    "candidates in one object": json.dumps({"candidates": [NEW, dict.fromkeys(GROUPS, 8)]}),
    "options in one object": json.dumps({"option_a": NEW, "option_b": dict.fromkeys(GROUPS, 8)}),
    "a list of vectors": json.dumps([NEW, dict.fromkeys(GROUPS, 8)]),
    "a group there is not": json.dumps({**NEW, "w9": 8}),
    "only a thought": f"<think>{DRAFT}</think>",
    "an unfinished thought": f"<think>maybe {DRAFT} or",
    "cut off": J[:-4],
    "cut off behind a width": J[:-1],
    "half of a sentence": "Set w0 to 24 and let w1 be wider.",
    "two widths for one group": '{"w0": 24, "w0": 48}',
    "a range": '{"w0": [24, 48]}',
    "no number": '{"w0": NaN}',
    "two widths in lines": "w0: 24\nw0: 48",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_vector_is_read_in_every_form(text: str) -> None:
    assert read_vector(text, GROUPS) == NEW


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_may_mean_other_widths_is_refused(text: str) -> None:
    with pytest.raises(WidthError):
        read_vector(text, GROUPS)


def test_groups_that_are_left_out_stay() -> None:
    assert read_vector('{"w0": 24, "w1": null}', GROUPS) == {"w0": 24}
