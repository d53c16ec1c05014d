"""The part of a completion in which a model thinks aloud: drafts in it are not what it answers."""

import re

_NAMES = "think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|seed:think"
_OPEN = (
    rf"(?:<(?:{_NAMES})(?:\s[^<>\n]*)?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|channel\|>analysis<\|message\|>)"
)
_CLOSE = (
    rf"(?:</(?:{_NAMES})\s*>|\[/THINK\]|\u25c1/think\u25b7|<\|end_of_thought\|>"
    r"|<\|start\|>assistant<\|channel\|>final<\|message\|>|<\|channel\|>final<\|message\|>)"
)
_TAG = re.compile(rf"(?P<open>{_OPEN})|(?P<close>{_CLOSE})", re.IGNORECASE)
_SPECIAL = re.compile(
    r"<\|(?:im_start|im_end|endoftext|end_of_text|eot_id|end|return|start)\|>|<[｜|]end▁of▁sentence[｜|]>"
)


def without_thinking(text: str) -> str:
    """Return `text` without what stands between the tags of thinking, and without special tokens of chat templates.

    A closing tag alone ends thinking that began with the text, an opening one alone begins thinking that never ends.
    """
    kept: list[str] = []
    start, depth = 0, 0
    for tag in _TAG.finditer(text):
        if tag["open"]:
            if depth == 0:
                kept.append(text[start : tag.start()])
            depth += 1
        else:
            if depth == 0:  # Its opening tag was part of the prompt.
                kept.clear()
            depth = 0
        start = tag.end()
    if depth == 0:
        kept.append(text[start:])
    return _SPECIAL.sub("", "".join(kept))
