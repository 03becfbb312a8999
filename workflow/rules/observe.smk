# Observed galaxies: mocks, or the user's. Included after evaluation and figures, whose rules it uses.


# What is inferred under the first prior.
INFERRED = "<survey>/{model}/seed{seed}/inference/%s" % LATENT_PRIOR


rule inference:
    """Target: what the models say of the observed galaxies."""
    input:
        each_model(f"{INFERRED}/catalogue.csv"),


MOCKS = config["observations"] == "mock" or os.path.isdir(config["observations"])

if MOCKS:

    OBSERVED_RUN = "<results>" if config["observations"] == "mock" else config["observations"]

    rule mock_observations:
        """See test galaxies as a survey does: few noisy points."""
        input:
            **code("mock_observations"),
            curves=f"{OBSERVED_RUN}/curves.h5",
            split=f"{OBSERVED_RUN}/split.h5",
            learned="<results>/curves.h5",
        output:
            observations="<survey>/observations.h5",
        log:
            "<survey>/logs/mock_observations.log",
        benchmark:
            "<survey>/benchmarks/mock_observations.tsv"
        conda:
            "../../envs/torch.yaml"
        resources:
            **cluster_resources(memory=300, minutes=10),
        params:
            **flags(
                "mock_observations",
                "seed",
                error_model=config["infer_galaxies"]["error_model"],
                error_floor=config["infer_galaxies"]["error_floor"],
            ),
        shell:
            STEP

    use rule evaluate_model as evaluate_inference with:
        """Measure whether intervals hold the truth of mock galaxies as often as they say."""
        input:
            **code("evaluate_inference"),
            observations="<survey>/observations.h5",
            posteriors=each_model(f"{INFERRED}/posteriors.h5"),
        output:
            metrics="<survey>/inference.csv",
            ranks=each_model(f"{INFERRED}/ranks.h5"),
        log:
            "<survey>/logs/evaluate_inference.log",
        benchmark:
            "<survey>/benchmarks/evaluate_inference.tsv"
        resources:
            **cluster_resources(memory=700, minutes=20),
        params:
            **flags(),

    use rule plot_curves as plot_calibration with:
        """Draw ranks of the true values of mock galaxies, and coverage of intervals."""
        input:
            **code("plot_calibration"),
            ranks=each_model(f"{INFERRED}/ranks.h5"),
        output:
            **figure("calibration", category="5 Observed galaxies", result="calibration", below="<survey>"),
        log:
            "<survey>/logs/plot_calibration.log",

else:

    rule import_observations:
        """Read the user's table of observed galaxies."""
        input:
            **code("import_observations"),
            table=config["observations"],
            curves="<results>/curves.h5",
        output:
            observations="<survey>/observations.h5",
        log:
            "<survey>/logs/import_observations.log",
        benchmark:
            "<survey>/benchmarks/import_observations.tsv"
        conda:
            "../../envs/exports.yaml"
        resources:
            **cluster_resources(memory=500, minutes=10),
        params:
            **flags("import_observations"),
        shell:
            STEP_AND_TERMINAL


use rule encode_curves as infer_galaxies with:
    """Infer codes, curves and parameters of some of the observed galaxies."""
    input:
        **code("infer_galaxies"),
        observations="<survey>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        generated=prior_curves,
    output:
        posteriors="<survey>/{model}/seed{seed}/inference/{prior}/batches/{batch}.h5",
    log:
        "<survey>/logs/infer_galaxies/{model}.seed{seed}.{prior}.{batch}.log",
    benchmark:
        "<survey>/benchmarks/infer_galaxies/{model}.seed{seed}.{prior}.{batch}.tsv"
    wildcard_constraints:
        batch="[0-9]+",
    resources:
        **cluster_resources(memory=700, minutes=60),
    params:
        **flags("infer_galaxies", "threads", batch="{batch}", seed="{seed}", latent_prior="{prior}"),


use rule plot_curves as plot_observed_galaxies with:
    """Draw observed galaxies, and the curves that the model infers from their points."""
    input:
        **code("plot_observed_galaxies"),
        observations="<survey>/observations.h5",
        posteriors=f"{INFERRED}/posteriors.h5",
    output:
        **figure(
            "{model}/seed{seed}/observed_galaxies",
            category="5 Observed galaxies",
            result="observed galaxies",
            below="<survey>",
        ),
    log:
        "<survey>/logs/plot_observed_galaxies/{model}.seed{seed}.log",


rule catalogue_galaxies:
    """Gather the posteriors of the observed galaxies, and make a catalogue of them."""
    input:
        **code("catalogue_galaxies"),
        batches=expand(
            "<survey>/{{model}}/seed{{seed}}/inference/{{prior}}/batches/{batch}.h5",
            batch=range(1, config["infer_galaxies"]["jobs"] + 1),
        ),
    output:
        posteriors="<survey>/{model}/seed{seed}/inference/{prior}/posteriors.h5",
        catalogue_csv=report(
            "<survey>/{model}/seed{seed}/inference/{prior}/catalogue.csv",
            caption="../report/catalogue.rst",
            category="5 Observed galaxies",
            labels={"result": "catalogue (CSV)", "model": "{model}", "seed": "{seed}", "prior": "{prior}"},
        ),
        catalogue_ecsv="<survey>/{model}/seed{seed}/inference/{prior}/catalogue.ecsv",
        catalogue_fits="<survey>/{model}/seed{seed}/inference/{prior}/catalogue.fits",
    log:
        "<survey>/logs/catalogue_galaxies/{model}.seed{seed}.{prior}.log",
    benchmark:
        "<survey>/benchmarks/catalogue_galaxies/{model}.seed{seed}.{prior}.tsv"
    conda:
        "../../envs/exports.yaml"
    resources:
        **cluster_resources(memory=500, minutes=10),
    params:
        **flags(),
    shell:
        STEP_AND_TERMINAL


rule draw_atlas:
    """Draw a page for each observed galaxy: points, inferred curves, residuals, parameters."""
    input:
        **code("draw_atlas"),
        observations="<survey>/observations.h5",
        posteriors=f"{INFERRED}/posteriors.h5",
    output:
        atlas="<survey>/figures/{model}/seed{seed}/atlas.pdf",
    log:
        "<survey>/logs/draw_atlas/{model}.seed{seed}.log",
    conda:
        "../../envs/figures.yaml"
    resources:
        **cluster_resources(memory=500, minutes=60),
    params:
        **flags(),
    shell:
        STEP


rule atlas:
    """Target, on demand: a page for each observed galaxy, in one PDF for each model."""
    input:
        each_model("<survey>/figures/{model}/seed{seed}/atlas.pdf"),
