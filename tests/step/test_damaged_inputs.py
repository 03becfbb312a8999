"""Each input of each script, damaged in every way: refused in one line that names it, and nothing is written.

A flipped byte may also be one that nobody reads; then the results must be what they are without it. In a table, which
has no checksum, a digit may become another digit.
"""

import hashlib
import importlib
import pickle
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from rotcurves import evaluation, metrics
from rotcurves.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
FLIPS = 12
RUN = "full/seed1"  # folder of a model and a seed
DATA = {"curves": "curves.h5", "split": "split.h5"}
MODEL, LATENTS = {"model": f"{RUN}/model.pt"}, {"latents": f"{RUN}/latents.h5"}
GENERATED = {"generated": f"{RUN}/generated/multinormal.h5"}
FIGURE = {"pdf": "figure.pdf", "png": "figure.png"}
STYLE = {"style": "paper.mplstyle"}
# Files that each script reads and writes, by flag.
STEPS = {
    "sample_parameters": ({}, {"parameters": "parameters.h5"}),
    "synthesize_curves": ({"parameters": "parameters.h5"}, {"curves": "curves.h5"}),
    "split_curves": ({"curves": "curves.h5"}, {"split": "split.h5"}),
    "train_vae": (DATA, {**MODEL, "history": f"{RUN}/history.csv", "checkpoint": f"{RUN}/checkpoint"}),
    "encode_curves": ({**DATA, **MODEL}, {**LATENTS, "reconstructions": f"{RUN}/reconstructions.h5"}),
    "generate_curves": ({**MODEL, **LATENTS}, GENERATED),
    "evaluate_baselines": (DATA, {"metrics": "baselines.csv", "physical_fits": "truth.h5"}),
    "evaluate_model": ({**DATA, **MODEL}, {"metrics": f"{RUN}/metrics/model.csv", "errors": f"{RUN}/errors.h5"}),
    "evaluate_sampler": (
        {**DATA, **GENERATED},
        {"metrics": f"{RUN}/metrics/multinormal.csv", "physical_fits": f"{RUN}/fits/multinormal.h5"},
    ),
    "summarize_metrics": (
        {"metrics": f"{RUN}/metrics/multinormal.csv", "baselines": "baselines.csv"},
        {"summary": "metrics.csv"},
    ),
    "export_catalogue": (
        {**GENERATED, "physical_fits": f"{RUN}/fits/multinormal.h5"},
        {"catalogue_csv": "catalogue.csv", "catalogue_fits": "catalogue.fits"},
    ),
    "export_decoder": (MODEL, {"decoder": "decoder.pt2"}),
    "tabulate_metrics": ({"summary": "metrics.csv"}, {"tables": "metrics.html"}),
    "plot_curvature": ({**DATA, **GENERATED, **STYLE}, FIGURE),
    "plot_curves": ({"curves": "curves.h5", **STYLE}, FIGURE),
    "plot_errors": ({"errors": f"{RUN}/errors.h5", **STYLE}, FIGURE),
    "plot_generated_curves": ({**DATA, **GENERATED, **STYLE}, FIGURE),
    "plot_latent_density": ({**LATENTS, **GENERATED, **STYLE}, FIGURE),
    "plot_loss_history": ({"history": f"{RUN}/history.csv", **STYLE}, FIGURE),
    "plot_metrics": ({"summary": "metrics.csv", **STYLE}, FIGURE),
    "plot_parameters_latents": ({"curves": "curves.h5", **LATENTS, **STYLE}, FIGURE),
    "plot_posterior_draws": ({**LATENTS, **STYLE}, FIGURE),
    "plot_reconstructions": ({"reconstructions": f"{RUN}/reconstructions.h5", **STYLE}, FIGURE),
    "plot_scaling_relations": ({"physical_fits": f"{RUN}/fits/multinormal.h5", "truth": "truth.h5", **STYLE}, FIGURE),
    "write_checksums": ({"results": "curves.h5"}, {"checksums": "SHA256SUMS"}),
}
INPUTS = [(step, flag) for step, (read, _) in STEPS.items() for flag in read]
# What may be not a number: it is counted, or left out of a figure that says so.
COUNTED = {("evaluate_sampler", "generated"), ("plot_curvature", "generated"), ("plot_generated_curves", "generated")}
COUNTED |= {("export_catalogue", "generated"), ("export_catalogue", "physical_fits")}
COUNTED |= {("plot_scaling_relations", "physical_fits"), ("plot_scaling_relations", "truth")}


