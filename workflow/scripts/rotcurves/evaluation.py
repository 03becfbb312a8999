"""What the steps share that measure samples of curves: their flags, their test curves, their tables and files."""

import math

import numpy as np
from threadpoolctl import threadpool_limits

from rotcurves import files, fitting, metrics, streams, tables
from rotcurves.commandline import Parser, count, finite, number, positive, seed
from rotcurves.errors import UserError
from rotcurves.split import read_split

# Fewer curves cannot be divided among the judges.
SAMPLE_SIZE = number("whole number of at least 10", int, 10, math.inf)


def add_sample_flags(parser: Parser) -> None:
    """Flags for the choice of the test curves."""
    parser.flag("--curves", "file of true curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    parser.flag("--evaluation-curves", "curves compared with as many test curves", type=SAMPLE_SIZE)
    parser.flag("--threads", "threads of the numerics on the CPU", type=count)
    parser.flag("--seed", "seed of the choice of test curves and of the judges", type=seed)


def add_physics_flags(parser: Parser) -> None:
    """Flags for the physics of the nearest curves, and for the pivots of their scaling relations."""
    parser.flag("--hubble-constant", "km/s/Mpc", type=positive)
    parser.flag("--overdensity", "virial overdensity [critical densities]", type=positive)
    parser.flag("--gravitational-constant", "kpc km^2/s^2/Msun", type=positive)
    parser.flag("--log-disc-mass-min", "lowest log10 disc mass in scaling relations [Msun]", type=finite)
    parser.flag("--log-disc-mass-max", "highest log10 disc mass in them [Msun]", type=finite)
    parser.flag("--log-disc-mass-pivot", "where zero points hold [Msun]", type=finite)
    parser.flag("--concentration-pivot", "where its zero point holds, log10 halo mass [Msun/h]", type=finite)


def read_test_curves(args, samples: int, *parts: str) -> tuple[np.ndarray, dict, dict, np.ndarray]:
    """Read the test curves, and further parts of the split, and choose disjoint random samples of the test curves.

    Returns the radii (m,) [kpc], indices (n,) and velocities (n, m) [km/s] of each part by name, and the rows
    (samples, args.evaluation_curves) of the test part that make the samples; the first sample is the same however
    many are asked for. Raises UserError if there are too few test curves.
    """
    radius, index, velocity = read_split(args.curves, args.split, "test", *parts)
    test, needed = len(index["test"]), samples * args.evaluation_curves
    if test < needed:
        raise UserError(
            f"{args.split}: holds {test} test curves, but {needed} are compared; use smaller evaluation_curves"
        )
    order = streams.generator(args.seed, streams.Stream.EVALUATION).permutation(test)
    return radius, index, velocity, order[:needed].reshape(samples, args.evaluation_curves)


def measure(velocity: np.ndarray, truth: np.ndarray, radius: np.ndarray, args) -> tuple[dict, np.ndarray, np.ndarray]:
    """All metrics of a sample of curves (n, m) against true ones [km/s], by name.

    Returns these, each as (value, standard error or None), and the parameters (n, 4) and distances (n,)
    [km/s] of the nearest physical curves.
    """
    physics = args.hubble_constant, args.overdensity, args.gravitational_constant
    concentration_pivot = args.concentration_pivot - math.log10(args.hubble_constant / 100.0)
    with threadpool_limits(1):  # sums of matrix products depend on the number of threads
        parameters, rmse = fitting.nearest_physical_curves(velocity, radius, *physics)
        results = metrics.two_sample_metrics(velocity, truth, radius, args.seed, args.threads)
    results |= metrics.distance_metrics(rmse)
    mass_range = args.log_disc_mass_min, args.log_disc_mass_max
    results |= metrics.relation_metrics(parameters, mass_range, args.log_disc_mass_pivot, concentration_pivot)
    return results, parameters, rmse


def rows(results: dict, **columns: str) -> list[dict]:
    """Table rows of results by name, with further columns that are the same in each."""
    return [{**columns, **dict(zip(tables.METRIC, (name, *result), strict=True))} for name, result in results.items()]


def write_fits(path: str, curve: int | np.ndarray, parameters: np.ndarray, rmse: np.ndarray) -> None:
    """Write parameters (n, 4) and distances (n,) [km/s] of the physical curves nearest to n curves (HDF5)."""
    with files.create(path) as writer:
        writer.axis("curve", curve)
        files.parameters_dataset(writer)[...] = parameters
        distance = "root mean square distance to the nearest physical curve"
        writer.dataset("rmse", ("curve",), "f8", "km/s", distance)[...] = rmse
