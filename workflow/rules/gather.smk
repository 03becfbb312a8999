# What is made of the results of all steps before: the table of metrics, its figure, the targets.


rule metrics:
    """Target: every metric of every model and sampler, in one table, for programs and for readers."""
    input:
        "<survey>/metrics.csv",
        "<survey>/metrics.html",
        "<survey>/metrics.txt",


rule summarize_metrics:
    """Gather all metrics in one table, beside their references, and lay it out to be read."""
    input:
        **code("summarize_metrics"),
        metrics=each_model([path for path in result_patterns("evaluate_") if path.endswith(".csv")]),
        template=project("workflow/report/metrics.html.jinja"),
    output:
        summary=report(
            "<survey>/metrics.csv",
            caption="../report/metrics_table.rst",
            category="6 Run",
            labels={"result": "all metrics (CSV)"},
        ),
        page=report(
            "<survey>/metrics.html",
            caption="../report/metrics_table.rst",
            category="1 Results",
            labels={"result": "all metrics"},
        ),
        text="<survey>/metrics.txt",
    log:
        "<survey>/logs/summarize_metrics.log",
    benchmark:
        "<survey>/benchmarks/summarize_metrics.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    resources:
        **cluster_resources(memory=100, minutes=3),
    params:
        **flags(),
    shell:
        STEP


use rule plot_curves as plot_metrics with:
    """Draw classifier two-sample accuracies and distances of every generator."""
    input:
        **code("plot_metrics"),
        summary="<survey>/metrics.csv",
    output:
        **figure("metrics", category="1 Results", result="two-sample tests and distances", below="<survey>"),
    log:
        "<survey>/logs/plot_metrics.log",


rule figures:
    """Target: every figure, as PDF and PNG."""
    input:
        each_model(result_patterns("plot_")),
