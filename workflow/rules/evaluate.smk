rule metrics:
    """Target: every metric of every model and sampler, in one table, for programs and for browsers."""
    input:
        "<results>/metrics.csv",
        "<results>/metrics.html",


rule evaluate_baselines:
    """Measure true curves against true curves, and two linear baselines, for comparison."""
    input:
        **code("evaluate_baselines"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
    output:
        metrics="<results>/baselines/metrics.csv",
        physical_fits="<results>/baselines/fits.h5",
    log:
        "<results>/logs/evaluate_baselines.log",
    benchmark:
        "<results>/benchmarks/evaluate_baselines.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        flags=evaluation_flags(
            "evaluate_baselines",
            **PHYSICS,
            latent_dimension=config["train_vae"]["latent_dimension"],
        ),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            {params.flags:q} \
            --metrics {output.metrics:q} \
            --physical-fits {output.physical_fits:q} \
            2>{log:q}
        """


rule evaluate_model:
    """Measure how well a model encodes and decodes the test curves."""
    input:
        **code("evaluate_model"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        model="<results>/{model}/seed{seed}/model.pt",
    output:
        metrics="<results>/{model}/seed{seed}/metrics/model.csv",
        errors="<results>/{model}/seed{seed}/errors.h5",
    log:
        "<results>/logs/evaluate_model/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/evaluate_model/{model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        flags=evaluation_flags("evaluate_model"),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            --model {input.model:q} \
            {params.flags:q} \
            --metrics {output.metrics:q} \
            --errors {output.errors:q} \
            2>{log:q}
        """


rule evaluate_sampler:
    """Compare generated curves with test curves and with the nearest physical curves."""
    input:
        **code("evaluate_sampler"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    output:
        metrics="<results>/{model}/seed{seed}/metrics/{sampler}.csv",
        physical_fits="<results>/{model}/seed{seed}/fits/{sampler}.h5",
    log:
        "<results>/logs/evaluate_sampler/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/evaluate_sampler/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        flags=evaluation_flags("evaluate_sampler", **PHYSICS),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            --generated {input.generated:q} \
            {params.flags:q} \
            --metrics {output.metrics:q} \
            --physical-fits {output.physical_fits:q} \
            2>{log:q}
        """


rule summarize_metrics:
    """Gather all metrics in one table: median and spread over the training seeds, beside the floor."""
    input:
        **code("summarize_metrics"),
        metrics=each_model(
            "<results>/{model}/seed{seed}/metrics/{measured}.csv",
            measured=["model", *config["samplers"]],
        ),
        baselines="<results>/baselines/metrics.csv",
    output:
        summary=report(
            "<results>/metrics.csv",
            caption="../report/metrics_table.rst",
            category="4 Evaluation",
            labels={"result": "all metrics (CSV)"},
        ),
    log:
        "<results>/logs/summarize_metrics.log",
    benchmark:
        "<results>/benchmarks/summarize_metrics.tsv"
    localrule: True
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=memory(300),
        runtime=minutes(10),
    shell:
        r"""
        python {input.script:q} \
            --metrics {input.metrics:q} \
            --baselines {input.baselines:q} \
            --summary {output.summary:q} \
            2>{log:q}
        """


rule tabulate_metrics:
    """Lay all metrics out as tables to read in a browser."""
    input:
        **code("tabulate_metrics"),
        summary="<results>/metrics.csv",
    output:
        tables=report(
            "<results>/metrics.html",
            caption="../report/metrics_table.rst",
            category="4 Evaluation",
            labels={"result": "all metrics (tables)"},
        ),
    log:
        "<results>/logs/tabulate_metrics.log",
    benchmark:
        "<results>/benchmarks/tabulate_metrics.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    threads: 1
    resources:
        mem_mb=memory(100),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --summary {input.summary:q} \
            --tables {output.tables:q} \
            2>{log:q}
        """
