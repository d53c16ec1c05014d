"""Archwright: a language model designs neural networks and learns from how well they train."""

__version__ = "0.1.0"
