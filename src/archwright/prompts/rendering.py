"""Fills the prompt templates of this folder; each template reads as prose and is golden-tested."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from string import Template
from typing import Literal

from archwright.candidate import Program
from archwright.llm.model import Prompt
from archwright.programs.quoting import quotable
from archwright.task import Budget, Classes, DataSpec
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
    words = _words(spec)
    user = _template(f"full_{form}").substitute(
        title=" ".join(plain_text(spec.wording or spec.title).split())[:LONGEST_TITLE],
        channels=channels,
        height=height,
        width=width,
        limit=f"at most {budget.max_params:,} parameters" if budget.max_params else "any number of parameters",
        examples="".join(_render_example(program, score) for program, score in examples),
        **words,
    )
    return Prompt(system=_template("system").substitute(words).strip(), user=user.strip())


def _words(spec: DataSpec) -> dict[str, str]:
    """Return how the templates speak of what is predicted."""
    if isinstance(spec.target, Classes):
        return {
            "networks": "small image classifiers that reach high accuracy",
            "purpose": "image classification",
            "target": f"{spec.classes} classes",
            "out_shape": "(classes,)",
            "output": f"logits of shape (N, {spec.classes})",
            "answers": "logits",
            "labels": "labels",
        }
    shape = spec.target.shape
    return {
        "networks": "small networks from image to image that come close to their targets",
        "purpose": "the prediction of images",
        "target": f"images {shape[0]} x {shape[1]} x {shape[2]} to predict, with values from 0 to 1",
        "out_shape": "(channels, height, width)",
        "output": f"images of shape (N, {shape[0]}, {shape[1]}, {shape[2]}), values from 0 to 1",
        "answers": "images",
        "labels": "targets",
    }


def _render_example(program: Program, score: str | None) -> str:
    words = "" if score is None else f" ({score})"
    quoted = quotation(quotable(program.source).strip(), "python")
    return _template("example").substitute(score=words, program=quoted).rstrip("\n")


@cache
def _template(name: str) -> Template:
    return Template((resources.files("archwright.prompts") / f"{name}.md").read_text("utf-8"))
