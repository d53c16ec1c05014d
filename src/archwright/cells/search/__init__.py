"""Search for the best cell of a space by the fewest measurements: strategies, the loop they share, and its log."""
