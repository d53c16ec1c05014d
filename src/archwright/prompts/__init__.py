"""The prompts, one readable template per file."""

<<<<<<< HEAD
from archwright.prompts.rendering import (
    Form,
    render_delta,
    render_full,
    render_repair,
    render_transform,
    shown,
    shown_in,
)
=======
from archwright.prompts.rendering import Form, render_delta, render_full, render_improve, render_repair, shown, shown_in
>>>>>>> main
from archwright.prompts.wordings import DUAL_TASK_SPECS

__all__ = [
    "DUAL_TASK_SPECS",
    "Form",
    "render_delta",
    "render_full",
<<<<<<< HEAD
    "render_repair",
    "render_transform",
=======
    "render_improve",
    "render_repair",
>>>>>>> main
    "shown",
    "shown_in",
]