def test_the_table_of_steps_names_every_script():
    # What gather_curves writes names its inputs: see test_shards.py. What is in a provenance: see test_same_bytes.py.
    elsewhere = {"gather_curves", "write_provenance"}
    assert set(STEPS) | elsewhere == {path.stem for path in (PROJECT / "workflow/scripts").glob("*.py")}


@pytest.fixture(scope="module")
def command(config, training_flags):
    """Function from a step, the folder of its inputs, that of its outputs, and other paths, to a command line."""
    trained = dict(flag.removeprefix("--").split("=") for flag in training_flags())
    settings = {
        key: value for section in config.values() if isinstance(section, dict) for key, value in section.items()
    }
    settings |= {key: value for key, value in config.items() if isinstance(value, int | float)}
    settings |= {"seed": 1, "shard": 0, "threads": 1, "validation": 50, "test": 50, "evaluation_curves": 20}
    settings |= {"sampled_curves": 100, "draws": 7, "sampler": "multinormal", "importance_samples": 5, "model": "full"}
    settings = {name.replace("_", "-"): value for name, value in settings.items()} | trained

    def arguments(step, source, out, **different):
        read, write = STEPS[step]
        galaxies = {"galaxies": 40 if step == "generate_curves" else 400}
        files = {flag: source / path for flag, path in read.items()} | {flag: out / p for flag, p in write.items()}
        with pytest.MonkeyPatch.context() as patch:  # which flags it wants, it says itself
            patch.setattr("argparse.ArgumentParser.error", lambda self, message: said.append(message))
            said = []
            importlib.import_module(step).parse_args([])
        names = re.findall(r"--([\w-]+)", said[0])
        values = {
            name.replace("_", "-"): value for name, value in {**settings, **galaxies, **files, **different}.items()
        }
        return [f"--{name}={values[name]}" for name in names]

    return arguments


class Drawn:
    """A figure that is drawn once and for all, whatever the number of times it is saved."""

    def __init__(self, figure):
        self.figure, self.saved = figure, {}

    def savefig(self, path, format, metadata):
        if format not in self.saved:
            self.figure.savefig(path, format=format, metadata=metadata)
            self.saved[format] = Path(path).read_bytes()
        Path(path).write_bytes(self.saved[format])


def remembered(function, result=lambda value: value):
    """The function, which computes the same only once."""
    known = {}

    def call(*arguments):
        given = [vars(a) if hasattr(a, "threads") else a for a in arguments]
        given = [{k: v for k, v in a.items() if k not in ALL_FLAGS} if isinstance(a, dict) else a for a in given]
        key = hashlib.sha256(pickle.dumps(given)).digest()
        if key not in known:
            known[key] = result(function(*arguments))
        return known[key]

    return call


OUTCOMES = Counter()
ALL_FLAGS = {flag for read, write in STEPS.values() for flag in (*read, *write)}


@pytest.fixture(scope="module", autouse=True)
def quick():
    """What takes long is computed once from the same numbers; the judges are tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "TREES", 5)
        patch.setattr(evaluation, "measure", remembered(evaluation.measure))
        for step in STEPS:
            module = importlib.import_module(step)
            if step.startswith("plot_"):
                patch.setattr(module, "plot", remembered(module.plot, Drawn))
        yield
    print(f"{sum(OUTCOMES.values())} damages of {len(INPUTS)} inputs of {len(STEPS)} scripts: {dict(OUTCOMES)}")


@pytest.fixture(scope="module")
def whole(command, tmp_path_factory):
    """Folder with what all steps write."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(PROJECT / "workflow/styles/paper.mplstyle", folder)
    for step in STEPS:
        importlib.import_module(step).main(command(step, folder, results(folder, step)))
    return folder


