"""The variational autoencoder and its training."""
