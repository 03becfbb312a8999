"""A step that is killed or asked to end leaves no half-written result, and a training goes on from where it was."""

import os
import random
import re
import shutil
import signal
import time

import h5py
import numpy as np
import pytest
from tests.step.steps import run, start, written_files

import train_vae
from curvae.storage.posteriors import LOG_SCATTER, POSTERIOR_SUMMARIES

CHECKPOINT = "model.pt.checkpoint"


def finish(process):
    """Exit status and standard error."""
    _, errors = process.communicate()
    return process.returncode, errors


def appears(folder, pattern, process):
    """Wait until a file is there."""
    while not list(folder.glob(pattern)):
        assert process.poll() is None
        time.sleep(0.005)


def remove_parts(folder):
    """Remove what was left half-written, so that it is seen when there is more."""
    for path in folder.glob(".*.part"):
        path.unlink()


@pytest.fixture(scope="module")
def training(command, data):
    """Function from a folder to the command line of a training of some seconds, with a checkpoint after each step."""
    return lambda out, **different: command("train_vae", data, out, epochs=60, checkpoint_interval=0, **different)


@pytest.fixture(scope="module")
def unbroken(training, tmp_path_factory):
    """Model and history of a training that nothing interrupts."""
    out = tmp_path_factory.mktemp("unbroken")
    train_vae.main(training(out))
    assert sorted(os.listdir(out)) == ["history.csv", "model.pt"]  # the checkpoint is gone
    return contents(out)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_a_training_killed_40_times_ends_with_the_bytes_of_an_unbroken_one(training, unbroken, tmp_path):
    moment, kills, epochs = random.Random(1), 0, set()
    while kills < 40:
        process = start("train_vae", training(tmp_path))
        told = process.stderr.readline()  # it trains
        time.sleep(moment.uniform(0.0, 0.2))
        process.kill()
        kills += finish(process)[0] != 0
        epochs |= set(re.findall(r"resuming from a checkpoint at epoch (\d+)", told))
        if (tmp_path / "model.pt").exists() and not (tmp_path / CHECKPOINT).exists():  # done: the next begins anew
            assert contents(tmp_path) == unbroken
            for path in tmp_path.iterdir():
                path.unlink()
    assert len(epochs) > 5
    assert run("train_vae", training(tmp_path)).returncode == 0
    assert contents(tmp_path) == unbroken


def test_a_training_asked_to_end_leaves_a_checkpoint(training, unbroken, tmp_path):
    for number in (signal.SIGTERM, signal.SIGINT):
        process = start("train_vae", training(tmp_path))
        told = [process.stderr.readline() for _ in range(3)]  # it trains
        process.send_signal(number)
        status, errors = finish(process)
        assert (status, errors.splitlines()[-1]) == (128 + number, f"stopped by {number.name}")
        assert os.listdir(tmp_path) == [CHECKPOINT]
    assert "resuming from a checkpoint" in told[0]
    done = run("train_vae", training(tmp_path))
    assert "resuming from a checkpoint" in done.stderr
    assert contents(tmp_path) == unbroken


@pytest.fixture(scope="module")
def long(perform, whole, tmp_path_factory):
    """What makes a step take long enough to be killed while it writes."""
    many = tmp_path_factory.mktemp("many")
    perform(whole, many, "sample_parameters", galaxies=100_000)
    points = [f"galaxy {i},1,100,5" for i in range(100_000)]
    (many / "points.csv").write_text("\n".join(["galaxy,radius,velocity,error", *points, ""]))
    return {
        "sample_parameters": {"galaxies": 20_000_000},
        "synthesize_curves": {"parameters": many / "parameters.h5", "radii": 1000},
        "generate_curves": {"galaxies": 10_000_000},
        "import_observations": {"table": many / "points.csv"},
        "catalogue_galaxies": {"batches": (whole / "batch.h5",) * 300},
        "draw_atlas": {},
    }


@pytest.mark.parametrize(
    "step",
    [
        *("sample_parameters", "synthesize_curves", "generate_curves"),
        # They write in the same way.
        *(
            pytest.param(step, marks=pytest.mark.slow)
            for step in ("import_observations", "catalogue_galaxies", "draw_atlas")
        ),
    ],
)
def test_a_step_that_is_killed_leaves_its_old_result_and_what_the_next_run_removes(
    step, long, command, whole, tmp_path
):
    old = written_files(step, tmp_path)
    for path in old:
        path.write_text("an old result")
    slow = step in ("generate_curves", "import_observations")
    for number in (signal.SIGTERM,) if slow else (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        remove_parts(tmp_path)
        process = start(step, command(step, whole, tmp_path, **long[step]))
        appears(tmp_path, ".*.part", process)
        process.send_signal(number)
        assert finish(process) == (-number, "")
        assert all(path.read_text() == "an old result" for path in old)
        assert list(tmp_path.glob(".*.part"))
    assert run(step, command(step, whole, tmp_path)).returncode == 0
    assert sorted(tmp_path.iterdir()) == sorted(old)
    assert all((whole / path.name).read_bytes() == path.read_bytes() for path in old)


@pytest.mark.slow
def test_an_inference_killed_among_its_galaxies_leaves_nothing_and_is_repeated_with_the_same_bytes(
    command, whole, tmp_path
):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    long = {"posterior_draws": 10_000}
    assert run("infer_galaxies", command("infer_galaxies", whole, unbroken, **long)).returncode == 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        remove_parts(killed)
        process = start("infer_galaxies", command("infer_galaxies", whole, killed, **long))
        appears(killed, ".*.part", process)
        time.sleep(0.3)  # it infers
        process.send_signal(number)
        assert finish(process) == (-number, "")
        assert list(killed.glob("*.h5")) == []
    assert run("infer_galaxies", command("infer_galaxies", whole, killed, **long)).returncode == 0
    assert contents(killed) == contents(unbroken)


def test_a_population_killed_while_it_writes_leaves_nothing_and_is_repeated_with_the_same_bytes(
    command, whole, tmp_path
):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    shutil.copy(whole / "posteriors.h5", tmp_path)
    with h5py.File(tmp_path / "posteriors.h5", "r+") as file:
        several, names = file["code"].shape[0] * 4, file["galaxy"][...]
        values = {
            name: file[name][...] for name in ("code", "velocity", "parameters", LOG_SCATTER, *POSTERIOR_SUMMARIES)
        }
        for name in ("galaxy", *values):
            del file[name]
        file["galaxy"] = np.resize(names, several)
        for name, value in values.items():
            file[name] = np.concatenate([value] * 4)
        file["ess"][...], file["pareto_k"][...] = 2000.0, 0.1
    changed = {"posteriors": tmp_path / "posteriors.h5"}
    assert run("fit_population", command("fit_population", whole, unbroken, **changed)).returncode == 0
    for number in (signal.SIGTERM, signal.SIGKILL):
        remove_parts(killed)
        long = command("fit_population", whole, killed, galaxies=10_000_000, **changed)
        process = start("fit_population", long)
        appears(killed, ".*.part", process)
        process.send_signal(number)
        assert finish(process)[0] == -number
        assert list(killed.glob("*.h5")) == []
    assert run("fit_population", command("fit_population", whole, killed, **changed)).returncode == 0
    remove_parts(killed)
    assert contents(killed) == contents(unbroken)
