"""Observed galaxies: what a trained generator says about a few noisy points."""
