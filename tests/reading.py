"""What several tests read."""

from rotcurves import files


def read(path, *names):
    """Whole data sets of a file of the workflow."""
    with files.reading(path) as file:
        return [file[name][...] for name in names]
