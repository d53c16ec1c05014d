"""Designed experiments: what is asked for, how much of it is there, and what follows from it.

The strategy `sweep` runs a design and reports read it. A generator that can be swept has one: a static method
`design(config, starters)` that returns it, or raises UsageError.
"""

from archwright.designs.design import Design, DesignCell, SweepOptions, designed, factorial

__all__ = ["Design", "DesignCell", "SweepOptions", "designed", "factorial"]