def results(whole, step):
    """Where the results of a step are."""
    return whole / "figures" / step if step.startswith("plot_") else whole


@pytest.fixture
def outcome(command, whole, tmp_path):
    """Function from a step, a flag and a damaged file to `refused`, `same` or `different` results."""

    def run(step, flag, damaged):
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        try:
            importlib.import_module(step).main(command(step, whole, out, **{flag: damaged}))
        except (UserError, OSError) as error:  # as `commandline.run` prints them
            message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
            (line,) = message.splitlines()
            assert line.startswith(f"{damaged}: ") or f" {damaged} " in line, line
            assert [path for path in out.rglob("*") if path.is_file()] == []
            found = "refused"
        else:
            made, expected = (
                {path: read_if_there(folder / path) for path in STEPS[step][1].values()}
                for folder in (out, results(whole, step))
            )
            found = "same" if made == expected else "different"
        OUTCOMES[found] += 1
        return found

    return run


def read_if_there(path):
    """Content of a file; a checkpoint is gone when its training is done."""
    return path.read_bytes() if path.exists() else None


def damaged_file(whole, folder, step, flag):
    """Where the damaged file is to be, called as the whole one, and the whole one."""
    name = STEPS[step][0][flag]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path, whole / name


@pytest.mark.parametrize(("step", "flag"), INPUTS)
@pytest.mark.parametrize(
    "damage", ["missing", "folder", "empty", "text", "half", "last byte", "model", "HDF5", "table"]
)
def test_an_input_that_is_not_what_it_should_be_is_named(step, flag, damage, whole, outcome, tmp_path):
    path, source = damaged_file(whole, tmp_path / "in", step, flag)
    content = source.read_bytes()
    kinds = {"model": f"{RUN}/model.pt", "HDF5": "split.h5" if flag != "split" else "parameters.h5"}
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        damaged = {"empty": b"", "text": b"not what was expected\n", "half": content[: len(content) // 2]}
        damaged |= {"last byte": content[:-1], "table": b"a,b\n1,2\n"}
        path.write_bytes(damaged[damage] if damage in damaged else (whole / kinds[damage]).read_bytes())
    found = outcome(step, flag, path)
    if step == "write_checksums" and damage not in ("missing", "folder"):
        assert found == "different"  # checksums are of any files
    elif damage == flag == "model":
        assert found == "same"
    elif damage in ("half", "last byte") and source.suffix in (".csv", ".mplstyle"):
        pass  # may still be whole lines
    else:
        assert found == "refused"


CHECKED = [(step, flag) for step, flag in INPUTS if step != "write_checksums" and flag != "style"]


@pytest.mark.parametrize(("step", "flag"), CHECKED)
def test_a_flipped_byte_is_noticed_or_changes_nothing(step, flag, whole, outcome, tmp_path):
    path, source = damaged_file(whole, tmp_path / "in", step, flag)
    content = source.read_bytes()
    random_ = random.Random(f"{step} {flag}")
    found = Counter()
    for _ in range(FLIPS):
        place = random_.randrange(len(content))
        flipped = bytes([content[place] ^ random_.randrange(1, 256)])
        path.write_bytes(content[:place] + flipped + content[place + 1 :])
        found[outcome(step, flag, path)] += 1
    if source.suffix != ".csv":
        assert not found["different"]


def changed(source, path, name, change):
    """Copy an HDF5 file with one data set changed."""
    shutil.copy(source, path)
    with h5py.File(path, "r+") as file:
        values = file[name][...]
        del file[name]
        file[name] = change(values)


def nan_within(values):
    values = values.copy()
    values.flat[values.size // 2] = np.nan
    return values


CHANGES = {
    "NaN": nan_within,
    "infinity": lambda values: np.where(np.isnan(nan_within(values)), np.inf, values),
    "flat": np.ravel,
    "one column more": lambda values: np.concatenate([values, values[..., -1:]], -1),
    "one column fewer": lambda values: values[..., :-1],
    "no rows": lambda values: values[:0],
    "text": lambda values: np.full(values.shape, b"text"),
    "complex": lambda values: values + 1j,
}


@pytest.mark.parametrize(("step", "flag"), [pair for pair in CHECKED if STEPS[pair[0]][0][pair[1]].endswith(".h5")])
@pytest.mark.parametrize("change", CHANGES)
def test_other_numbers_or_shapes_are_noticed_unless_nobody_reads_them(step, flag, change, whole, outcome, tmp_path):
    path, source = damaged_file(whole, tmp_path / "in", step, flag)
    with h5py.File(source) as file:
        names = [name for name in file if file[name].dtype.kind in "if"]
        names = [name for name in names if change not in ("NaN", "infinity") or file[name].dtype.kind == "f"]
    problems = []
    for name in names:
        changed(source, path, name, CHANGES[change])
        try:
            found = outcome(step, flag, path)
        except Exception as error:
            problems.append((name, type(error).__name__, str(error)[:150]))
        else:
            counted = (step, flag) in COUNTED and change in ("NaN", "infinity")
            counted &= name in ("velocity", "parameters", "rmse")
            other_codes = step == "export_catalogue" and name == "code" and "column" in change
            if found == "different" and not counted and not other_codes:
                problems.append((name, found))
    assert not problems


TABLE_CHANGES = {
    "no rows": lambda lines: lines[:1],
    "a column fewer": lambda lines: [line.split(",", 1)[1] for line in lines],
    "a short row": lambda lines: [*lines[:-1], lines[-1].rsplit(",", 1)[0]],
    "a long row": lambda lines: [*lines[:-1], lines[-1] + ",1"],
    "text for numbers": lambda lines: [lines[0], *(re.sub(r"\b[\d.]*\d", "many", line) for line in lines[1:])],
    "NaN": lambda lines: [lines[0], *(re.sub(r"\b[\d.]*\d", "nan", line) for line in lines[1:])],
}


@pytest.mark.parametrize(("step", "flag"), [pair for pair in CHECKED if STEPS[pair[0]][0][pair[1]].endswith(".csv")])
@pytest.mark.parametrize("change", TABLE_CHANGES)
def test_a_table_of_other_rows_is_noticed(step, flag, change, whole, outcome, tmp_path):
    path, source = damaged_file(whole, tmp_path / "in", step, flag)
    path.write_text("\n".join([*TABLE_CHANGES[change](source.read_text().splitlines()), ""]))
    found = outcome(step, flag, path)
    assert found == "refused" or (change == "NaN" and flag != "history")  # a metric may be undefined


MODEL_CHANGES = {
    "NaN": lambda content: content["state"]["decoder.layers.0.weight"].view(-1)[3:4].fill_(torch.nan),
    "infinity": lambda content: content["state"]["mean"][3:4].fill_(-torch.inf),
    "another shape": lambda content: content["state"].update({"encoder.layers.0.bias": torch.zeros(3)}),
    "no weights": lambda content: content["state"].clear(),
    "no description": lambda content: content.pop("architecture"),
    "another number of radii": lambda content: content["architecture"].update(radii=49),
    "more weights than there is memory for": lambda content: content["architecture"].update(encoder_widths=[10**9] * 2),
    "a setting of another kind": lambda content: content["architecture"].update(latent_dimension="many"),
}


@pytest.mark.parametrize("step", [step for step, flag in INPUTS if flag == "model"])
@pytest.mark.parametrize("change", MODEL_CHANGES)
def test_a_model_of_other_weights_is_noticed(step, change, whole, outcome, tmp_path):
    path, source = damaged_file(whole, tmp_path / "in", step, "model")
    content = torch.load(source, weights_only=True)
    MODEL_CHANGES[change](content)
    torch.save(content, path)
    assert outcome(step, "model", path) == "refused"
