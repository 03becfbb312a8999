"""Densities of latent codes, to draw new codes from."""

POPULATION = (
    "population"  # the sampler whose density is the population of observed galaxies: of no codes of training curves
)
