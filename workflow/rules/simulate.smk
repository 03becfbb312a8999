rule data:
    """Target: parameters, curves and split of the data set."""
    input:
        "<results>/parameters.h5",
        "<results>/curves.h5",
        "<results>/split.h5",


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
    threads: 1
    resources:
        mem_mb=memory(300),
        runtime=minutes(10),
    params:
        flags=flags("sample_parameters", hubble_constant=config["hubble_constant"], seed=config["seed"]),
    shell:
        r"""
        python {input.script:q} \
            {params.flags:q} \
            --parameters {output.parameters:q} \
            2>{log:q}
        """


rule synthesize_curves:
    """Compute the rotation curves of a shard of the galaxies."""
    input:
        **code("synthesize_curves"),
        parameters="<results>/parameters.h5",
    output:
        curves=CURVES_OF_SHARD,
    log:
        "<results>/logs/synthesize_curves/{shard}.log",
    benchmark:
        "<results>/benchmarks/synthesize_curves/{shard}.tsv"
    conda:
        "../../envs/simulation.yaml"
    threads: 1
    resources:
        mem_mb=memory(400),
        runtime=minutes(30),
    params:
        flags=synthesis_flags,
    shell:
        r"""
        python {input.script:q} \
            --parameters {input.parameters:q} \
            {params.flags:q} \
            --curves {output.curves:q} \
            2>{log:q}
        """


rule gather_curves:
    """Show the curves of all shards as one file, a virtual HDF5 data set."""
    input:
        **code("gather_curves"),
        parts=expand("<results>/curves/part{number}.h5", number=binary(FILE_DIGITS)),
    output:
        curves="<results>/curves.h5",
    log:
        "<results>/logs/gather_curves.log",
    benchmark:
        "<results>/benchmarks/gather_curves.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    threads: 1
    resources:
        mem_mb=memory(100),
        runtime=minutes(10),
    shell:
        r"""
        python {input.script:q} \
            --parts {input.parts:q} \
            --curves {output.curves:q} \
            2>{log:q}
        """


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
    threads: 1
    resources:
        mem_mb=memory(300, curves=GALAXIES, each=0.05),
        runtime=minutes(10),
    params:
        flags=flags("split_curves", seed=config["seed"]),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            {params.flags:q} \
            --split {output.split:q} \
            2>{log:q}
        """
