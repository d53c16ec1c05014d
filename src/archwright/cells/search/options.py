"""The section `cells` of a study's configuration."""

from pydantic import Field

from archwright.task import Frozen


class CellsOptions(Frozen):
    """A search over the cells of a published benchmark."""

    space: str = Field("nasbench201", description="nasbench101 | nasbench201")
    dataset: str = Field("c10", description="c10 | c100 | in16; nasbench101 has c10 only.")
    strategy: str = Field("bayesian", description="random | evolution | local | bayesian | sequence")
    queries: int = Field(192, ge=1, description="How many different cells are measured.")
    model: str = Field("", description="For sequence: a folder of the space written by `archwright cells train`.")
    temperature: float = Field(1.0, gt=0, description="For sequence: of the prior.")
