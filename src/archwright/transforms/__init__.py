"""Augmentations as programs: the operations there are, what a program of them may say, and how one is written.

`catalogue.py` names the operations and their ranges and needs no torch; `operations.py` computes them inside a box,
with `pixels.py` for colours and `geometry.py` for places; `checking.py` is the static side, `writing.py` makes
compositions.
"""
