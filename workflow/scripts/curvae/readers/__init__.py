"""Files of users: curves and observed galaxies, checked and bounded."""
