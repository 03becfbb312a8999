"""Compare what was inferred of mock galaxies with what is true of them: do the intervals hold it as often as they say?

Reads:  mock galaxies and their posteriors, one file for each model and training seed (HDF5).
Writes: coverage of 68 and 95 % intervals, uniformity of ranks, share of flagged galaxies (CSV); for each file of
        posteriors the ranks, and true parameters beside median and 68 % interval of the inferred ones (HDF5).
"""

import numpy as np

from curvae.evaluation.calibration import inference_metrics, ranks
from curvae.evaluation.summary import write_metrics
from curvae.inference.flags import read_reasons
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.runtime.intervals import ESTIMATES
from curvae.runtime.rows import pieces
from curvae.storage import hdf5
from curvae.storage.curves import describe, described
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import read_draws, reading_posteriors_of

ROWS = 64  # galaxies in memory at once


def compare(path, file, truth):
    """Ranks (galaxy, ...) of true values by name, and ESTIMATES (galaxy, parameter) of the parameters by name."""
    rank, quantiles = {name: [] for name in truth}, []
    for rows in pieces(len(file["galaxy"]), ROWS):
        draws = {name: read_draws(path, file, name, rows) for name in truth}
        quantiles.append(np.quantile(draws["parameters"], list(ESTIMATES.values()), axis=1))
        for name, true in truth.items():
            rank[name].append(ranks(draws[name], true[rows]))
    estimates = dict(zip(ESTIMATES, np.concatenate(quantiles, axis=1), strict=True))
    return {name: np.concatenate(values) for name, values in rank.items()}, estimates


def write_ranks(path, identity, names, radius, about, rank, parameters):
    """Write ranks by name, and true and inferred parameters (galaxy, parameter) by name, which `about` describes."""
    with hdf5.create(path) as writer:
        writer.attributes(**identity)
        writer.axis("galaxy", names)
        writer.axis("parameter", about[0])
        writer.axis("radius", radius, "kpc")
        for name, axis in (("parameters", "parameter"), ("velocity", "radius")):
            dataset = writer.dataset(name, ("galaxy", axis), "f8", "1", f"rank of the true {name} among the draws")
            dataset[...] = rank[name]
            if name == "parameters":
                describe(dataset, *about)
        for name, values in parameters.items():
            writer.dataset(name, ("galaxy", "parameter"), "f8", "mixed", f"parameters: {name}")[...] = values


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(observations="mock galaxies (HDF5)")
    parser.reads_all(posteriors="their posteriors (HDF5)")
    parser.writes(metrics="table of metrics (CSV)")
    parser.writes_all(ranks="ranks of the true values (HDF5), one file for each of posteriors")
    args = parser.parse_args(argv)
    galaxies = read_observations(args.observations)
    if not galaxies[0].truth:
        raise UserError(f"{args.observations}: holds no mock galaxies: nothing is known to be true")
    truth = {name: np.array([galaxy.truth[name] for galaxy in galaxies]) for name in ("parameters", "velocity")}
    metrics = []
    for path, ranks_path in commandline.pairs(args, "posteriors", "ranks"):
        about = described(path, axes=3)
        with reading_posteriors_of(path, galaxies, args.observations) as (names, file):
            rank, estimates = compare(path, file, truth)
            flagged = np.array([bool(words) for words in read_reasons(path, file)])
            radius, identity = file["radius"][...], hdf5.attributes(path, file, "model", "seed")
        metrics.append((identity, inference_metrics(rank["parameters"], rank["velocity"], flagged, about[0])))
        write_ranks(ranks_path, identity, names, radius, about, rank, {"true": truth["parameters"], **estimates})
    write_metrics(args.metrics, *metrics)


if __name__ == "__main__":
    commandline.run(main)
