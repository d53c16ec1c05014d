"""What can be chosen about an autoencoder; all else is as published."""

from typing import Literal

from pydantic import Field

from archwright.task import Frozen


class AutoencoderConfig(Frozen):
    """The defaults are what reconstructs best; `PUBLISHED` is the paper's choice of each."""

    decoder: Literal["joint", "product"] = Field(
        "joint",
        description="joint: a small network of all codes of a cell | product: an edge for each pair of vertices whose "
        "vectors have a positive product, as published.",
    )
    positions: bool = Field(True, description="Tell the encoder the number of each vertex; published: no.")
    readout: Literal["all", "last"] = Field(
        "all", description="Layers of the encoder that a code is made from; published: the last."
    )
    codebook: Literal["average", "gradient"] = Field(
        "average",
        description="average: moving averages of normalised encoder outputs, unused codes start anew | gradient: the "
        "codebook's term of the loss, as published.",
    )
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="Of the learning rate, from 0.001; published: constant."
    )
    epochs: int = Field(25, ge=1)
    batch: int = Field(256, ge=2, description="Cells per step; the paper does not say.")


PUBLISHED = {
    "decoder": "product",
    "positions": False,
    "readout": "last",
    "codebook": "gradient",
    "schedule": "constant",
}
"""The keys in which the defaults depart from section 3.1."""
