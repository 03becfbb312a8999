"""Each input of each step, damaged in every way: refused in one line that names it, and nothing is written.

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
from tests.step.steps import FIGURES, STEPS, placed, written_files

from curvae.runtime.errors import UserError

FLIPS = 8
# Some half a second for each damage; other steps read most of their files in the same way.
SLOW = ("infer_galaxies", "evaluate_population")
INPUTS = [
    pytest.param(step, flag, marks=pytest.mark.slow if step in SLOW else ())
    for step, (read, _) in STEPS.items()
    for flag in read
]
# What may be not a number: it is counted, or left out of a figure that says so.
COUNTED = {
    *((step, "generated") for step in ("evaluate_samplers", "evaluate_physics", "plot_generated_curves")),
    *(("export_catalogue", flag) for flag in ("generated", "physical_fits")),
    *(("plot_scaling_relations", flag) for flag in ("physical_fits", "reference")),
    *(
        ("catalogue_galaxies", "batches"),
        ("plot_observed_galaxies", "posteriors"),
        ("evaluate_inference", "posteriors"),
        ("draw_atlas", "posteriors"),
    ),
}
UNDEFINED = ("velocity", "parameters", "rmse", "physical_distance_relative")
# Codes that may have any dimension, or whose dimension is compared with that of another file, which is named then.
CODES = {("export_catalogue", "code"), ("plot_parameters_latents", "mean"), ("plot_latent_density", "mean")}
# Curves may have any number of parameters, and ranks be of any number of radii.
CODES |= {
    ("mock_observations", "parameters"),
    ("plot_calibration", "velocity"),
    ("plot_population_check", "held_out_gain"),
}


def remembered(function):
    """The function, which computes the same only once."""
    known = {}

    def call(*arguments):
        key = hashlib.sha256(pickle.dumps(arguments)).digest()
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return call


class Undrawn:
    """In place of a figure: the numbers that it would show."""

    def __init__(self, *data):
        self.content = pickle.dumps(data)

    def get_layout_engine(self):
        pass

    def savefig(self, path, format, metadata):
        Path(path).write_bytes(self.content)


class UndrawnPages:
    """In place of a document: the numbers of its pages."""

    def __init__(self, path, metadata):
        self.path, self.content = Path(path), b""

    def __enter__(self):
        return self

    def savefig(self, page):
        self.content += page.content

    def __exit__(self, *error):
        self.path.write_bytes(self.content)


@pytest.fixture(scope="module")
def quick():
    """What takes long is computed once from the same numbers, and figures are not drawn."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("baselines.generate_all", "physical_fits.physical_metrics"):
            module, function = name.split(".")
            module = importlib.import_module(f"curvae.evaluation.{module}")
            patch.setattr(module, function, remembered(getattr(module, function)))
        for step in ("evaluate_baselines", "evaluate_samplers"):
            module = importlib.import_module(step)
            patch.setattr(module, "two_sample_metrics", remembered(module.two_sample_metrics))
        patch.setattr("curvae.figures.figure_files.PdfPages", UndrawnPages)
        for step in (*FIGURES, "draw_atlas"):
            patch.setattr(importlib.import_module(step), "plot", Undrawn)
        yield


@pytest.fixture(scope="module")
def results(quick, perform, whole, tmp_path_factory):
    """Function from a step to what it writes, by name of the file, without any damage."""
    folder, known = tmp_path_factory.mktemp("results"), {}

    def of(step):
        if step not in known:
            known[step] = contents(step, perform(whole, folder / step, step))
        return known[step]

    return of


def contents(step, folder):
    """What a step has written, by name."""
    return {path.name: path.read_bytes() for path in written_files(step, folder)}


def outcome(perform, whole, results, out, step, flag, path):
    """Whether a step refuses a damaged input, or its results are the `same` or `different`; another error is said."""
    shutil.rmtree(out, ignore_errors=True)
    names = STEPS[step][0][flag]
    try:
        perform(whole, out, step, **{flag: path if isinstance(names, str) else (path, *placed(whole, names[1:]))})
    except (UserError, OSError) as error:  # as `commandline.run` prints them
        line = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        named = "\n" not in line and (line.startswith(f"{path}: ") or f" {path} " in line)
        left = [file for file in out.rglob("*") if file.is_file()]
        return "refused" if named and not left else f"refused with {line!r}, left {left}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return "same" if contents(step, out) == results(step) else "different"


# Each of these writes an input to `path`, damaged in one way after the other, and yields what it has done, and which
# outcomes are right.
NOTICED, HARMLESS, ANY = {"refused"}, {"refused", "same"}, {"refused", "same", "different"}


def other_files(source, path):
    """Another file, or none."""
    yield "missing", NOTICED
    path.mkdir()
    yield "folder", NOTICED
    path.rmdir()
    if path.suffix in (".txt", ".jinja"):  # any text is one
        return
    content = source.read_bytes()
    lines = path.suffix in (".csv", ".mplstyle")  # a part of the lines may be as good
    for name, damaged in {
        "empty": b"",
        "text": b"not what was expected\n",
        "half": content[: len(content) // 2],
        "last byte": content[:-1],
        "table": b"a,b\n1,2\n",
        "model": b"" if path.suffix == ".pt" else source.with_name("model.pt").read_bytes(),
        "HDF5": source.with_name("parameters.h5" if path.name == "split.h5" else "split.h5").read_bytes(),
    }.items():
        path.write_bytes(damaged)
        yield name, ANY if lines and name in ("half", "last byte") else NOTICED


def flipped_bytes(source, path):
    content = source.read_bytes()
    seeded = random.Random(path.name)
    for _ in range(FLIPS):
        place = seeded.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ seeded.randrange(1, 256)]) + content[place + 1 :])
        yield f"byte {place}", ANY if path.suffix == ".csv" else HARMLESS


