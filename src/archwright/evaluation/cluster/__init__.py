"""The same evaluation on a Ray cluster: `node` runs on every machine, `evaluator` hands programs out to them.

Ray (the extra `archwright[ray]`) starts processes on other machines and tells us when they are lost; what is run,
what a loss means and what comes back are ours.
"""
