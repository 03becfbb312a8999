# Curves that we simulate: galaxies from their scaling relations, and a forward model.


rule sample_parameters:
    """Draw galaxies from their scaling relations."""
    input:
        **code("sample_parameters"),
    output:
        parameters="<results>/parameters.h5",
    log:
        "<results>/logs/sample_parameters.log",
    benchmark:
        "<results>/benchmarks/sample_parameters.tsv"
    conda:
        "../../envs/simulation.yaml"
    resources:
        **cluster_resources(memory=300, minutes=10),
    params:
        **flags("sample_parameters", "hubble_constant", "seed"),
    shell:
        STEP


use rule sample_parameters as synthesize_curves with:
    """Compute the rotation curves of the galaxies."""
    input:
        **code("synthesize_curves"),
        parameters="<results>/parameters.h5",
    output:
        curves="<results>/curves.h5",
    log:
        "<results>/logs/synthesize_curves.log",
    benchmark:
        "<results>/benchmarks/synthesize_curves.tsv"
    resources:
        **cluster_resources(memory=400, minutes=30),
    params:
        **flags("synthesize_curves", "hubble_constant"),
