"""Jobs and clusters that fail: the workflow gets over it without a hand."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from tests.cluster.conftest import PROFILE, pausing_training, until, whole

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

MODEL = "results/full/seed1/model.pt"


def history(run, name):
    """States, memory and time of a job and its retries."""
    return [(job["state"], job["memory"], job["time"]) for job in run.jobs(name)]


def test_faults_of_jobs_and_cluster_are_survived(cluster, submit, project, tmp_path):
    project.edit("workflow/rules/model.smk", "minutes=60", "minutes=1")
    # Too little for torch, at first.
    project.edit("workflow/rules/model.smk", "memory=700, minutes=10)", "memory=-200, minutes=10)")
    paused = pausing_training(project)
    # A status command that fails as long as a file is there.
    broken = tmp_path / "broken"
    squeue = tmp_path / "bin/squeue"
    squeue.parent.mkdir()
    squeue.write_text(f'#!/bin/sh\n[ -e {broken} ] && exit 1\nexec /usr/bin/squeue "$@"\n')
    squeue.chmod(0o755)
    targets = ["results/full/seed1/latents.h5", "results/baselines/metrics.csv", "results/figures/curves.png"]
    path = f"{squeue.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = submit(project, "--force", MODEL, *targets, profile=PROFILE, PATH=path)

    cancelled = run.job("plot_curves")
    cluster.run("scancel", cancelled["id"])
    os.kill(cluster.step("evaluate_baselines", run), signal.SIGKILL)
    # The time limit finds this training where it was when it had written its first checkpoint.
    until(paused, run)

    cluster.run("scontrol", "update", "nodename=localhost", "state=drain", "reason=test")
    until(lambda: any(job["state"] == "PENDING" for job in run.jobs()), run)
    cluster.run("scontrol", "update", "nodename=localhost", "state=resume")

    broken.touch()
    time.sleep(20)
    broken.unlink()

    printed = run.end()
    assert history(run, "plot_curves") == [("CANCELLED", "1200M", "3:00"), ("COMPLETED", "2400M", "6:00")]
    assert history(run, "evaluate_baselines") == [("FAILED", "1500M", "20:00"), ("COMPLETED", "3000M", "40:00")]
    assert history(run, "evaluation-full") == [("FAILED", "300M", "10:00"), ("COMPLETED", "600M", "20:00")]
    assert history(run, "train_vae") == [("TIMEOUT", "1200M", "1:00"), ("COMPLETED", "2400M", "2:00")]
    assert "stopped by SIGTERM" in printed
    assert "resuming from a checkpoint" in (project.results / "logs/train_vae/full.seed1.log").read_text()
    assert whole(project)


def test_the_log_of_a_job_that_fails_for_good_is_shown(submit, project):
    curves = project.results / "curves.h5"
    curves.write_bytes(curves.read_bytes()[:2000])
    run = submit(project, "--force", "--retries", "0", "results/split.h5")
    assert "error: results/curves.h5: not a readable HDF5 file" in run.end(status=1)
    assert not (project.results / "split.h5").exists()


def test_trainings_wait_for_the_one_gpu(cluster, submit, project):
    # There is none, but for SLURM, which counts it.
    project.edit("workflow/scripts/train_vae.py", "choose_device(args.device)", 'choose_device("cpu")')
    run = submit(project, "--config", "device=cuda", "training_seeds=[1,2]", "--", "models")
    first = run.job("train_vae")
    training = cluster.step("train_vae", run)
    os.kill(training, signal.SIGSTOP)
    second = run.job("train_vae", "PENDING")
    assert second["reason"] == "Resources"
    for job in (first, second):
        assert "TresPerJob=gres:gpu:1" in cluster.run("scontrol", "show", "job", job["id"])
    os.kill(training, signal.SIGCONT)
    run.end()
    assert [job["state"] for job in run.jobs()] == ["COMPLETED"] * 2


def test_the_profile_for_other_schedulers_submits_and_retries(cluster, submit, project):
    profile = ("--workflow-profile", "profiles/cluster-generic", "--seconds-between-status-checks", "1")
    run = submit(project, "--latency-wait", "5", "--force", "results/split.h5", profile=profile)
    os.kill(cluster.step("split_curves", run), signal.SIGKILL)
    run.end()
    split = [job for job in cluster.jobs() if job["run"] == "split_curves"]
    asked = [(job["state"], job["partition"], job["memory"], job["cores"], job["time"]) for job in split]
    assert asked == [("FAILED", "main", "800M", "1", "10:00"), ("COMPLETED", "main", "1600M", "1", "20:00")]
    assert whole(project)
