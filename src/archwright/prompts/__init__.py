"""The prompts, one readable template per file."""
