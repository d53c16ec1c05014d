"""Fills the prompt templates of this folder; each template reads as prose and is golden-tested."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from string import Template
from typing import Literal

from archwright.candidate import Failure, Program
from archwright.llm.model import Prompt
from archwright.programs.quoting import broken, quotable
from archwright.task import Budget, Classes, DataSpec
from archwright.untrusted import plain_text, quotation

Form = Literal["compact", "full"]
LONGEST_ANSWER = 8_000
"""Characters of a failed answer that are quoted."""
LONGEST_TITLE = 200
"""Characters of a data set's title, which may come from a stranger's folder."""


def render_full(
    spec: DataSpec, budget: Budget, form: Form, examples: Sequence[tuple[Program, str | None]] = ()
) -> Prompt:
    """Return the prompt that asks for a whole program (closed-loop paper, section I).

    `examples` are known programs, quoted without what speaks to the reader, with their score in words where it was
    measured, for example `52.0 % accuracy`.
    """
    quoted = "".join(_render_example(program, score) for program, score in examples)
    return _prompt(f"full_{form}", spec, budget, examples=quoted)


def render_delta(spec: DataSpec, budget: Budget, parent: Program, score: str | None) -> Prompt:
    """Return the prompt that asks for a diff of `shown(parent)`, whose score is given in words where it is known."""
    words = "" if score is None else f" This one scores {score}."
    return _prompt("delta", spec, budget, score=words, program=quotation(shown(parent).strip("\n"), "python"))


def render_channels(
    spec: DataSpec,
    budget: Budget,
    mode: Literal["vector", "code"],
    parent: Program,
    score: str | None,
    groups: Mapping[str, str],
    form: str,
) -> Prompt:
    """Return the prompt that asks for other widths of `parent`: as JSON like `form`, or as the whole program.

    `groups` says of each width what it is and where it stands.
    """
    return _prompt(
        f"channels_{mode}",
        spec,
        budget,
        score="" if score is None else f" This one scores {score}.",
        form=form,
        groups="\n".join(f"- {name}: {plain_text(words)}" for name, words in groups.items()),
        program=quotation(shown(parent).strip("\n"), "python"),
    )


def render_transform(spec: DataSpec, operations: str, references: Sequence[tuple[Program, str | None]] = ()) -> Prompt:
    """Return the prompt that asks for an augmentation (transforms paper): `operations` lists what there is.

    `references` are known ones with their score in words where it was measured.
    """
    quoted = "".join(_render_reference(program, score) for program, score in references)
    user = _prompt("transform", spec, Budget(), operations=operations, references=quoted).user
    return Prompt(_template("transform_system").substitute().strip(), user)


def render_repair(asked: Prompt, answer: str, failure: Failure) -> Prompt:
    """Return the prompt that gives a failed answer back to the model, with the reason."""
    where = f" (line {failure.line})" if failure.line else ""
    user = _template("repair").substitute(
        asked=asked.user,
        answer=quotation(quotable(answer[:LONGEST_ANSWER]).strip("\n")),
        reason=broken(plain_text(f"{failure.stage}: {failure.message}{where}")),
    )
    return replace(asked, user=user.strip())


def render_improve(history: Sequence[str], best: str, current: str, outcome: str) -> Prompt:
    """Return the prompt that asks the improver what to change, given earlier attempts of one line each."""
    user = _template("improve").substitute(
        history=broken(plain_text("\n".join(history))) or "none",
        best=quotation(quotable(best).strip("\n")),
        current=quotation(quotable(current).strip("\n")),
        outcome=broken(plain_text(outcome)),
    )
    return Prompt("You are an expert in neural networks.", user.strip())


def shown(program: Program) -> str:
    """Return the text of a program as a prompt quotes it, which is what an answer's diff is about."""
    return plain_text(quotable(program.source)).strip("\n") + "\n"


def shown_in(prompt: str) -> str | None:
    """Return the program that a prompt of `render_delta` quotes; None where it quotes none."""
    found = re.search(r"\n(`{3,})python\n(.*?)\n\1(?=\n|\Z)", prompt, re.DOTALL)  # Remarks and advice may follow.
    return f"{found[2]}\n" if found else None


def _prompt(template: str, spec: DataSpec, budget: Budget, **more: str) -> Prompt:
    channels, height, width = spec.image_shape
    words = _words(spec)
    user = _template(template).substitute(
        title=" ".join(plain_text(spec.wording or spec.title).split())[:LONGEST_TITLE],
        channels=channels,
        height=height,
        width=width,
        limit=f"at most {budget.max_params:,} parameters" if budget.max_params else "any number of parameters",
        **words,
        **more,
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


def _render_reference(program: Program, score: str | None) -> str:
    words = "A known one" if score is None else f"This one scores {score}"
    return f"\n\n{words}:\n\n{quotation(shown(program).strip(chr(10)), 'python')}"


@cache
def _template(name: str) -> Template:
    return Template((resources.files("archwright.prompts") / f"{name}.md").read_text("utf-8"))
