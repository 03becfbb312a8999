# Curves of the user, from a file.

REPRESENTATIONS = [{**config["train_vae"], **model}["representation"] for model in config["models"].values()]


rule import_curves:
    """Read the curves of a file of the user's: check them, and bring them into the form of ours."""
    input:
        **code("import_curves"),
        source=config["curves"],
    output:
        curves="<results>/curves.h5",
    log:
        "<results>/logs/import_curves.log",
    benchmark:
        "<results>/benchmarks/import_curves.tsv"
    conda:
        "../../envs/exports.yaml"
    resources:
        **cluster_resources(memory=500, minutes=30),
    params:
        # Velocities of zero and below are for linear models alone.
        **flags(representation=next((form for form in REPRESENTATIONS if form != "linear"), "linear")),
    shell:
        STEP_AND_TERMINAL
