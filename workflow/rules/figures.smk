rule plot_curves:
    """Draw the curves of the data set."""
    input:
        **code("plot_curves"),
        curves="<results>/curves.h5",
    output:
        pdf="<results>/figures/curves.pdf",
        png=report(
            "<results>/figures/curves.png",
            caption="../report/curves.rst",
            category="1 Data",
            labels={"result": "rotation curves"},
        ),
    log:
        "<results>/logs/plot_curves.log",
    benchmark:
        "<results>/benchmarks/plot_curves.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_reconstructions:
    """Draw validation curves beside their reconstructions, with residuals by radius."""
    input:
        **code("plot_reconstructions"),
        reconstructions="<results>/{model}/seed{seed}/reconstructions.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/reconstructions.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/reconstructions.png",
            caption="../report/reconstructions.rst",
            category="2 Models",
            labels={"result": "reconstructions", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/plot_reconstructions/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_reconstructions/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --reconstructions {input.reconstructions:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_loss_history:
    """Draw the loss of training and validation curves over the epochs."""
    input:
        **code("plot_loss_history"),
        history="<results>/{model}/seed{seed}/history.csv",
    output:
        pdf="<results>/figures/{model}/seed{seed}/loss_history.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/loss_history.png",
            caption="../report/loss_history.rst",
            category="2 Models",
            labels={"result": "loss by epoch", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/plot_loss_history/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_loss_history/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --history {input.history:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_posterior_draws:
    """Draw a corner plot of posterior draws with the posterior means over it."""
    input:
        **code("plot_posterior_draws"),
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/posterior_draws.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/posterior_draws.png",
            caption="../report/posterior_draws.rst",
            category="2 Models",
            labels={"result": "posterior draws", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/plot_posterior_draws/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_posterior_draws/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(700),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --latents {input.latents:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_parameters_latents:
    """Draw a corner plot of physical parameters and latent means."""
    input:
        **code("plot_parameters_latents"),
        curves="<results>/curves.h5",
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/parameters_latents.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/parameters_latents.png",
            caption="../report/parameters_latents.rst",
            category="2 Models",
            labels={"result": "parameters and latents", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/plot_parameters_latents/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_parameters_latents/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, curves=GALAXIES, each=1.5),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --latents {input.latents:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_latent_density:
    """Draw the latent means of each dimension against the samplers' densities."""
    input:
        **code("plot_latent_density"),
        latents="<results>/{model}/seed{seed}/latents.h5",
        generated=expand(
            "<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5",
            sampler=config["samplers"],
        ),
    output:
        pdf="<results>/figures/{model}/seed{seed}/latent_density.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/latent_density.png",
            caption="../report/latent_density.rst",
            category="3 Generation",
            labels={"result": "latent density", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/plot_latent_density/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_latent_density/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --latents {input.latents:q} \
            --generated {input.generated:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_generated_curves:
    """Draw generated curves beside as many test curves."""
    input:
        **code("plot_generated_curves"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/generated_curves.{sampler}.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/generated_curves.{sampler}.png",
            caption="../report/generated_curves.rst",
            category="3 Generation",
            labels={"result": "generated curves", "model": "{model}", "seed": "{seed}", "sampler": "{sampler}"},
        ),
    log:
        "<results>/logs/plot_generated_curves/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_generated_curves/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            --generated {input.generated:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_metrics:
    """Draw how well each generator passes for true, by each judge."""
    input:
        **code("plot_metrics"),
        summary="<results>/metrics.csv",
    output:
        pdf="<results>/figures/metrics.pdf",
        png=report(
            "<results>/figures/metrics.png",
            caption="../report/metrics.rst",
            category="4 Evaluation",
            labels={"result": "how well generators pass"},
        ),
    log:
        "<results>/logs/plot_metrics.log",
    benchmark:
        "<results>/benchmarks/plot_metrics.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    params:
        flags=flags("plot_metrics", evaluation_curves=config["evaluation_curves"]),
    shell:
        r"""
        python {input.script:q} \
            --summary {input.summary:q} \
            {params.flags:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_errors:
    """Draw the reconstruction error of every model by radius."""
    input:
        **code("plot_errors"),
        errors=each_model("<results>/{model}/seed{seed}/errors.h5"),
    output:
        pdf="<results>/figures/errors.pdf",
        png=report(
            "<results>/figures/errors.png",
            caption="../report/errors.rst",
            category="4 Evaluation",
            labels={"result": "reconstruction errors"},
        ),
    log:
        "<results>/logs/plot_errors.log",
    benchmark:
        "<results>/benchmarks/plot_errors.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --errors {input.errors:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_scaling_relations:
    """Draw the scaling relations of generated galaxies over the true ones."""
    input:
        **code("plot_scaling_relations"),
        physical_fits="<results>/{model}/seed{seed}/fits/{sampler}.h5",
        truth="<results>/baselines/fits.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/scaling_relations.{sampler}.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/scaling_relations.{sampler}.png",
            caption="../report/scaling_relations.rst",
            category="3 Generation",
            labels={"result": "scaling relations", "model": "{model}", "seed": "{seed}", "sampler": "{sampler}"},
        ),
    log:
        "<results>/logs/plot_scaling_relations/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_scaling_relations/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    params:
        flags=flags("plot_scaling_relations", **MASS_RANGE),
    shell:
        r"""
        python {input.script:q} \
            --physical-fits {input.physical_fits:q} \
            --truth {input.truth:q} \
            {params.flags:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_curvature:
    """Draw the curvature of generated curves beside that of test curves."""
    input:
        **code("plot_curvature"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/curvature.{sampler}.pdf",
        png=report(
            "<results>/figures/{model}/seed{seed}/curvature.{sampler}.png",
            caption="../report/curvature.rst",
            category="3 Generation",
            labels={"result": "curvature", "model": "{model}", "seed": "{seed}", "sampler": "{sampler}"},
        ),
    log:
        "<results>/logs/plot_curvature/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_curvature/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(3),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            --generated {input.generated:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule figures:
    """Target: every figure, as PDF and PNG."""
    input:
        each_model(result_patterns("plot_"), sampler=config["samplers"]),
