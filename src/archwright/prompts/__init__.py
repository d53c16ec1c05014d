"""The prompts, one readable template per file."""

from archwright.prompts.rendering import (
    Form,
    render_channels,
    render_delta,
    render_full,
    render_improve,
    render_repair,
    render_transform,
    shown,
    shown_in,
)
from archwright.prompts.wordings import DUAL_TASK_SPECS

__all__ = [
    "DUAL_TASK_SPECS",
    "Form",
    "render_channels",
    "render_delta",
    "render_full",
    "render_improve",
    "render_repair",
    "render_transform",
    "shown",
    "shown_in",
]
