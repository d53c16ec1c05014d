"""The discrete latent space of cells: a vector-quantised autoencoder that writes a cell as one code a vertex.

Section 3.1 of the Arch-LLM paper (2503.22063), with the encoder of arch2vec.
"""
