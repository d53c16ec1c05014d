"""Priors by kind; torch and transformers are imported when one of them is made."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from archwright.cells.priors.prior import CodePrior, PriorSchedule
from archwright.errors import UnknownNameError
from archwright.task import Frozen

PriorKind = Literal["decoder", "t5", "llm"]
KINDS: tuple[PriorKind, ...] = get_args(PriorKind)


class PriorConfig(Frozen):
    """Which prior, and how it is trained; what is unset is as the kind has it (`decoder`, `t5` and `llm`)."""

    kind: PriorKind = Field(
        "decoder",
        description="decoder: a small transformer over codes | t5: text to text, as published | llm: the embedded "
        "language model with LoRA.",
    )
    epochs: int | None = Field(None, ge=1)
    batch: int | None = Field(None, ge=1, description="Sequences per step.")
    lr: float | None = Field(None, gt=0)
    sequences: int | None = Field(
        None, ge=1, description="Training cells it learns from, at random; unset: all. For llm on a CPU: thousands."
    )
    checkpoint: Path | None = Field(None, description="For t5: a folder with a pretrained one; unset: from scratch.")
    model: str | None = Field(None, description="For llm: a local model, as in llm.model of a study.")


PUBLISHED = {"kind": "t5"}
"""The key in which the defaults depart from section 3.2. The published T5 is pretrained; there is none here."""


def new_prior(config: PriorConfig, vertices: int, codes: int, *, seed: int = 0) -> CodePrior:
    """Return an untrained prior for sequences of so many vertices and codes; UsageError for a checkpoint that is none.

    `seed` is that of the weights to begin with.
    """
    if config.kind == "decoder":
        from archwright.cells.priors.decoder import DecoderConfig, DecoderPrior

        return DecoderPrior(
            vertices, codes, DecoderConfig(training=_chosen(config, DecoderConfig().training)), seed=seed
        )
    if config.kind == "t5":
        from archwright.cells.priors.t5 import T5Config, T5Prior

        chosen = T5Config(checkpoint=config.checkpoint, training=_chosen(config, T5Config().training))
        return T5Prior(vertices, codes, chosen, seed=seed)
    from archwright.cells.priors.llm import LlmPrior, LlmPriorConfig

    default = LlmPriorConfig()
    model = config.model or default.model
    return LlmPrior(vertices, codes, LlmPriorConfig(model=model, training=_chosen(config, default.training)))


def load_prior(folder: Path) -> CodePrior:
    """Return the prior saved in `folder`; raises UsageError when there is none, or one that is damaged."""
    from archwright.cells.priors.storage import read_document

    document = read_document(folder)
    if document["kind"] == "decoder":
        from archwright.cells.priors.decoder import DecoderPrior

        return DecoderPrior.load(folder, document)
    if document["kind"] == "t5":
        from archwright.cells.priors.t5 import T5Prior

        return T5Prior.load(folder, document)
    if document["kind"] == "llm":
        from archwright.cells.priors.llm import LlmPrior

        return LlmPrior.load(folder, document)
    raise UnknownNameError.of("prior", document["kind"], KINDS)


def _chosen(config: PriorConfig, default: PriorSchedule) -> PriorSchedule:
    return PriorSchedule(
        epochs=config.epochs or default.epochs, batch=config.batch or default.batch, lr=config.lr or default.lr
    )
