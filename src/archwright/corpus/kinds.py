"""Which studies a corpus or an export can take programs of: those whose candidates are networks."""

from pathlib import Path

from archwright.config import StudyConfig
from archwright.contracts.contract import Contract
from archwright.contracts.network import NETWORK
from archwright.errors import UsageError
from archwright.registry import CONTRACTS


def require_networks(config: StudyConfig, study: Path, done: str) -> Contract:
    """Return the contract of the study of `config`, of networks; raises UsageError for one of anything else.

    `done` is what is to become of them.

    Also raises UnknownNameError for a contract that nobody here offers.
    """
    contract = CONTRACTS.load(config.loop.contract)
    if contract.defines != NETWORK.defines:
        raise UsageError(
            f"{study} is a study of {contract.name}s and only networks can be {done}", "give a study of networks"
        )
    return contract
