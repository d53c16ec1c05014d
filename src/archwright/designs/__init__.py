"""Designed experiments: what is asked for, how much of it is there, and what follows from it.

The strategy `sweep` runs a design and reports read it; a generator that can be swept has one (`design`).
"""

from archwright.designs.design import Cell, Design, Designer, SweepOptions, designed, factorial

__all__ = ["Cell", "Design", "Designer", "SweepOptions", "designed", "factorial"]
