"""What the fuzz tests share: values that break things, and how long to look for them.

A few examples of each, always the same, are part of `make test`. `make fuzz` looks for new ones as long as it is told
to, with `HYPOTHESIS_PROFILE=fuzz`; what it finds is printed with the line that repeats it, and belongs beside the test
as an `@example`.
"""
