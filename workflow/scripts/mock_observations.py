"""See galaxies of the test split as a survey sees them: few points at radii of their own, with errors.

The velocities scatter by these errors and by what the error model adds to them.

Reads:  the curves and their split (HDF5), of which the test curves alone; the curves that the models learn, whose radii
        must be the same.
Writes: observed galaxies, and what is true of them (HDF5).
"""

import numpy as np

from curvae.galaxies.interpolation import interpolate
from curvae.inference.error_models import ErrorModel
from curvae.inference.mocks import Survey
from curvae.runtime import commandline, streams
from curvae.storage import hdf5
from curvae.storage.curves import check_radii
from curvae.storage.observations import Galaxy, write_observations
from curvae.storage.split import reading_split


def observe(survey, errors, radius, velocity, random):
    """Radii, velocities and errors (n,) of the points of a galaxy whose curve (m,) over radii (m,) [kpc] is given."""
    at = survey.radii(radius, random)
    true = interpolate(radius, velocity, at)
    error = survey.errors(true, random)
    extra = errors.draw(1, random)
    scatter = np.sqrt(errors.variance(true, error, extra)[0])
    return at, true + scatter * random.standard_normal(len(at)), error


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)", split="split (HDF5)", learned="curves that models learn (HDF5)")
    parser.settings("mock_observations")
    parser.settings("infer_galaxies", "error_model", "error_floor")
    parser.settings("general", "seed")
    parser.writes(observations="observed galaxies (HDF5)")
    args = parser.parse_args(argv)
    pairs = ((getattr(args, name), getattr(args, f"{name}_scatter")) for name in Survey.__dataclass_fields__)
    survey, errors = Survey(*pairs), ErrorModel(args.error_model, args.error_floor)
    with hdf5.reading(args.learned, radius=("radius",)) as file:
        learned = file["radius"][...]
    with reading_split(args.curves, args.split, "test") as (radius, parts):
        check_radii(args.learned, learned, radius, args.curves)
        test = parts["test"]
        chosen = streams.generator(args.seed, streams.Stream.MOCKS).permutation(len(test))[: args.mocks]
        velocity, rows = test.velocity()[chosen].astype(np.float64), test.rows()[chosen]
    with hdf5.reading(args.curves, parameters=("curve", None)) as file:
        parameters = hdf5.take(file["parameters"], rows)
    galaxies = []
    for i, curve in enumerate(velocity):
        random = streams.generator(args.seed, streams.Stream.MOCKS, i + 1)
        truth = {"velocity": curve, "parameters": parameters[i]}
        galaxies.append(Galaxy(*observe(survey, errors, radius, curve, random), f"mock{rows[i]}", truth=truth))
    write_observations(args.observations, galaxies)


if __name__ == "__main__":
    commandline.run(main)
