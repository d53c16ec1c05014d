"""A study's networks in forms that need nothing of ours."""
