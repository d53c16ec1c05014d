"""Which studies a corpus or an export can take programs of: those whose candidates are networks."""

from archwright.archive import Archive
from archwright.archive.own_parts import contract_of
from archwright.configuring import build_config
from archwright.contracts.contract import Contract
from archwright.contracts.network import NETWORK
from archwright.errors import UsageError


def require_networks(archive: Archive, done: str) -> Contract:
    """Return the contract of a study of networks; raises UsageError for one of anything else.

    `done` is what is to become of them.

    Also raises UnknownNameError for a contract that nobody here offers.
    """
    contract = contract_of(archive, build_config(archive.config).loop.contract)
    if contract.defines != NETWORK.defines:
        raise UsageError(
            f"{archive.folder} is a study of {contract.name}s and only networks can be {done}",
            "give a study of networks",
        )
    return contract
