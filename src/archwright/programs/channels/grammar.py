"""A grammar of the width vectors of one program, for models that are held to a form while they write."""

import json
from bisect import bisect_right

from archwright.candidate import Json
from archwright.programs.channels.widths import NARROWEST, WIDEST, Widths

COMMA = ' ", " '


def widths_grammar(widths: Widths, limit: int) -> str:
    """Return a grammar (Lark's syntax, as llguidance reads it) of JSON objects of `widths`.

    Every group has its own width or another that would fit if it alone were changed, within `limit` parameters (0: any
    number). That not all are as they were is left to whoever draws, as in `diff_grammar`.
    """
    members, rules = [], []
    for number, (name, own) in enumerate(widths.groups.items()):
        members.append(f"{json.dumps(f'{json.dumps(name)}: ')} width{number}")
        others = _others(widths, name, limit)
        rules.append(f"width{number}: %json {json.dumps({'anyOf': [{'const': own}, *others]})}")
    return "\n".join([f'start: "{{" {COMMA.join(members)} "}}"', *rules]) + "\n"


def _others(widths: Widths, name: str, limit: int) -> list[Json]:
    """Return the JSON schema of the other widths that one group may have, in a list; an empty one for none."""
    own = widths.groups[name]
    for step in (each for each in range(1, own + 1) if own % each == 0):
        near = [width for width in (own - step, own + step) if NARROWEST <= width <= WIDEST]
        if near and all(widths.fits({name: width}) for width in near):
            break
    else:
        return []
    most = WIDEST
    if limit:
        most = bisect_right(range(WIDEST + 1), limit, key=lambda width: widths.count({name: width})) - 1
    fitting = range(-(-NARROWEST // step) * step, most + 1, step)
    return [{"type": "integer", "minimum": NARROWEST, "maximum": most, "multipleOf": step}] if fitting else []
