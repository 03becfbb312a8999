"""The memory of the steps that make the data set does not grow with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
FEW, MANY = 200_000, 2_000_000
# A process of its own in between: a child begins with the memory of its parent, which pytest is too large for.
MEASURE = """\
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(step, arguments):
    """Peak resident memory of a step."""
    command = [sys.executable, "-c", MEASURE, SCRIPTS / f"{step}.py", *arguments]
    return int(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def peaks(command, folder, galaxies):
    """Peak resident memory of each step that makes a data set of so many galaxies."""
    parts = [str(folder / f"part{part}.h5") for part in range(4)]
    made = {name: folder / f"{name}.h5" for name in ("parameters", "curves")}
    synthesis = command("synthesize_curves", folder, parameters=made["parameters"])
    arguments = {
        "sample_parameters": command("sample_parameters", folder, galaxies=galaxies),
        "synthesize_curves": [*(word for word in synthesis if "--curves=" not in word), "--curves", *parts],
        "gather_curves": ["--parts", *parts, "--curves", str(made["curves"])],
        "split_curves": command("split_curves", folder, curves=made["curves"], validation=50_000, test=50_000),
    }
    return {step: peak(step, words) for step, words in arguments.items()}


@pytest.mark.slow
def test_ten_times_the_galaxies_take_no_more_memory(command, tmp_path):
    few, many = (peaks(command, tmp_path / str(n), n) for n in (FEW, MANY))
    shutil.rmtree(tmp_path / str(MANY))
    print({step: (few[step], many[step]) for step in few})
    for step in few:
        assert many[step] < 1.1 * few[step]
