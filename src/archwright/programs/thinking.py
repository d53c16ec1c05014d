"""The part of a completion in which a model thinks aloud: drafts in it are not what it answers."""

import re

_NAMES = (
    "(?:longcat_)?think|thinking|thoughts?|thought_process|reasoning|reflection|rationale|scratch_?pad|analysis"
    "|seed:think|(?:inner_?)?monologue|plan(?:ning)?|brainstorm(?:ing)?|deliberation|antthinking"
    "|internal(?:_?thoughts?)?|draft|first_try|cot|chain_of_thought|thinking_process"
    "|(?:self[_-]?)?(?:critique|reflection|review)"
)
_WORDS = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|inner|working_out)"
_BEGIN, _END = "(?:start|begin)", "(?:end|stop)"
"""As in `<|START_THINKING|>` (Cohere), `<|inner_prefix|>` (Apertus), `<start_working_out>`, `<|think_start|>`."""
_OPEN = (
    rf"(?:<\|?(?:{_BEGIN}_(?:of_)?{_WORDS}|{_WORDS}_(?:{_BEGIN}|prefix))\|?>"
    rf"|<\|?(?:{_NAMES})(?:\s[^<>\n]*)?\|?>|<\|im_start\|>think\b"
    r"|\[(?:THINK(?:ING)?|REASONING)\]|\u25c1think\u25b7|<\|channel>\s*thought|<\|channel\|>analysis<\|message\|>)"
)
_CLOSE = (
    rf"(?:<\|?(?:{_END}_(?:of_)?{_WORDS}|{_WORDS}_(?:{_END}|suffix))\|?>"
    rf"|<\|?/\s?(?:{_NAMES})\s*\|?>|<\|im_start\|>answer\b"
    r"|<channel\|>|\[/(?:THINK(?:ING)?|REASONING)\]|\u25c1/think\u25b7"
    r"|^\.\.\.done thinking\.$|\[end thinking\]|\bassistantfinal"  # ollama, llama.cpp, harmony without its tokens
    # Beside `final`, harmony's `commentary` holds calls of tools and what the user is told about them.
    r"|(?:<\|start\|>assistant)?<\|channel\|>(?:final|commentary)\b[^<\n]{0,80}(?:<\|constrain\|>\w+)?<\|message\|>)"
)
_DETAILS = re.compile(
    r"<details\b[^>\n]*>\s*<summary>\W*(?:my )?(?:reasoning|thinking|thoughts?|thought process|analysis)\b[^<\n]{0,60}"
    r"</summary>.*?</details>",
    re.IGNORECASE | re.DOTALL,
)
"""Thinking that a page shows when it is asked for."""
_TAG = re.compile(rf"(?P<open>{_OPEN})|(?P<close>{_CLOSE})", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
"""What a page keeps to itself."""
_NEXT_TURN = re.compile(
    r"<\|im_start\|>\s*(?:user|system)|<\|(?:start_header_id|header_start|start_of_role)\|>(?:user|system)"
    r"|<start_of_turn>user|<\|turn>user|<[|｜](?:user|User|system)(?:_start)?[|｜]>|(?:</?s>\s*)?\[INST\]|<role>HUMAN"
    r"|^#{1,4} (?:Instructions?|Human|User|Input):?[ \t]*$|^#{1,4} (?:Instruction|Human|User): "
    r"|^#{1,4} (?:Task|Exercise|Problem|Question) [2-9]\b"
    r"|^(?:Human|User|USER|Instruction): |^\*\*(?:Human|User)(?::\*\*|\*\*:)"
    r"|^Q: (?=.*\n+A:)|^user\n(?=(?:.*\n){1,40}?(?:assistant|model)\n)"  # a template without its special tokens
    r"|<\|(?:endoftext|end_of_text|eot_id|eot|EOT|im_end)\|>|<｜end▁of▁sentence｜>|<eos>",
    re.MULTILINE,
)
_ANSWER = re.compile(r"```|~~~|[\[{]|^(?:class|def) |^[-+@]", re.MULTILINE)
"""What an answer has and the words before one have not."""
_SPECIAL = re.compile(
    r"<\|start_header_id\|>\w*<\|end_header_id\|>|<\|im_start\|>\s*assistant|<start_of_turn>model"
    r"|<\|start\|>assistant|<\|[A-Za-z]\w{0,30}\|>|<[|｜][^<>|｜\n]{1,30}[|｜]>|</?s>|<(?:eos|bos|pad|unk|turn\|)>"
    r"|<(?:start|end)_of_turn>|<fim_\w{3,10}>|\[/?INST\]"
)


def without_thinking(text: str) -> str:
    """Return `text` without what stands between the tags of thinking, and without special tokens of chat templates.

    A closing tag alone ends thinking that began with the text, an opening one alone begins thinking that never ends.
    """
    text = _COMMENT.sub("", _DETAILS.sub("", text))
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
    return _SPECIAL.sub(lambda token: "\n" * (token[0] == "[/INST]"), own_turn("".join(kept)))


def own_turn(text: str) -> str:
    """Return `text` up to where the model ended its answer, or goes on in the name of the user."""
    ends = (turn.start() for turn in _NEXT_TURN.finditer(text))
    return next((text[:end] for end in ends if _ANSWER.search(text[:end])), text)
