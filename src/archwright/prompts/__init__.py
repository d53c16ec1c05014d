"""The prompts, one readable template per file."""

from archwright.prompts.rendering import Form, render_full

__all__ = ["Form", "render_full"]
