"""Fills the prompt templates of this folder; each template reads as prose and is golden-tested."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from string import Template
from typing import Literal

from archwright.candidate import Program
from archwright.llm.model import Prompt
from archwright.programs.quoting import quotable
from archwright.task import Budget, DataSpec
from archwright.untrusted import plain_text, quotation

Form = Literal["compact", "full"]
LONGEST_TITLE = 200
"""Characters of a data set's title, which may come from a stranger's folder."""


def render_full(
    spec: DataSpec, budget: Budget, form: Form, examples: Sequence[tuple[Program, str | None]] = ()
) -> Prompt:
    """Return the prompt that asks for a whole program (closed-loop paper, section I).

    `examples` are known programs, quoted without what speaks to the reader, with their score in words where it was
    measured, for example `52.0 % accuracy`.
    """
    channels, height, width = spec.image_shape
    user = _template(f"full_{form}").substitute(
        title=" ".join(plain_text(spec.wording or spec.title).split())[:LONGEST_TITLE],
        channels=channels,
        height=height,
        width=width,
        classes=spec.classes,
        limit=f"at most {budget.max_params:,} parameters" if budget.max_params else "any number of parameters",
        examples="".join(_render_example(program, score) for program, score in examples),
    )
    return Prompt(system=_template("system").template.strip(), user=user.strip())


def _render_example(program: Program, score: str | None) -> str:
    words = "" if score is None else f" ({score})"
    quoted = quotation(quotable(program.source).strip(), "python")
    return _template("example").substitute(score=words, program=quoted).rstrip("\n")


@cache
def _template(name: str) -> Template:
    return Template((resources.files("archwright.prompts") / f"{name}.md").read_text("utf-8"))
