"""What a program must define, how it is checked before anything runs, and the compact form and its completion.

The full contract is LEMUR's: `class Net(nn.Module)` with `__init__(self, in_shape, out_shape, prm, device)`, `forward`,
`train_setup(self, prm)` and `learn(self, train_data)`, and a module-level `supported_hyperparameters()`. The compact
form leaves the training to us: only `__init__` and `forward`. Nothing here runs a program.
"""

from archwright.contract.check import MAX_SOURCE_BYTES, check_source
from archwright.contract.form import compact, complete, is_compact
from archwright.contract.parse import source_lines
from archwright.contract.standard import STANDARD_METHODS, STANDARD_TAIL

__all__ = [
    "MAX_SOURCE_BYTES",
    "STANDARD_METHODS",
    "STANDARD_TAIL",
    "check_source",
    "compact",
    "complete",
    "is_compact",
    "source_lines",
]
