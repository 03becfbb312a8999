"""The whole workflow through SLURM: what is asked of it and what comes out."""

import pytest
from tests.cluster.conftest import whole

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]
# What is submitted (Snakemake itself summarises the run): memory [MB] and time [minutes] of a rule, or of a group.
ASKED = {
    "sample_parameters": (800, 10),
    "synthesize_curves": (900, 30),
    "split_curves": (800, 10),
    "plot_calibration": (1200, 3),
    "plot_curves": (1200, 3),
    "plot_errors": (1200, 3),
    "plot_loss_history": (1200, 3),
    "plot_metrics": (1200, 3),
    "plot_posterior_covariance": (1200, 3),
    "evaluate_inference": (1200, 20),
    "evaluate_baselines": (1500, 20),
    "evaluate_physics_of_baselines": (1500, 20),
    "mock_observations": (800, 10),
    "infer_galaxies": (1200, 60),
    "train_vae": (1200, 60),
    "catalogue_galaxies": (1000, 10),
    "evaluation-full-seed1": (1500, 10 + 10 + 2 * 20),
    "figures-full-seed1": (1500, 20 + 7 * 3),
}


def asked(job):
    """What SLURM was asked for: partition, memory [MB], cores, minutes."""
    *days, clock = job["time"].split("-")
    hours, minutes, _ = ([0, 0, 0] + [int(word) for word in clock.split(":")])[-3:]
    assert not days
    return job["partition"], int(job["memory"].removesuffix("M")), int(job["cores"]), 60 * hours + minutes


def test_every_job_asks_for_what_its_rule_says_and_the_results_are_those_of_a_local_run(
    submit, copied, finished, tmp_path
):
    project = copied(tmp_path / "project")
    before = {path.name for path in project.folder.iterdir()}
    run = submit(project, "--default-resources", "slurm_partition=other", "serial=1")
    assert "deprecated" not in run.end()
    assert project.checksums() == finished.checksums()
    jobs = {job["comment"].removeprefix("rule_").split("_wildcards_")[0]: asked(job) for job in run.jobs()}
    jobs = {name.split("_")[0] if "-" in name else name: job for name, job in jobs.items()}
    assert len(jobs) == len(run.jobs())  # none was repeated
    assert jobs == {name: ("other", memory, 1, minutes) for name, (memory, minutes) in ASKED.items()}
    assert {path.name for path in project.folder.iterdir()} == {*before, ".snakemake", "results"}
    assert whole(project)
    assert not list(project.folder.glob(".snakemake/slurm_logs/**/*.log"))  # of jobs that failed only
