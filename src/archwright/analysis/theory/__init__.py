"""The convergence theory of the family (arXiv 2605.30103) as diagnostics of any study.

`diagnostics.py` says what an archive can say of the statements; `benchmarks/laboratory.py` tries all six where every
probability is known. Everything else is arithmetic over plain arrays.
"""
