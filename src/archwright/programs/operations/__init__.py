"""The changes that a mutation chooses from, one family a file.

An operation takes a syntax tree and a source of randomness, changes the tree in place and says in a few words what it
did; it returns None, and leaves the tree alone, where it finds nothing to change.
"""

import ast
import random
from collections.abc import Callable

from archwright.programs.operations.blocks import add_residual, add_squeeze_excite, separate_convolution
from archwright.programs.operations.depth import change_repeats, duplicate_block, extend_stage, remove_block
from archwright.programs.operations.head import change_dropout, hide_layer, pool_finer
from archwright.programs.operations.kernels import change_helper_kernel, change_kernel
from archwright.programs.operations.pooling import add_pool, change_stride, move_pool, remove_pool, swap_pool
from archwright.programs.operations.swaps import add_norm, swap_activation, swap_norm
from archwright.programs.operations.widths import change_ratio, change_width

ProgramOperation = Callable[[ast.Module, random.Random], str | None]

OPERATIONS: tuple[tuple[ProgramOperation, float], ...] = (
    (change_width, 4.0),
    (change_ratio, 1.0),
    (extend_stage, 1.5),
    (duplicate_block, 1.5),
    (remove_block, 1.5),
    (change_repeats, 1.0),
    (change_kernel, 1.5),
    (change_helper_kernel, 1.5),
    (separate_convolution, 0.7),
    (change_stride, 1.0),
    (move_pool, 1.0),
    (swap_pool, 1.0),
    (add_pool, 0.7),
    (remove_pool, 0.7),
    (swap_activation, 2.0),
    (swap_norm, 0.5),
    (add_norm, 1.0),
    (add_residual, 1.0),
    (add_squeeze_excite, 1.0),
    (hide_layer, 0.8),
    (pool_finer, 1.5),
    (change_dropout, 0.7),
)
"""Each operation with its weight: how often it is tried first, relative to the others."""
