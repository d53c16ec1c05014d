"""What to ask for next and what to learn from: one strategy per file."""
