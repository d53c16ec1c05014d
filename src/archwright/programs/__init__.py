"""Source handling: canonical form, mutation."""
