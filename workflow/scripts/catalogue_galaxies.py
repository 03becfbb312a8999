"""Gather the posteriors of observed galaxies, and make a catalogue of them.

A row has the galaxy, its points, how well it is fitted and how much to believe it (`flag`, empty where nothing speaks
against it), and median, 16 % and 84 % quantile of each parameter and of the velocity at some radii.

Reads:  posteriors, in batches (HDF5).
Writes: all of them in one file (HDF5); the catalogue as CSV, ECSV and FITS.
"""

import logging

import numpy as np

from curvae.galaxies.interpolation import interpolate
from curvae.inference.flags import FLAGS, attributes_of, read_limits, read_reasons
from curvae.runtime import commandline
from curvae.runtime.rows import pieces
from curvae.storage import hdf5
from curvae.storage.catalogue import Column, write_csv_catalogue, write_ecsv_catalogue, write_fits_catalogue
from curvae.storage.curves import described
from curvae.storage.posteriors import (
    LOG_SCATTER,
    POSTERIOR_SUMMARIES,
    posterior_datasets,
    read_draws,
    reading_posteriors,
)

log = logging.getLogger(__name__)

QUANTILES = {"": 0.5, "_low": 0.16, "_high": 0.84}
RADII = (1.0, 3.0, 10.0, 30.0)  # kpc
ROWS = 64  # galaxies in memory at once


def quantile_columns(name, draws, unit, text):
    """Three columns of draws (n, draw)."""
    values = np.quantile(draws, list(QUANTILES.values()), axis=1)
    words = ("median", "16 % quantile", "84 % quantile")
    return [
        Column(name + end, value, unit, f"{text}, {word}")
        for end, value, word in zip(QUANTILES, values, words, strict=True)
    ]


def columns(path, file, names, flags):
    """The columns of the catalogue of a file of posteriors, whose galaxies have names and flags."""
    table, limits = [Column("galaxy", np.array(names), "", "name")], read_limits(path, file)
    flagged = {flag.number: flag.text(limits[flag.number]) for flag in FLAGS if np.isfinite(limits[flag.number])}
    for name, text in POSTERIOR_SUMMARIES.items():
        values = file[name][...].astype(int if name in ("points", "left_out") else float)
        table.append(Column(name, values, "", f"{text}; {flagged[name]}" if name in flagged else text))
    table.append(Column("flag", np.array(flags), "", "reasons not to believe it, empty if there are none"))
    parameters, units, _ = described(path, axes=3)
    radius = file["radius"][...]
    for i, (name, unit) in enumerate(zip(parameters, units, strict=True)):
        table += quantile_columns(name, file["parameters"][:, :, i], "", unit or "parameter")
    inside = [at for at in RADII if radius[0] <= at <= radius[-1]]
    at_once = (interpolate(radius, file["velocity"][rows], inside) for rows in pieces(len(names), ROWS))
    for at, draws in zip(inside, np.moveaxis(np.concatenate(list(at_once)), 2, 0), strict=True):
        table += quantile_columns(f"v_{at:g}", draws, "km/s", f"velocity at {at:g} kpc")
    if LOG_SCATTER in file:
        table += quantile_columns(LOG_SCATTER, file[LOG_SCATTER][...], "", "ln of the extra fractional scatter")
    return table


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(batches="posteriors of some of the galaxies (HDF5)")
    parser.writes(posteriors="posteriors of all galaxies (HDF5)")
    parser.writes(catalogue_csv="catalogue (CSV)", catalogue_ecsv="catalogue (ECSV)", catalogue_fits="catalogue (FITS)")
    args = parser.parse_args(argv)
    galaxies = []
    for path in args.batches:
        with reading_posteriors(path) as (names, _):
            galaxies += names
    with hdf5.create(args.posteriors) as writer:
        done, datasets = 0, None
        for path in args.batches:
            with reading_posteriors(path) as (names, file):
                if not datasets:
                    writer.attributes(**hdf5.attributes(path, file, "model", "seed"))
                    writer.attributes(**attributes_of(read_limits(path, file)))
                    shape, prior = file["code"].shape[1:], file["prior_parameters"][...]
                    datasets = posterior_datasets(
                        writer,
                        galaxies,
                        *shape,
                        file["radius"][...],
                        described(path, axes=3),
                        prior,
                        LOG_SCATTER in file,
                    )
                for rows in pieces(len(names), ROWS):
                    into = slice(done + rows.start, done + rows.stop)
                    for name, dataset in datasets.items():
                        dataset[into] = (
                            file[name][rows] if name in POSTERIOR_SUMMARIES else read_draws(path, file, name, rows)
                        )
                done += len(names)
    with reading_posteriors(args.posteriors) as (names, file):
        flags = read_reasons(args.posteriors, file)
        table = columns(args.posteriors, file, names, flags)
    unlike = sum(not {"atypical", "edge"}.isdisjoint(words.split()) for words in flags)
    if unlike:
        text = "%d of %d galaxies are unlike those of the model (flags atypical, edge): see docs/observed.md"
        log.warning(text, unlike, len(flags))
    write_csv_catalogue(args.catalogue_csv, table)
    write_ecsv_catalogue(args.catalogue_ecsv, table)
    write_fits_catalogue(args.catalogue_fits, table)


if __name__ == "__main__":
    commandline.run(main)
