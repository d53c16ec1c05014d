"""Seed networks of our own: where controls start, what prompts quote, what a model without an adapter is first taught."""

from archwright.corpus.seed_networks import SeedNetwork, as_record, load_seed_corpus

__all__ = ["SeedNetwork", "as_record", "load_seed_corpus"]
