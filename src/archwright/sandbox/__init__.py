"""Running code that a language model wrote, in processes that cannot outlive, outgrow or outlast their limits.

`supervisor.Sandbox` is the door: it starts a warm process that has imported torch, and runs each order in a box forked
from it. What runs in a box is named by the caller (`evaluation.trial`); this package knows nothing of networks.
"""
