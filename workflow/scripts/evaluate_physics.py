"""Find the physical curves nearest to generated ones: how far they are, and which scaling relations they follow.

Reads:  simulated curves, for what they were computed with, and generated curves, one file for each generator (HDF5).
Writes: the metrics (CSV); for each generator the parameters of, and distances [km/s] to, the physical curves nearest
        to the first of its curves (HDF5).
"""

from curvae.evaluation import physical_fits, samples
from curvae.evaluation.summary import BASELINE, REFERENCE, SIMULATION, write_metrics
from curvae.runtime import commandline
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import read_attributes


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="simulated curves (HDF5)")
    parser.reads_all(generated="generated curves (HDF5)")
    parser.settings("general", "threads")
    parser.writes(metrics="table of metrics (CSV)")
    parser.writes_all(physical_fits="nearest physical curves (HDF5), one for each file of generated ones")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    settings = read_attributes(args.curves, *physical_fits.SETTINGS)
    with hdf5.reading(args.curves, velocity=("curve", "radius"), radius=("radius",)) as source:
        radius = source["radius"][...]
    rows = []
    for generated, fits in commandline.pairs(args, "generated", "physical_fits"):
        velocity, identity = samples.read_generated(generated, physical_fits.FITTED, radius, args.curves)
        results, parameters, rmse = physical_fits.physical_metrics(velocity, radius, settings)
        rows.append((identity, results))
        if identity["sampler"] == REFERENCE:  # measured once, beside what it was drawn from
            rows.append(({"model": BASELINE, "sampler": SIMULATION}, physical_fits.inputs(settings)))
        samples.write_physical_fits(fits, parameters, rmse, **identity, **settings)
    write_metrics(args.metrics, *rows)


if __name__ == "__main__":
    commandline.run(main)
