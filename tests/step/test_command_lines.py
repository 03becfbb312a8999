"""Every script explains itself, refuses wrong values by name, and ends with one line for a user's mistake."""

import contextlib
import importlib
import os
import pty
import re
import resource
import subprocess
import sys
import termios
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
STEPS = sorted(path.stem for path in SCRIPTS.glob("*.py"))
ONE_MODEL = pytest.mark.parametrize("trained", ["cholesky"], indirect=True)


def run(step, arguments, **how):
    """Run a script as a user does."""
    return subprocess.run([sys.executable, SCRIPTS / f"{step}.py", *arguments], capture_output=True, text=True, **how)


@pytest.mark.parametrize("step", STEPS)
def test_help_names_what_a_step_reads_and_writes(step, capsys):
    with pytest.raises(SystemExit) as end:
        importlib.import_module(step).main(["--help"])
    assert end.value.code == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("Reads: ") for line in lines)
    assert any(line.startswith("Writes: ") for line in lines)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_flags_says_which_are_missing(step, capsys):
    with pytest.raises(SystemExit) as end:
        importlib.import_module(step).main([])
    assert end.value.code == 2
    assert "the following arguments are required: --" in capsys.readouterr().err


WRONG = [
    ("sample_parameters", "galaxies", "0"),
    ("sample_parameters", "galaxies", "ten"),
    ("sample_parameters", "seed", "-1"),
    ("sample_parameters", "halo_mass_scatter", "-0.1"),
    ("sample_parameters", "halo_mass_slope", "nan"),
    ("sample_parameters", "hubble_constant", "0"),
    ("synthesize_curves", "radius_min", "0"),
    ("synthesize_curves", "radii", "1e9999"),
    ("synthesize_curves", "overdensity", "-200"),
    ("synthesize_curves", "gravitational_constant", "nan"),
    ("synthesize_curves", "shards", "0"),
    ("synthesize_curves", "shard", "-1"),
    ("split_curves", "validation", "0"),
    ("split_curves", "test", "-5"),
    ("split_curves", "seed", "-1"),
    ("train_vae", "seed", "-1"),
    ("train_vae", "posterior", "full"),
    ("train_vae", "encoder_widths", "64,,64"),
    ("train_vae", "encoder_widths", "0"),
    ("train_vae", "decoder_sigma", "-1"),
    ("train_vae", "decoder_sigma", "nan"),
    ("train_vae", "batch_size", "0"),
    ("train_vae", "epochs", "1e3"),
    ("train_vae", "learning_rate", "0"),
    ("train_vae", "patience", "-1"),
    ("train_vae", "learning_rate_warmup", "1.5"),
    ("train_vae", "sigma_annealing", "nan"),
    ("train_vae", "validation_interval", "0"),
    ("encode_curves", "draws", "0"),
    ("encode_curves", "sampled_curves", "-3"),
    ("encode_curves", "seed", "-1"),
    ("generate_curves", "sampler", "flow"),
    ("generate_curves", "galaxies", "0"),
    ("generate_curves", "threads", "0"),
    ("generate_curves", "seed", "-1"),
]


@pytest.mark.parametrize(("step", "flag", "value"), WRONG)
def test_a_wrong_value_is_refused_by_the_name_of_its_flag(step, flag, value, command, capsys, tmp_path):
    with pytest.raises(SystemExit) as end:
        importlib.import_module(step).main(command(step, tmp_path, tmp_path, **{flag: value}))
    assert end.value.code == 2
    assert f"argument --{flag.replace('_', '-')}: invalid" in capsys.readouterr().err.splitlines()[-1]
    assert os.listdir(tmp_path) == []


def test_a_flag_cannot_be_shortened(command, capsys, tmp_path):
    arguments = [word.replace("--galaxies", "--galax") for word in command("sample_parameters", tmp_path)]
    with pytest.raises(SystemExit):
        importlib.import_module("sample_parameters").main(arguments)
    assert "--galaxies" in capsys.readouterr().err