def within(values, value):
    values = values.copy()
    values.flat[values.size // 2] = value
    return values


CHANGES = {
    "NaN": lambda values: within(values, np.nan),
    "infinity": lambda values: within(values, np.inf),
    "flat": np.ravel,
    "one column fewer": lambda values: values[..., :-1],
    "no rows": lambda values: values[:0],
    "text": lambda values: np.full(values.shape, b"text"),
}


def other_numbers(source, path):
    """HDF5 whose data sets hold other numbers or have other shapes, or that lacks an attribute."""
    with h5py.File(source) as file:
        kinds = {name: file[name].dtype.kind for name in file if file[name].dtype.kind in "if"}
        attributes = list(file.attrs)
    for name, change in ((name, change) for name in kinds for change in CHANGES):
        if kinds[name] == "i" and change in ("NaN", "infinity"):
            continue
        shutil.copy(source, path)
        with h5py.File(path, "r+") as file:
            values, kept = file[name][...], dict(file[name].attrs)
            del file[name]
            file[name] = CHANGES[change](values)
            for key in set(kept) - {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"}:
                file[name].attrs[key] = kept[key]
        yield f"{name}: {change}", HARMLESS
    for name in attributes:
        shutil.copy(source, path)
        with h5py.File(path, "r+") as file:
            del file.attrs[name]
        yield f"without {name}", HARMLESS


TABLE_CHANGES = {
    "no rows": lambda lines: lines[:1],
    "a column fewer": lambda lines: [line.split(",", 1)[1] for line in lines],
    "a short row": lambda lines: [*lines[:-1], lines[-1].rsplit(",", 1)[0]],
    "a long row": lambda lines: [*lines[:-1], lines[-1] + ",1"],
    "text for numbers": lambda lines: [lines[0], *(re.sub(r"\b[\d.]*\d", "many", line) for line in lines[1:])],
    "NaN": lambda lines: [lines[0], *(re.sub(r"\b[\d.]*\d", "nan", line) for line in lines[1:])],
}


def other_rows(source, path):
    for name, change in TABLE_CHANGES.items():
        path.write_text("\n".join([*change(source.read_text().splitlines()), ""]))
        undefined = name == "NaN" and path.name != "history.csv"  # a metric may be
        yield name, ANY if undefined else NOTICED


MODEL_CHANGES = {
    "NaN": lambda content: content["state"]["decoder.layers.0.weight"].view(-1)[3:4].fill_(torch.nan),
    "infinity": lambda content: content["state"]["mean"][3:4].fill_(-torch.inf),
    "another shape": lambda content: content["state"].update({"encoder.layers.0.bias": torch.zeros(3)}),
    "no weights": lambda content: content["state"].clear(),
    "no description": lambda content: content.pop("architecture"),
    "no identity": lambda content: content.pop("identity"),
    "another number of radii": lambda content: content["architecture"].update(radii=49),
    "more weights than there is memory for": lambda content: content["architecture"].update(encoder_widths=[10**9] * 2),
    "a setting of another kind": lambda content: content["architecture"].update(latent_dimension="many"),
}


def other_weights(source, path):
    for name, change in MODEL_CHANGES.items():
        content = torch.load(source, weights_only=True)
        change(content)
        torch.save(content, path)
        yield name, NOTICED


DAMAGES = {".h5": (flipped_bytes, other_numbers), ".csv": (flipped_bytes, other_rows)}
DAMAGES |= {".pt": (flipped_bytes, other_weights), ".mplstyle": (), ".txt": (), ".jinja": ()}


def right(step, flag, damage, expected):
    """The outcomes that are right for this input; None for whatever comes."""
    if step == "write_provenance" and damage not in ("missing", "folder"):  # checksums are of any files
        return ANY
    # Attributes of ours are handed on by one, and of no matter to the other.
    if step in ("synthesize_curves", "import_curves", "infer_galaxies", "evaluate_population") and damage.startswith(
        "without "
    ):
        return ANY
    if step == "train_vae" and damage == "without degrees_of_freedom":  # then it takes as many latents as may be needed
        return ANY
    name, _, change = damage.partition(": ")
    if (step, flag) in COUNTED and change in ("NaN", "infinity") and name in UNDEFINED:
        return ANY
    if (step, name) in CODES and "column" in change:
        return None
    return expected


@pytest.mark.parametrize(("step", "flag"), INPUTS)
def test_a_damaged_input_is_refused_by_its_name_or_changes_nothing(step, flag, perform, whole, results, tmp_path):
    names = STEPS[step][0][flag]
    source = whole / (names if isinstance(names, str) else names[0])
    path = tmp_path / "in" / source.name
    path.parent.mkdir()
    wrong, found = {}, Counter()
    for kind in (other_files, *DAMAGES[source.suffix]):
        for damage, expected in kind(source, path):
            was = outcome(perform, whole, results, tmp_path / "out", step, flag, path)
            found[was] += 1
            allowed = right(step, flag, damage, expected)
            if allowed and was not in allowed:
                wrong[damage] = was
    print(dict(found))
    assert not wrong
    assert found["refused"]
