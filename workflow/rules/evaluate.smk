rule metrics:
    """Target: every metric of every model and sampler, in one table, for programs and for readers."""
    input:
        "<results>/metrics.csv",
        "<results>/metrics.html",
        "<results>/metrics.txt",


rule evaluate_model:
    """Measure a model on the test curves: reconstruction, likelihood, latent codes."""
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
        **needs(memory=1000, minutes=20),
    params:
        **flags("evaluate_model", "evaluation_curves", "seed", "threads"),
    shell:
        STEP


use rule evaluate_model as evaluate_posterior with:
    """Compare the posteriors of a model with the true ones in its decoder."""
    input:
        **code("evaluate_posterior"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        model="<results>/{model}/seed{seed}/model.pt",
    output:
        metrics="<results>/{model}/seed{seed}/metrics/posterior.csv",
    log:
        "<results>/logs/evaluate_posterior/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/evaluate_posterior/{model}.seed{seed}.tsv"
    params:
        **flags("evaluate_posterior", "evaluation_curves", "seed", "threads"),


use rule evaluate_model as evaluate_sampler with:
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
    params:
        **flags("evaluate_sampler", "evaluation_curves", "seed", "threads"),


use rule evaluate_model as evaluate_baselines with:
    """Measure test curves against test curves, and two linear baselines, for comparison."""
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
    params:
        **flags(
            "evaluate_baselines",
            "evaluation_curves",
            "seed",
            "threads",
            latent_dimension=config["train_vae"]["latent_dimension"],
        ),


rule summarize_metrics:
    """Gather all metrics in one table, beside their references, and lay it out to be read."""
    input:
        **code("summarize_metrics"),
        metrics=[
            *each_model(
                "<results>/{model}/seed{seed}/metrics/{measured}.csv",
                measured=["model", "posterior", *config["samplers"]],
            ),
            "<results>/baselines/metrics.csv",
        ],
        template=project("workflow/report/metrics.html.jinja"),
    output:
        summary=report(
            "<results>/metrics.csv",
            caption="../report/metrics_table.rst",
            category="5 Run",
            labels={"result": "all metrics (CSV)"},
        ),
        page=report(
            "<results>/metrics.html",
            caption="../report/metrics_table.rst",
            category="1 Results",
            labels={"result": "all metrics"},
        ),
        text="<results>/metrics.txt",
    log:
        "<results>/logs/summarize_metrics.log",
    benchmark:
        "<results>/benchmarks/summarize_metrics.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    resources:
        **needs(memory=100, minutes=3),
    params:
        **flags(),
    shell:
        STEP
