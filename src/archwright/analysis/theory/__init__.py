"""The convergence theory of the family (arXiv 2605.30103) as diagnostics of any study, and what its exact check needs.

`diagnostics.py` says what an archive can say of the statements; `tabular.py` is the method where every probability is
known, on which `benchmarks/laboratory.py` tries all six. Everything else is arithmetic over plain arrays.
"""
