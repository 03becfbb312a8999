"""A step that is killed or asked to end leaves no half-written result, and a training goes on from where it was."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
pytestmark = pytest.mark.parametrize("trained", ["cholesky"], indirect=True)


def start(step, arguments):
    command = [sys.executable, str(SCRIPTS / f"{step}.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    """Exit status and standard error."""
    _, errors = process.communicate()
    return process.returncode, errors


def training(command, out, **different):
    """The command line of a training of some seconds that writes a checkpoint after each step."""
    out.mkdir(exist_ok=True)
    return command("train_vae", out, epochs=60, checkpoint_interval=0, **different)


def appears(path, process):
    """Wait until a file is there."""
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.01)


@pytest.fixture(scope="module")
def unbroken(command, trained, tmp_path_factory):
    """Model and history of a training that nothing interrupts."""
    out = tmp_path_factory.mktemp("unbroken")
    status, errors = finish(start("train_vae", training(command, out)))
    assert status == 0, errors
    assert sorted(os.listdir(out)) == ["history.csv", "model.pt"]  # the checkpoint is gone
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_a_training_killed_again_and_again_ends_with_the_bytes_of_an_unbroken_one(command, trained, unbroken, tmp_path):
    moment, kills = random.Random(1), 0
    while True:
        process = start("train_vae", training(command, tmp_path))
        if kills < 5:
            appears(tmp_path / "checkpoint", process)
            time.sleep(moment.uniform(0.0, 0.3))
            process.kill()
        status, errors = finish(process)
        if status == 0:
            break
        kills += 1
    assert kills > 2
    assert "going on from a checkpoint" in errors
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == unbroken


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_training_asked_to_end_leaves_a_checkpoint(number, command, trained, unbroken, tmp_path):
    arguments = training(command, tmp_path)
    process = start("train_vae", arguments)
    appears(tmp_path / "checkpoint", process)
    process.send_signal(number)
    status, errors = finish(process)
    assert status == 128 + number
    assert errors.splitlines()[-1] == f"stopped by {number.name}"
    assert os.listdir(tmp_path) == ["checkpoint"]
    assert finish(start("train_vae", arguments))[0] == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == unbroken


def test_a_checkpoint_of_other_settings_is_not_taken_up(command, trained, unbroken, tmp_path):
    process = start("train_vae", training(command, tmp_path, learning_rate=0.003))
    appears(tmp_path / "checkpoint", process)
    process.terminate()
    finish(process)
    status, errors = finish(start("train_vae", training(command, tmp_path)))
    assert status == 0
    assert "is not of this training" in errors
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == unbroken


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_step_asked_to_end_cleans_up_and_keeps_the_old_result(number, command, trained, tmp_path):
    (tmp_path / "parameters.h5").write_text("an old result")
    process = start("sample_parameters", command("sample_parameters", tmp_path, galaxies=20_000_000))
    while len(os.listdir(tmp_path)) < 2:
        time.sleep(0.01)
    process.send_signal(number)
    assert finish(process) == (128 + number, f"stopped by {number.name}\n")
    assert os.listdir(tmp_path) == ["parameters.h5"]
    assert (tmp_path / "parameters.h5").read_text() == "an old result"


def test_a_signal_that_meets_the_making_of_an_unfinished_file_leaves_none(trained, tmp_path):
    program = f"""
import os, signal, sys, tempfile
sys.path.insert(0, {str(SCRIPTS)!r})
from rotcurves import commandline
from rotcurves.replacing import replacing
make = tempfile.mkstemp
def met(**names):
    made = make(**names)
    os.kill(os.getpid(), signal.SIGTERM)
    return made
tempfile.mkstemp = met
def main(argv):
    with replacing("result") as temporary:
        temporary.write_text("new")
commandline.run(main)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "stopped by SIGTERM\n")
    assert not os.listdir(tmp_path)


def test_what_a_killed_step_left_goes_when_it_is_run_again(command, trained, tmp_path):
    process = start("sample_parameters", command("sample_parameters", tmp_path, galaxies=20_000_000))
    while not os.listdir(tmp_path):
        time.sleep(0.01)
    process.kill()
    finish(process)
    assert [name.endswith(".part") for name in os.listdir(tmp_path)] == [True]
    assert finish(start("sample_parameters", command("sample_parameters", tmp_path)))[0] == 0
    assert os.listdir(tmp_path) == ["parameters.h5"]
