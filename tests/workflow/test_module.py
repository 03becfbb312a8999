"""The workflow as part of another one."""

import pytest
from tests.project import Project

OUTER = """\
configfile: "rotcurves/config.yaml"
configfile: "rotcurves/tiny.yaml"


rule unlike_ours:
    output:
        "{name}.txt",
    shell:
        "touch {output}"


module rotcurves:
    snakefile:
        "rotcurves/Snakefile"
    config:
        config


use rule * from rotcurves as rotcurves_*


rule count_curves:
    default_target: True
    input:
        "results/split.h5",
    output:
        "results/size",
    shell:
        "wc -c < {input} > {output}"
"""


@pytest.fixture
def outer(copied, tmp_path):
    """A workflow that has this one as a module, in a folder beside its own Snakefile."""
    copied(tmp_path / "rotcurves")
    (tmp_path / "Snakefile").write_text(OUTER)
    return Project(tmp_path)


def test_another_workflow_has_ours_as_a_module(outer):
    assert len(outer.jobs("rotcurves_figures")) > 10
    outer.run()
    assert int((outer.folder / "results/size").read_text()) > 0
    assert not (outer.folder / "rotcurves/results/split.h5").exists()


def test_the_snakefile_where_the_catalogue_looks_is_the_workflow(finished):
    assert "Nothing to be done" in finished.run("--snakefile", "workflow/Snakefile").stderr
