rule data:
    """Target: the curves, and their split."""
    input:
        "<results>/curves.h5",
        "<results>/split.h5",


rule split_curves:
    """Divide the curves at random into training, validation and test curves."""
    input:
        **code("split_curves"),
        curves="<results>/curves.h5",
    output:
        split="<results>/split.h5",
    log:
        "<results>/logs/split_curves.log",
    benchmark:
        "<results>/benchmarks/split_curves.tsv"
    conda:
        "../../envs/simulation.yaml"
    resources:
        **cluster_resources(memory=300, minutes=10, times=0.3),
    params:
        **flags("split_curves", "seed"),
    shell:
        STEP
