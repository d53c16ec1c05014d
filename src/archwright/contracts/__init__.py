"""Kinds of candidates: what a program must define, and how it is checked, completed, started from, boxed and scored.

`contract.py` is the seam, one object per kind; `network.py` is the object of the kind `network`. The rest is the static
side of that kind, which runs nothing. Its full contract is LEMUR's: `class Net(nn.Module)` with `__init__(self,
in_shape, out_shape, prm, device)`, `forward`, `train_setup(self, prm)`, `learn(self, train_data)` and, at module level,
`supported_hyperparameters()`. The compact form leaves the training to us: only `__init__` and `forward`.
"""

from archwright.contracts.check import MAX_SOURCE_BYTES, check_source
from archwright.contracts.form import compact, complete, is_compact
from archwright.contracts.parse import source_lines
from archwright.contracts.standard import STANDARD_METHODS, STANDARD_TAIL

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
