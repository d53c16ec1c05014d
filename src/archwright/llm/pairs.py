"""Training pairs: what the model is asked, and the program it should have answered with."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archwright.errors import UsageError
from archwright.llm.model import Prompt
from archwright.reading import parse_line, read_text, readable
from archwright.resumable import replacing


@dataclass(frozen=True, slots=True)
class Pair:
    """One example for fine-tuning: a prompt and the whole answer, code fence included."""

    prompt: Prompt
    completion: str


def make_pair(prompt: Prompt, source: str) -> Pair:
    """Return the pair that teaches to answer `prompt` with the program `source`.

    The answer is exactly one well-formed fenced block, so that what is generated later can be cut out the same way.
    Raises ValueError for an empty program and for one that holds a line beginning with a fence itself.
    """
    program = source.strip("\n").rstrip()
    if not program:
        raise ValueError("an empty program teaches nothing")
    if any(line.lstrip().startswith("```") for line in program.splitlines()):
        raise ValueError("a program with a code fence inside cannot be fenced")
    return Pair(prompt, f"```python\n{program}\n```")


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    """Write pairs as JSON lines (`system`, `user`, `completion`), all or none."""
    with replacing(path) as scratch, scratch.open("w", encoding="utf-8") as file:
        for pair in pairs:
            row = {"system": pair.prompt.system, "user": pair.prompt.user, "completion": pair.completion}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs in a file written by `write_pairs`; raises UsageError naming the line that is not one."""
    pairs = []
    with readable(path, "give a file of training pairs, one JSON object a line"):
        lines = read_text(path).split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = parse_line(line)
            texts = row.get("system", ""), row["user"], row["completion"]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError
            if not any(line.strip() and not line.startswith("```") for line in texts[2].splitlines()):
                raise UsageError(
                    f"line {number} of {path}: the completion is empty",
                    "write the answer it teaches, or remove the line",
                )
            pairs.append(Pair(Prompt(texts[0], texts[1]), texts[2]))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise UsageError(
                f"line {number} of {path} is not a training pair",
                'each line is an object: {"system": ..., "user": ..., "completion": ...}',
            ) from None
    return pairs
