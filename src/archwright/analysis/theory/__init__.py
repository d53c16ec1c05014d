"""The convergence theory of the family (arXiv 2605.30103) as diagnostics of any study, and its exact check.

The six statements are in `laboratory.py`, tried where the truth is known; what an archive can say of them is in
`diagnostics.py`. Everything else is arithmetic over plain arrays.
"""
