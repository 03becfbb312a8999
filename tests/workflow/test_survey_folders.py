"""Surveys of the user's lie beside the results of a plain run, whose models they share."""

import re

import h5py
import numpy as np
import pytest
from tests.project import PROJECT

(COLUMNS,) = re.findall(r"import_observations='(.+radius_unit.+)'", (PROJECT / "README.md").read_text())
STEPS = {"import_observations", "infer_galaxies", "catalogue_galaxies", "plot_observed_galaxies"}
GATHERED = {"summarize_metrics", "plot_metrics"}
POPULATION = {"fit_population", "evaluate_population", "evaluate_physics_of_population", "plot_population"}
POPULATION |= {"plot_population_check", "plot_population_relations"}


def observed(table, *more):
    """Arguments that name a table, and its columns and units as README has them."""
    return "--config", f"observations={table}", f"import_observations={COLUMNS}", *more


def write_table(path, galaxies, seed=1):
    """Twelve points of each galaxy, in pc and m/s: flat curves with noise."""
    random, lines = np.random.default_rng(seed), ["Name,R,V,eV"]
    for name in range(galaxies):
        radii = np.geomspace(500.0, 20_000.0, 12)
        velocities = 1e3 * random.uniform(80.0, 200.0) + random.normal(0.0, 5e3, 12)
        lines += [f"G{name + 1},{r:.0f},{v:.0f},5000" for r, v in zip(radii, velocities, strict=True)]
    path.write_text("\n".join(lines))


def contents(folder):
    """The bytes of each file in a folder, but for those of surveys."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in paths if "surveys" not in path.relative_to(folder).parts}


def test_surveys_and_a_plain_run_lie_side_by_side_and_share_the_models(project):
    plain, first = contents(project.results), project.results / "surveys/twelve"
    write_table(project.folder / "twelve.csv", 12)
    assert (
        project.rules(*observed("twelve.csv", "samplers=[diagonal_gaussian,population]"))
        == STEPS | GATHERED | POPULATION
    )
    project.run(*observed("twelve.csv"))
    assert len((first / "full/seed1/inference/diagonal_gaussian/catalogue.csv").read_text().splitlines()) == 1 + 12
    with h5py.File(first / "observations.h5") as file:
        assert file["observed_radius"][[0, -1]] == pytest.approx([0.5, 20.0])  # kpc
        assert 60.0 < file["observed_velocity"][...].mean() < 220.0  # km/s
    listed = [line.split("  ")[1] for line in (first / "SHA256SUMS").read_text().splitlines()]
    assert {"observations.h5", "../../full/seed1/model.pt"} <= set(listed)
    assert all((first / name).is_file() for name in listed)

    twelve = contents(first)
    write_table(project.folder / "Other (2).csv", 3)
    project.run("inference", *observed("Other (2).csv"))
    assert (project.results / "surveys/other_2/full/seed1/inference/diagonal_gaussian/catalogue.csv").exists()
    assert project.jobs() == project.jobs(*observed("twelve.csv")) == {}
    assert contents(first) == twelve
    assert contents(project.results) == plain

    # Another table of the same name: everything is made again, what was made on demand as well.
    (first / "figures/full/seed1/atlas.pdf").touch()
    assert project.jobs(*observed("twelve.csv")) == {}
    write_table(project.folder / "twelve.csv", 12, seed=2)
    assert project.rules(*observed("twelve.csv")) == STEPS | {"draw_atlas"}
