"""Densities of latent codes, to draw new codes from."""
