"""Physics: scaling relations, rotation curves, fits to them, observables."""
