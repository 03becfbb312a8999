"""What several tests read."""

from curvae.storage import hdf5


def read(path, *names):
    """Whole data sets of a file of the workflow."""
    with hdf5.reading(path) as file:
        return [file[name][...] for name in names]
