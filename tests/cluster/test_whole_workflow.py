"""The whole workflow through SLURM: what is asked of it and what comes out."""

from tests.cluster.conftest import until, whole

# Memory [MB] and time [minutes] of the tiny configuration: of a rule, or of a group of `count` jobs in turn.
ALONE = {
    "sample_parameters": (800, 10),
    "synthesize_curves_wildcards_part": (900, 30),
    "split_curves": (800, 10),
    "plot_curves": (1000, 3),
    "evaluate_baselines": (1500, 30),
    "train_vae_wildcards_diagonal_1": (1200, 60),
    "train_vae_wildcards_full_1": (1200, 60),
}
GROUPED = {
    "evaluation-diagonal-seed1": (1500, 6 * 10),
    "evaluation-full-seed1": (1500, 6 * 10),
    "figures-diagonal-seed1": (1200, 11 * 3),
    "figures-full-seed1": (1200, 11 * 3),
}
LOCAL = {"gather_curves", "plot_errors", "plot_metrics", "summarize_metrics", "tabulate_metrics"}
LOCAL |= {"write_checksums", "write_provenance"}


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
    printed = run.end()
    assert "deprecated" not in printed
    assert project.checksums() == finished.checksums()
    jobs = {job["comment"].removeprefix("rule_").removesuffix("_wildcards_"): asked(job) for job in run.jobs()}
    assert len(jobs) == len(run.jobs())  # none was repeated
    assert {name: jobs.pop(name) for name in ALONE} == {
        name: ("other", memory, 1, minutes) for name, (memory, minutes) in ALONE.items()
    }
    groups = {name.split("_")[0]: job for name, job in jobs.items()}
    assert len(groups) == len(jobs)
    assert groups == {name: ("other", memory, 1, minutes) for name, (memory, minutes) in GROUPED.items()}
    for rule in LOCAL:
        assert f"localrule {rule}:" in printed
    assert {path.name for path in project.folder.iterdir()} == {*before, ".snakemake", "results"}
    assert not list(project.folder.rglob("*.part"))
    assert not list(project.folder.rglob("*.checkpoint"))
    assert not list(project.folder.glob(".snakemake/slurm_logs/**/*.log"))  # of jobs that failed only


def test_sixteen_shards_are_jobs_at_once_and_make_the_curves_of_one(submit, project):
    project.edit("config.yaml", "shards: 1 #", "shards: 16 #")
    run = submit(project, "results/curves.h5")
    until(lambda: sum(job["state"] == "RUNNING" for job in run.jobs("synthesize_curves")) > 1, run)
    run.end()
    assert len(run.jobs("synthesize_curves")) == 16
    assert whole(project)
