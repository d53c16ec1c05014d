"""From published records, folders and studies to a corpus of training pairs (appendices B and C of the paper)."""
