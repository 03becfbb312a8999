"""Curves of a file go through the whole workflow, but for the steps of our physics."""

import re
import subprocess
import sys

import pytest
from tests.project import PROJECT

PAGE = (PROJECT / "docs/your-curves.md").read_text()


@pytest.mark.slow
def test_the_example_of_the_page_runs_and_leaves_out_what_needs_our_physics(copied, tmp_path):
    project = copied(tmp_path / "project")
    example, _, _ = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    subprocess.run([sys.executable, "-c", example], cwd=project.folder, check=True)
    project.run("--config", "curves=mine.npz")
    made = {path.relative_to(project.results).as_posix() for path in project.results.rglob("*")}
    assert {"curves.h5", "metrics.csv", "metrics.html", "SHA256SUMS", "figures/metrics.pdf"} <= made
    assert not [name for name in made if re.search("exports|physics|scaling_relations|parameters.h5", name)]
    assert "r2_latent1_log_turnover" in (project.results / "metrics.csv").read_text()
    assert project.jobs("--config", "curves=mine.npz") == {}
    refused = project.run("--config", "curves=other.npz", check=False)
    assert "curves: no such file: other.npz" in refused.stderr
