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
from tests.step.steps import FIGURES, SCRIPTS, STEPS, flags, run, start, written_files


def test_the_table_of_steps_names_every_script():
    assert set(STEPS) == {path.stem for path in SCRIPTS.glob("*.py")}


def ended(step, arguments, capsys):
    """Exit status of a step that ends while it reads its command line, and what it says."""
    with pytest.raises(SystemExit) as end:
        importlib.import_module(step).main(arguments)
    said = capsys.readouterr()
    return end.value.code, said.out + said.err


def test_help_names_what_a_step_reads_and_writes_and_flags_that_are_missing_are_named(capsys):
    for step in STEPS:
        status, said = ended(step, ["--help"], capsys)
        assert status == 0
        assert {"Reads:", "Writes:"} <= set(said.split())
        status, said = ended(step, [], capsys)
        assert (status, said.count("\n")) == (2, 1)
        assert said.startswith("error: the following arguments are required: --")


def test_no_setting_takes_any_text_and_no_flag_is_shortened(command, capsys, tmp_path):
    """That it is refused as in the configuration, tests/unit/test_settings.py says."""
    for step in STEPS:
        files = {name for names in STEPS[step] for name in names}
        texts = (
            {"name", "project", "results", "model", "seed", "sampler", "prior"}
            if step == "write_provenance"
            else {"name"}
        )
        names = {flag.replace("-", "_") for flag in flags(step)} - files - texts
        for setting in (name for name in names if not name.endswith(("_column", "_unit"))):
            status, said = ended(step, command(step, tmp_path, tmp_path / "out", **{setting: "wrong"}), capsys)
            assert status == 2
            assert re.fullmatch(f"error: argument --{setting.replace('_', '-')}: .*wrong.*\n", said)
    words = [word.replace("--galaxies", "--galax") for word in command("sample_parameters", tmp_path, tmp_path)]
    assert "--galaxies" in ended("sample_parameters", words, capsys)[1]
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_is_one_line_that_begins_with_error(command, tmp_path):
    for step, missing in (("synthesize_curves", "parameters.h5"), ("plot_curves", "curves.h5")):
        done = run(step, command(step, tmp_path, tmp_path / "out"))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"error: {tmp_path / missing}: no such file\n"
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    done = run("sample_parameters", command("sample_parameters", tmp_path, tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}/file/parameters.h5: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("step", "name", "size"), [("synthesize_curves", "curves.h5", 20_000), ("train_vae", "history.csv", 100)]
)
def test_a_full_disk_is_one_line_about_the_file_written(step, name, size, command, data, tmp_path):
    # A limit on the size of files stands for the disk: writing beyond it fails in the same way.
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    done = run(step, command(step, data, tmp_path), preexec_fn=limit)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if not line.startswith(("epoch", "kept"))]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {tmp_path}/{name}: ")
    assert not (tmp_path / name).exists()
    assert not list(tmp_path.glob(".*.part"))


def test_a_line_that_a_full_log_cannot_hold_comes_to_the_terminal(command, tmp_path):
    arguments = command("split_curves", tmp_path, tmp_path)
    with open("/dev/full", "w") as log:
        done = run("split_curves", arguments, stderr=log)
    assert done.returncode != 0
    assert done.stdout == f"error: {tmp_path}/curves.h5: no such file\n"


def test_a_step_runs_from_any_folder_and_says_nothing(command, tmp_path):
    done = run("sample_parameters", command("sample_parameters", tmp_path, Path("here")), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "here/parameters.h5").is_file()


def test_a_training_tells_a_log_its_rate_and_the_time_left(perform, data, tmp_path, caplog):
    caplog.set_level("INFO")
    perform(data, tmp_path, "train_vae")
    *epochs, kept = caplog.messages
    line = r"epoch \d: loss -?[\d.]+ training, -?[\d.]+ validation \(median\); [\d.]+k? epochs/s, 00:\d\d left"
    assert len(epochs) == 3
    assert all(re.fullmatch(line, told) for told in epochs)
    assert re.match(r"kept the model of epoch \d", kept)


def test_a_training_shows_a_bar_on_a_terminal_and_no_lines_beside_it(command, data, tmp_path):
    leader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    shown = b""
    with start("train_vae", command("train_vae", data, tmp_path), stderr=terminal) as step:
        os.close(terminal)
        with contextlib.suppress(OSError), open(leader, "rb", buffering=0) as screen:  # it ends with an error
            while piece := screen.read(4096):
                shown += piece
    assert step.returncode == 0
    assert b"training: 100%" in shown
    assert b"epochs/s" in shown
    assert b"epoch 1:" not in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "different"), [("train_vae", {}), ("generate_curves", {"samplers": ["gaussian_mixture"]})]
)
def test_the_environment_of_a_step_changes_no_byte(step, different, command, model, tmp_path):
    program = f"import {step}; from curvae.densities import em; em.STEPS = 50; {step}.main()"
    results = set()
    for threads in "14":
        words = [sys.executable, "-c", program, *command(step, model, tmp_path / threads, **different)]
        environment = {**os.environ, **{f"{library}_NUM_THREADS": threads for library in ("OMP", "MKL", "OPENBLAS")}}
        subprocess.run(words, cwd=SCRIPTS, env=environment, capture_output=True, check=True)
        results.add(tuple(path.read_bytes() for path in written_files(step, tmp_path / threads)))
    assert len(results) == 1


@pytest.mark.parametrize(
    ("steps", "unwanted"),
    [
        (["sample_parameters", "synthesize_curves", "split_curves"], {"torch", "matplotlib", "sklearn"}),
        (["encode_curves", "generate_curves", "train_vae", "evaluate_model"], {"matplotlib"}),
        (
            [*(step for step in FIGURES if step != "plot_metrics"), "draw_atlas"],
            {"torch", "sklearn", "scipy.stats", "jsonschema"},
        ),
        (["plot_metrics", "summarize_metrics", "write_provenance"], {"torch", "sklearn"}),
    ],
)
def test_a_step_does_not_load_what_it_does_not_need(steps, unwanted, command, tmp_path):
    program = f"""
import contextlib, importlib, sys
from curvae.runtime.errors import UserError
for step, arguments in {[(step, command(step, tmp_path, tmp_path)) for step in steps]}:
    with contextlib.suppress(UserError, OSError):  # no file to read is there
        importlib.import_module(step).main(arguments)
print(*sys.modules.keys() & {unwanted})
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("step", [step for step in STEPS if step not in (*FIGURES, "write_provenance")])
def test_a_step_run_twice_makes_equal_bytes_whatever_the_threads_of_an_evaluation(step, perform, whole, tmp_path):
    perform(whole, tmp_path, step, threads=2 if step in ("evaluate_samplers", "evaluate_baselines") else 1)
    again, first = (
        {path.name: path.read_bytes() for path in written_files(step, folder)} for folder in (tmp_path, whole)
    )
    assert again == first
