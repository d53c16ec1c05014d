"""What the filter of system calls refuses to honest networks on this machine: nothing, unless torch has changed."""

import json
from contextlib import closing
from dataclasses import dataclass

from archwright.contracts.contract import usual_contract
from archwright.sandbox.order import End, Limits, Order
from archwright.sandbox.supervisor import Sandbox

EVERY = 6
"""One seed network in so many is tried: they need the same calls."""
LIMITS = Limits(wall_s=30.0, memory_mb=1_024, is_traced=True)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What training some seed networks was refused."""

    calls: list[str]
    trained: int
    networks: int
    """As many were to be trained."""
    end: str
    """How the box ended, with its last words where that was too early."""
    is_late: bool
    """Whether it ended for want of time: nothing is wrong then but that the machine is busy."""


def refused_calls() -> Refusals:
    """Return the system calls that training some seed networks is refused; takes at most half a minute."""
    contract = usual_contract()
    sources = [contract.complete(record.program.source) for record in contract.starters()[::EVERY]]
    box = "archwright.evaluation.box"
    with closing(Sandbox(f"{box}.tracing:train", warm_up=f"{box}.trial:warm_up")) as boxes:
        report = boxes.run(Order(json.dumps(sources).encode(), {}, LIMITS))
    told = [found for message in report.messages if isinstance(found := message.content.get("refused_calls"), list)]
    end = f"{report.end}: {report.log.decode('utf-8', 'replace').strip()[-300:]}"
    calls = [str(name) for name in told[-1]] if told else []
    return Refusals(calls, len(told), len(sources), end, is_late=report.end is End.WALL)
