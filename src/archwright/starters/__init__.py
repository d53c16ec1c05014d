"""Seed networks of our own: where controls start, what prompts quote, what an untaught model is taught first."""

from archwright.starters.restorer import RESTORER
from archwright.starters.seed_networks import SeedNetwork, as_record, load_seed_corpus

__all__ = ["RESTORER", "SeedNetwork", "as_record", "load_seed_corpus"]
