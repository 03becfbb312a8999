"""Compare what was inferred of mock galaxies with what is true of them: do the intervals hold it as often as they say?

Reads:  mock galaxies and their posteriors (HDF5).
Writes: coverage of 68 and 95 % intervals, uniformity of ranks, share of flagged galaxies (CSV); the ranks (HDF5).
"""

import numpy as np

from rotcurves.evaluation.inference import inference_metrics, ranks
from rotcurves.evaluation.summary import write_metrics
from rotcurves.inference.flags import reasons
from rotcurves.runtime import commandline
from rotcurves.runtime.errors import UserError
from rotcurves.runtime.rows import pieces
from rotcurves.storage import hdf5
from rotcurves.storage.observations import OF_POSTERIOR, read_draws, read_observations, reading_posteriors_of

ROWS = 64  # galaxies in memory at once


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(observations="mock galaxies (HDF5)", posteriors="their posteriors (HDF5)")
    parser.writes(metrics="table of metrics (CSV)", ranks="ranks of the true values (HDF5)")
    args = parser.parse_args(argv)
    galaxies = read_observations(args.observations)
    if not galaxies[0].truth:
        raise UserError(f"{args.observations}: holds no mock galaxies: nothing is known to be true")
    truth = {name: np.array([galaxy.truth[name] for galaxy in galaxies]) for name in ("parameters", "velocity")}
    with reading_posteriors_of(args.posteriors, galaxies, args.observations) as (names, file):
        for name, true in truth.items():
            if file[name].shape[2] != true.shape[1]:
                raise UserError(f"{args.observations}: its true {name} are not those that {args.posteriors} infers")
        found = {name: [] for name in truth}
        for rows in pieces(len(names), ROWS):
            for name, true in truth.items():
                found[name].append(ranks(read_draws(args.posteriors, file, name, rows), true[rows]))
        found = {name: np.concatenate(values) for name, values in found.items()}
        flagged = np.array([bool(words) for words in reasons({name: file[name][...] for name in OF_POSTERIOR})])
        parameters = hdf5.texts(args.posteriors, file, "parameter")
        radius, identity = file["radius"][...], hdf5.attributes(args.posteriors, file, "model", "seed")
    results = inference_metrics(found["parameters"], found["velocity"], flagged, parameters)
    write_metrics(args.metrics, (identity, results))
    with hdf5.create(args.ranks) as writer:
        writer.attributes(**identity)
        writer.axis("galaxy", names)
        writer.axis("parameter", parameters)
        writer.axis("radius", radius, "kpc")
        for name, axis in (("parameters", "parameter"), ("velocity", "radius")):
            text = f"rank of the true {name} among the draws"
            writer.dataset(name, ("galaxy", axis), "f8", "1", text)[...] = found[name]


if __name__ == "__main__":
    commandline.run(main)
