"""Numbers of channels: which of a program's literals are widths, what ties them together, and how they are changed.

What ties them is found by building and running the program with symbols in place of its literals
(`evaluation.box.width_trace`); here is the text on one side and the arithmetic on the other, and no torch.
"""
