rule figures:
    """Target: every figure, as PDF and PNG."""
    input:
        expand("<results>/figures/{figure}.{ending}", figure=FIGURES, ending=ENDINGS),
        each_model(
            "<results>/figures/{model}/seed{seed}/{figure}.{ending}",
            figure=MODEL_FIGURES,
            ending=ENDINGS,
        ),
        each_model(
            "<results>/figures/{model}/seed{seed}/{figure}.{sampler}.{ending}",
            figure=SAMPLER_FIGURES,
            sampler=config["samplers"],
            ending=ENDINGS,
        ),


rule plot_curves:
    """Draw the curves of the data set."""
    input:
        **code("plot_curves"),
        style=STYLE,
        curves="<results>/curves.h5",
    output:
        pdf="<results>/figures/curves.pdf",
        png="<results>/figures/curves.png",
    log:
        "<results>/logs/plot_curves.log",
    benchmark:
        "<results>/benchmarks/plot_curves.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        reconstructions="<results>/{model}/seed{seed}/reconstructions.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/reconstructions.pdf",
        png="<results>/figures/{model}/seed{seed}/reconstructions.png",
    log:
        "<results>/logs/plot_reconstructions/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_reconstructions/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        history="<results>/{model}/seed{seed}/history.csv",
    output:
        pdf="<results>/figures/{model}/seed{seed}/loss_history.pdf",
        png="<results>/figures/{model}/seed{seed}/loss_history.png",
    log:
        "<results>/logs/plot_loss_history/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_loss_history/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/posterior_draws.pdf",
        png="<results>/figures/{model}/seed{seed}/posterior_draws.png",
    log:
        "<results>/logs/plot_posterior_draws/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_posterior_draws/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        curves="<results>/curves.h5",
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/parameters_latents.pdf",
        png="<results>/figures/{model}/seed{seed}/parameters_latents.png",
    log:
        "<results>/logs/plot_parameters_latents/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_parameters_latents/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        latents="<results>/{model}/seed{seed}/latents.h5",
        generated=expand(
            "<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5",
            sampler=config["samplers"],
        ),
    output:
        pdf="<results>/figures/{model}/seed{seed}/latent_density.pdf",
        png="<results>/figures/{model}/seed{seed}/latent_density.png",
    log:
        "<results>/logs/plot_latent_density/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_latent_density/{model}.seed{seed}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/generated_curves.{sampler}.pdf",
        png="<results>/figures/{model}/seed{seed}/generated_curves.{sampler}.png",
    log:
        "<results>/logs/plot_generated_curves/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_generated_curves/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        summary="<results>/metrics.csv",
    output:
        pdf="<results>/figures/metrics.pdf",
        png="<results>/figures/metrics.png",
    log:
        "<results>/logs/plot_metrics.log",
    benchmark:
        "<results>/benchmarks/plot_metrics.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    shell:
        r"""
        python {input.script:q} \
            --summary {input.summary:q} \
            --style {input.style:q} \
            --pdf {output.pdf:q} \
            --png {output.png:q} \
            2>{log:q}
        """


rule plot_errors:
    """Draw the reconstruction error of every model by radius."""
    input:
        **code("plot_errors"),
        style=STYLE,
        errors=each_model("<results>/{model}/seed{seed}/errors.h5"),
    output:
        pdf="<results>/figures/errors.pdf",
        png="<results>/figures/errors.png",
    log:
        "<results>/logs/plot_errors.log",
    benchmark:
        "<results>/benchmarks/plot_errors.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
        style=STYLE,
        fits="<results>/{model}/seed{seed}/fits/{sampler}.h5",
        truth="<results>/baselines/fits.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/scaling_relations.{sampler}.pdf",
        png="<results>/figures/{model}/seed{seed}/scaling_relations.{sampler}.png",
    log:
        "<results>/logs/plot_scaling_relations/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_scaling_relations/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        flags=flags("plot_scaling_relations", **MASS_RANGE),
    shell:
        r"""
        python {input.script:q} \
            --fits {input.fits:q} \
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
        style=STYLE,
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    output:
        pdf="<results>/figures/{model}/seed{seed}/curvature.{sampler}.pdf",
        png="<results>/figures/{model}/seed{seed}/curvature.{sampler}.png",
    log:
        "<results>/logs/plot_curvature/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/plot_curvature/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
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
