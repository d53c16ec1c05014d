"""What can be chosen about a prior."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

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
