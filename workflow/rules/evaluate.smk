use rule encode_curves as evaluate_model with:
    """Measure a model on the test curves: reconstruction, likelihood, latent codes, posteriors beside the true ones."""
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
    resources:
        **cluster_resources(memory=1000, minutes=20),
    params:
        **flags("evaluate_model", "evaluation_curves", "seed", "threads"),


use rule evaluate_model as evaluate_samplers with:
    """Compare generated curves with test curves and training curves."""
    input:
        **code("evaluate_samplers"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated=expand("<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5", sampler=CODE_SAMPLERS),
    output:
        metrics="<results>/{model}/seed{seed}/metrics/samplers.csv",
    log:
        "<results>/logs/evaluate_samplers/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/evaluate_samplers/{model}.seed{seed}.tsv"
    params:
        **flags("evaluate_samplers", "evaluation_curves", "seed", "threads"),


use rule evaluate_model as evaluate_baselines with:
    """Measure test curves against test curves, and two linear baselines, for comparison."""
    input:
        **code("evaluate_baselines"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
    output:
        metrics="<results>/baselines/metrics.csv",
        reference="<results>/baselines/generated/reference.h5",
        pca4_gaussian="<results>/baselines/generated/pca4_gaussian.h5",
        pca6_mixture="<results>/baselines/generated/pca6_mixture.h5",
    log:
        "<results>/logs/evaluate_baselines.log",
    benchmark:
        "<results>/benchmarks/evaluate_baselines.tsv"
    params:
        **flags("evaluate_baselines", "evaluation_curves", "seed", "threads"),
