"""Snakemake itself ends while its jobs run: what docs/cluster.md says to do then."""

import os
import re
import signal

import pytest
from tests.cluster.conftest import HERE, pausing_training, until
from tests.cluster.test_faults import whole

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]
LATENTS = "results/full/seed1/latents.h5"
MODEL = "results/full/seed1/model.pt"


def documented(heading):
    """The commands below a heading of the page on clusters."""
    page = (HERE.parents[1] / "docs/cluster.md").read_text()
    return re.search(rf"## {heading}\n.*?```sh\n(.*?)```", page, flags=re.DOTALL).group(1)


def training_again(submit, project):
    """A run that trains and encodes again, when the training has started."""
    for name in (MODEL, LATENTS):
        (project.folder / name).unlink()
    run = submit(project, LATENTS)
    run.job("train_vae")
    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_after_the_documented_procedure_the_workflow_is_finished(number, cluster, submit, project):
    paused = pausing_training(project)
    run = training_again(submit, project)
    step = cluster.step("train_vae", run)
    until(paused, run)
    os.kill(run.head(), number)
    if number == signal.SIGTERM:  # Snakemake waits for its jobs
        os.kill(step, signal.SIGCONT)
    run.process.communicate()
    assert run.process.returncode != 0
    assert not (project.folder / LATENTS).exists()
    commands = documented("After Snakemake was killed").replace(
        "profiles/slurm", "profiles/slurm --configfile tiny.yaml"
    )
    *first, _ = commands.strip().splitlines()
    cluster.run("bash", "-euc", "\n".join(first), cwd=project.folder)
    state = {job["state"] for job in run.jobs()}
    assert state == ({"COMPLETED"} if number == signal.SIGTERM else {"CANCELLED"})
    submit(project, LATENTS).end()
    assert whole(project)


def test_an_orphan_and_its_duplicate_do_not_mix(cluster, submit, project):
    paused = pausing_training(project)
    run = training_again(submit, project)
    orphan = cluster.step("train_vae", run)
    until(paused, run)
    os.kill(run.head(), signal.SIGKILL)
    run.process.communicate()
    submit(project, "--unlock").end()
    submit(project, LATENTS).end()  # without a thought for the orphan
    assert whole(project)
    os.kill(orphan, signal.SIGCONT)
    until(lambda: run.jobs("train_vae")[0]["state"] == "COMPLETED")
    assert whole(project)