@ONE_MODEL
@pytest.mark.parametrize(
    ("step", "flag"),
    [("synthesize_curves", "parameters"), ("train_vae", "split"), ("generate_curves", "model")],
)
def test_a_mistake_is_one_line_that_begins_with_error(step, flag, command, trained, tmp_path):
    out, missing = tmp_path / "out", tmp_path / "missing.h5"
    out.mkdir()
    ended = run(step, command(step, out, trained, **{flag: missing}))
    assert ended.returncode == 1
    assert ended.stderr == f"error: {missing}: no such file\n"
    assert ended.stdout == ""
    assert os.listdir(out) == []


def test_a_folder_that_cannot_be_written_to_is_one_line_too(command, tmp_path):
    (tmp_path / "file").write_text("in the way")
    ended = run("sample_parameters", command("sample_parameters", tmp_path / "file"))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {tmp_path}/file/parameters.h5: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("step", "written", "size"),
    [("synthesize_curves", "curves.h5", 20_000), ("train_vae", "history.csv", 100), ("train_vae", "model.pt", 5_000)],
)
def test_a_full_disk_is_one_line_about_the_file_written(step, written, size, command, tmp_path):
    # A limit on the size of files stands for the disk: writing beyond it fails in the same way.
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    ended = run(step, command(step, tmp_path), preexec_fn=limit)
    assert ended.returncode == 1
    errors = [line for line in ended.stderr.splitlines() if not line.startswith(("epoch", "kept"))]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {tmp_path}/{written}: ")
    assert not (tmp_path / written).exists()
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


@pytest.mark.parametrize(
    ("step", "written", "different"),
    [("train_vae", "model.pt", {}), ("generate_curves", "multinormal.h5", {"sampler": "mixture"})],
)
def test_the_environment_of_a_step_changes_no_byte(step, written, different, command, trained, tmp_path):
    results = set()
    for threads in "14":
        out = tmp_path / threads
        environment = {**os.environ, **{f"{library}_NUM_THREADS": threads for library in ("OMP", "MKL", "OPENBLAS")}}
        ended = run(step, command(step, out, trained, **different), env=environment)
        assert ended.returncode == 0, ended.stderr
        results.add((out / written).read_bytes())
    assert len(results) == 1


def test_a_step_runs_from_any_folder_and_says_nothing(command, tmp_path):
    ended = run("sample_parameters", command("sample_parameters", "here"), cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert (tmp_path / "here/parameters.h5").is_file()


def test_a_training_tells_a_log_its_rate_and_the_time_left(command, tmp_path):
    ended = run("train_vae", command("train_vae", tmp_path))
    *epochs, kept = ended.stderr.splitlines()
    line = r"epoch \d: loss -?[\d.]+ training, -?[\d.]+ validation; [\d.]+k? epochs/s, 00:\d\d left"
    assert len(epochs) == 3
    assert all(re.fullmatch(line, told) for told in epochs)
    assert kept.startswith("kept the state of epoch ")


def test_a_training_shows_a_bar_on_a_terminal_and_no_lines_beside_it(command, tmp_path):
    leader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    words = [sys.executable, SCRIPTS / "train_vae.py", *command("train_vae", tmp_path)]
    shown = b""
    with subprocess.Popen(words, stderr=terminal) as step:
        os.close(terminal)
        with contextlib.suppress(OSError), open(leader, "rb", buffering=0) as screen:  # it ends with an error
            while piece := screen.read(4096):
                shown += piece
    assert step.returncode == 0
    assert b"training: 100%" in shown
    assert b"epochs/s" in shown
    assert b"epoch 1:" not in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, which is of Linux")
@ONE_MODEL
def test_a_line_that_a_full_log_cannot_hold_comes_to_the_terminal(command, trained, tmp_path):
    arguments = command("split_curves", tmp_path, curves=tmp_path / "missing.h5")
    with open("/dev/full", "w") as log:
        line = [sys.executable, SCRIPTS / "split_curves.py", *arguments]
        done = subprocess.run(line, stdout=subprocess.PIPE, stderr=log, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == f"error: {tmp_path}/missing.h5: no such file\n"
