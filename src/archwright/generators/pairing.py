"""The `pairing` generator: known networks with another loss and another optimizer; no model is asked.

With the strategy `sweep` it is the full factorial of "loss x optimizer" (arXiv 2606.20933): three losses by six
optimizers on every network, and with `sweep.recipe` at several rates.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from archwright.candidate import Candidate, Failure, FailureKind, Program, Record, Stage
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.designs import Design, factorial
from archwright.generators.generator import Request, Setting
from archwright.generators.unasked import WithoutModel
from archwright.programs.injection import inject
from archwright.starters.naming import by_name, chosen
from archwright.task import Frozen


class PairingOptions(Frozen):
    """What is paired with what."""

    networks: tuple[str, ...] = Field((), description="Names of the study's starters; empty: all.")
    losses: tuple[Literal["CE", "NLL", "NGL"], ...] = Field(
        ("CE", "NLL", "NGL"), min_length=1, description="Losses to combine with each optimizer."
    )
    optimizers: tuple[Literal["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"], ...] = Field(
        ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"),
        min_length=1,
        description="Optimizers to combine with each loss.",
    )


class PairingGenerator(WithoutModel):
    """Writes the network of a cell with its loss and its optimizer."""

    name: ClassVar[str] = "pairing"
    Options: ClassVar[type[Frozen]] = PairingOptions

    def __init__(self, setting: Setting) -> None:
        """Take the setting; raises UnknownNameError for networks that are not among its starters."""
        self._networks = by_name(setting.starting)
        self._first = next(iter(self._networks.values()))
        self.design(setting.config, setting.starting)

    @staticmethod
    def design(config: StudyConfig, starters: Sequence[Record]) -> Design:
        """Return every network with every loss and every optimizer; networks are blocks."""
        options = options_of(config, "pairing", PairingOptions)
        networks = chosen(options.networks, tuple(by_name(starters)))
        factors = {"network": networks, "loss": options.losses, "optimizer": options.optimizers}
        return factorial(factors, blocks=("network",))

    def candidate(self, request: Request) -> Candidate:
        """Return the network with its pairing; one whose training is not understood is a failure to write one."""
        loss, optimizer = str(request.choice.get("loss", "CE")), str(request.choice.get("optimizer", "SGD"))
        parent = self._networks.get(str(request.choice.get("network")), self._first)
        parent = request.parents[0] if request.parents else parent
        operation = f"{parent.candidate.operation}, {loss} x {optimizer}"
        facts = {"operation": operation, **request.choice}
        parents = (parent.program.digest,)
        try:
            injected = inject(parent.program.source, loss, optimizer)
        except ValueError as error:
            failure = Failure(Stage.WRITE, FailureKind.REFUSED, f"{operation}: {error}")
            return request.candidate(self.name, failure, parents=parents, facts=facts)
        facts["injected"] = injected.how
        return request.candidate(self.name, Program(injected.source), parents=parents, facts=facts)
