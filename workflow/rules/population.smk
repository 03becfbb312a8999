# The population behind the observed galaxies, as sampler `survey`. Included where it is one of the samplers.


rule fit_population:
    """Fit the density of codes behind the observed galaxies, and generate curves from it."""
    input:
        **code("fit_population"),
        model="<results>/{model}/seed{seed}/model.pt",
        posteriors="<results>/{model}/seed{seed}/observed/posteriors.h5",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
    output:
        generated="<results>/{model}/seed{seed}/generated/survey.h5",
        population="<results>/{model}/seed{seed}/survey/population.h5",
    log:
        "<results>/logs/fit_population/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/fit_population/{model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        **needs(memory=1000, minutes=60),
    params:
        **flags("fit_population", "threads", seed="{seed}", galaxies=config["generate_curves"]["galaxies"]),
    shell:
        STEP


use rule infer_galaxies as infer_galaxies_of_survey with:
    """Infer observed galaxies again, with their population as the prior."""
    input:
        **code("infer_galaxies"),
        observations="<results>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        generated="<results>/{model}/seed{seed}/generated/survey.h5",
    output:
        posteriors="<results>/{model}/seed{seed}/survey/batches/{batch}.h5",
    log:
        "<results>/logs/infer_galaxies_of_survey/{model}.seed{seed}.{batch}.log",
    benchmark:
        "<results>/benchmarks/infer_galaxies_of_survey/{model}.seed{seed}.{batch}.tsv"
    params:
        **flags("infer_galaxies", "threads", batch="{batch}", seed="{seed}", prior="survey"),


use rule catalogue_galaxies as catalogue_galaxies_of_survey with:
    """The same as for the first posteriors: gather them, and make a catalogue."""
    input:
        **code("catalogue_galaxies"),
        batches=expand(
            "<results>/{{model}}/seed{{seed}}/survey/batches/{batch}.h5",
            batch=range(1, config["infer_galaxies"]["batches"] + 1),
        ),
    output:
        posteriors="<results>/{model}/seed{seed}/survey/posteriors.h5",
        catalogue_csv=report(
            "<results>/{model}/seed{seed}/survey/catalogue.csv",
            caption="../report/catalogue.rst",
            category="5 Observed galaxies",
            labels={"result": "catalogue, population as prior", "model": "{model}", "seed": "{seed}"},
        ),
        catalogue_ecsv="<results>/{model}/seed{seed}/survey/catalogue.ecsv",
        catalogue_fits="<results>/{model}/seed{seed}/survey/catalogue.fits",
    log:
        "<results>/logs/catalogue_galaxies_of_survey/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/catalogue_galaxies_of_survey/{model}.seed{seed}.tsv"


use rule evaluate_model as evaluate_population with:
    """Measure the population behind the observed galaxies, beside the prior and a mixture of posterior means."""
    input:
        **code("evaluate_population"),
        observations="<results>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
        posteriors="<results>/{model}/seed{seed}/observed/posteriors.h5",
        population="<results>/{model}/seed{seed}/survey/population.h5",
        population_posteriors="<results>/{model}/seed{seed}/survey/posteriors.h5",
    output:
        metrics="<results>/{model}/seed{seed}/metrics/population.csv",
        evaluation="<results>/{model}/seed{seed}/survey/evaluation.h5",
    log:
        "<results>/logs/evaluate_population/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/evaluate_population/{model}.seed{seed}.tsv"
    params:
        **flags(
            "evaluate_population",
            "seed",
            "threads",
            error_model=config["infer_galaxies"]["error_model"],
            error_floor=config["infer_galaxies"]["error_floor"],
        ),


use rule plot_curves as plot_population with:
    """Draw curves of the population and of the prior over the observed points."""
    input:
        **code("plot_population"),
        observations="<results>/observations.h5",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
        generated="<results>/{model}/seed{seed}/generated/survey.h5",
    output:
        **figure("{model}/seed{seed}/population", category="5 Observed galaxies", result="population"),
    log:
        "<results>/logs/plot_population/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_population/{model}.seed{seed}.tsv"


use rule plot_curves as plot_population_check with:
    """Draw evidence of held-out galaxies, and what the population predicts beside what is observed."""
    input:
        **code("plot_population_check"),
        evaluation="<results>/{model}/seed{seed}/survey/evaluation.h5",
    output:
        **figure("{model}/seed{seed}/population_check", category="5 Observed galaxies", result="population: checks"),
    log:
        "<results>/logs/plot_population_check/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/plot_population_check/{model}.seed{seed}.tsv"


if SIMULATED:

    use rule plot_curves as plot_population_relations with:
        """Draw the scaling relations of the population, with their errors."""
        input:
            **code("plot_population_relations"),
            evaluation="<results>/{model}/seed{seed}/survey/evaluation.h5",
            metrics="<results>/{model}/seed{seed}/metrics/population.csv",
        output:
            **figure(
                "{model}/seed{seed}/population_relations",
                category="5 Observed galaxies",
                result="population: scaling relations",
            ),
        log:
            "<results>/logs/plot_population_relations/{model}.seed{seed}.log",
        benchmark:
            "<results>/benchmarks/plot_population_relations/{model}.seed{seed}.tsv"


rule population:
    """Target: the population behind the observed galaxies, and what it says of each of them."""
    input:
        each_model("<results>/{model}/seed{seed}/survey/catalogue.csv"),
        each_model(result_patterns("_population")),
