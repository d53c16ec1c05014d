"""Recorded completions: a study without a model, the same to the last bit every time.

A recording is a file of JSON lines, one completion each: `{"text", "prompt_tokens", "completion_tokens",
"finish_reason"}`, all but the text optional. Which one answers a request follows from its seed alone (`records[seed
modulo their number]`): not from the prompt, and not from what was asked before. A study that was killed and resumed,
or asks in other batches, therefore gets the same answers as one that never stopped.

A line may have `"when"`, a regular expression: it answers only prompts in which that is found, in place of the lines
without. So a scripted model can be written whose right answer depends on what it is told. Recordings come from
anywhere: looking for their expressions takes ten seconds at most.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import regex

from archwright.errors import ModelError, UsageError
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt
from archwright.reading import parse_line, read_text, readable
from archwright.untrusted import plain_text

LONGEST_SEARCH_S = 10.0
"""For one prompt, through all lines."""


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One line of a recording."""

    completion: Completion
    when: regex.Pattern[str] | None = None
    """Found in the prompts that it answers; None for one that answers all that no other does."""


class ReplayModel:
    """Answers from a recording; decoding settings change nothing, and prompts only what their `when` says."""

    def __init__(self, path: Path) -> None:
        """Read the recording; raises UsageError for a file that is none."""
        self._path = path
        lines = read_recording(path)
        self._always = [line.completion for line in lines if line.when is None]
        self._sometimes: dict[regex.Pattern[str], list[Completion]] = {}
        for line in lines:
            if line.when is not None:
                self._sometimes.setdefault(line.when, []).append(line.completion)

    @property
    def name(self) -> str:
        """The model's specification, as given in `llm.model`."""
        return f"replay:{self._path}"

    @property
    def adapter(self) -> str | None:
        """None: what is recorded cannot be taught."""
        return None

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return the recorded completion that each seed picks."""
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        fitting = {prompt: self._fitting(str(prompt)) for prompt in set(prompts)}
        chosen = ((fitting[prompt], seed) for prompt, seed in zip(prompts, seeds, strict=True))
        return [lines[seed % len(lines)] for lines, seed in chosen]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the completions with their positions, in order."""
        yield from enumerate(self.complete(prompts, decoding, seeds))

    def close(self) -> None:
        """Do nothing: the file was read at the start."""

    def _fitting(self, prompt: str) -> list[Completion]:
        """Return what may answer `prompt`; raises ModelError when there is nothing or it takes too long."""
        until_s = time.monotonic() + LONGEST_SEARCH_S
        fitting = (found for when, found in self._sometimes.items() if self._is_found(when, prompt, until_s))
        found = list(chain.from_iterable(fitting)) or self._always
        if not found:
            raise ModelError(f"no line of {self._path} answers this prompt", "add one without a `when`")
        return found

    def _is_found(self, when: regex.Pattern[str], prompt: str, until_s: float) -> bool:
        try:
            return when.search(prompt, timeout=max(0.0, until_s - time.monotonic())) is not None
        except TimeoutError:
            seconds, shown = f"{LONGEST_SEARCH_S:g} s", plain_text(when.pattern[:80])
            message = f"looking for what is `when` in {self._path} takes more than {seconds}, last for {shown}"
            raise ModelError(message, "write a simpler expression, without repetitions in repetitions") from None


def read_recording(path: Path) -> list[RecordedLine]:
    """Return the lines of a recording; raises UsageError naming the line that is not one."""
    with readable(f"the recording {path}", "write replay:FILE, a JSON lines file"):
        lines = read_text(path).split("\n")
    records = [_parse(line, number, path) for number, line in enumerate(lines, start=1) if line.strip()]
    if not records:
        raise UsageError(f"the recording {path} is empty", "record at least one completion")
    return records


def _parse(line: str, number: int, path: Path) -> RecordedLine:
    try:
        row = {key: value for key, value in parse_line(line).items() if value is not None}
        text, when = row["text"], row.get("when")
        read, written = int(row.get("prompt_tokens", 0)), int(row.get("completion_tokens", 0))
        if not isinstance(text, str) or min(read, written) < 0:
            raise TypeError
        reason = FinishReason(row.get("finish_reason", FinishReason.STOP if text.strip() else FinishReason.EMPTY))
        completion = Completion(
            text=text,
            prompt_tokens=read,
            completion_tokens=written,
            finish_reason=reason,
            wall_s=0.0,
        )
        return RecordedLine(completion, None if when is None else regex.compile(when))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, regex.error):
        raise UsageError(
            f"line {number} of {path} is not a recorded completion",
            'each line is an object with a "text"; all else may be left out: prompt_tokens, completion_tokens, '
            f"finish_reason ({', '.join(FinishReason)}) and when, a regular expression",
        ) from None
