"""How a candidate is written: one generator per file."""
