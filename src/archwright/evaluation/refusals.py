"""What the filter of system calls refuses to honest networks on this machine: nothing, unless torch has changed."""

import json
from contextlib import closing

from archwright.contracts.contract import usual_contract
from archwright.sandbox.order import Limits, Order
from archwright.sandbox.supervisor import Sandbox

EVERY = 6
"""One seed network in so many is tried: they need the same calls."""
LIMITS = Limits(wall_s=120.0, memory_mb=1_024, is_traced=True)


def refused_calls() -> list[str] | str:
    """Return the system calls that training some seed networks was refused, or how it ended before it could tell."""
    contract = usual_contract()
    sources = [contract.complete(record.program.source) for record in contract.starters()[::EVERY]]
    box = "archwright.evaluation.box"
    with closing(Sandbox(f"{box}.tracing:train", warm_up=f"{box}.trial:warm_up")) as boxes:
        report = boxes.run(Order(json.dumps(sources).encode(), {}, LIMITS))
    for message in report.messages:
        if isinstance(told := message.content.get("refused_calls"), list):
            return [str(name) for name in told]
    return f"{report.end}: {report.log.decode('utf-8', 'replace').strip()[-300:]}"
