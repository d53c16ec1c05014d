"""How many tokens a text has where nobody has counted them."""

BYTES_PER_TOKEN = 3
"""Rather too many tokens than too few: programs have three to four bytes in a token."""


def estimated_tokens(text: str) -> int:
    """Return about how many tokens `text` has."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)
