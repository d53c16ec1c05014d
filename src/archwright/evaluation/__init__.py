"""Checks, training inside the sandbox, scoring outside it."""
