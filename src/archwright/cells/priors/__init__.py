"""Priors: sequence models over the codes that the autoencoder gives the vertices of a cell (section 3.2)."""
