"""What every step has in common: command line, settings, progress, seeded streams, the one error."""
