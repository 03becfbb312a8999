# The population behind the observed galaxies, as sampler `survey`. Included where it is one of the samplers.


rule fit_population:
    """Fit the density of codes behind the observed galaxies, and generate curves from it."""
    input:
        **code("fit_population"),
        model="<results>/{model}/seed{seed}/model.pt",
        posteriors="<survey>/{model}/seed{seed}/observed/posteriors.h5",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
    output:
        generated="<survey>/{model}/seed{seed}/generated/survey.h5",
        population="<survey>/{model}/seed{seed}/survey/population.h5",
    log:
        "<survey>/logs/fit_population/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/fit_population/{model}.seed{seed}.tsv"
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
        observations="<survey>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        generated="<survey>/{model}/seed{seed}/generated/survey.h5",
    output:
        posteriors="<survey>/{model}/seed{seed}/survey/batches/{batch}.h5",
    log:
        "<survey>/logs/infer_galaxies_of_survey/{model}.seed{seed}.{batch}.log",
    benchmark:
        "<survey>/benchmarks/infer_galaxies_of_survey/{model}.seed{seed}.{batch}.tsv"
    params:
        **flags("infer_galaxies", "threads", batch="{batch}", seed="{seed}", prior="survey"),


use rule catalogue_galaxies as catalogue_galaxies_of_survey with:
    """The same as for the first posteriors: gather them, and make a catalogue."""
    input:
        **code("catalogue_galaxies"),
        batches=expand(
            "<survey>/{{model}}/seed{{seed}}/survey/batches/{batch}.h5",
            batch=range(1, config["infer_galaxies"]["batches"] + 1),
        ),
    output:
        posteriors="<survey>/{model}/seed{seed}/survey/posteriors.h5",
        catalogue_csv=report(
            "<survey>/{model}/seed{seed}/survey/catalogue.csv",
            caption="../report/catalogue.rst",
            category="5 Observed galaxies",
            labels={"result": "catalogue, population as prior", "model": "{model}", "seed": "{seed}"},
        ),
        catalogue_ecsv="<survey>/{model}/seed{seed}/survey/catalogue.ecsv",
        catalogue_fits="<survey>/{model}/seed{seed}/survey/catalogue.fits",
    log:
        "<survey>/logs/catalogue_galaxies_of_survey/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/catalogue_galaxies_of_survey/{model}.seed{seed}.tsv"


use rule evaluate_model as evaluate_population with:
    """Measure the population behind the observed galaxies, beside the prior and a mixture of posterior means."""
    input:
        **code("evaluate_population"),
        observations="<survey>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
        posteriors="<survey>/{model}/seed{seed}/observed/posteriors.h5",
        population="<survey>/{model}/seed{seed}/survey/population.h5",
        population_posteriors="<survey>/{model}/seed{seed}/survey/posteriors.h5",
    output:
        metrics="<survey>/{model}/seed{seed}/metrics/population.csv",
        evaluation="<survey>/{model}/seed{seed}/survey/evaluation.h5",
    log:
        "<survey>/logs/evaluate_population/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/evaluate_population/{model}.seed{seed}.tsv"
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
        observations="<survey>/observations.h5",
        prior_curves="<results>/{model}/seed{seed}/generated/%s.h5" % config["infer_galaxies"]["prior"],
        generated="<survey>/{model}/seed{seed}/generated/survey.h5",
    output:
        **figure("{model}/seed{seed}/population", category="5 Observed galaxies", result="population", below="<survey>"),
    log:
        "<survey>/logs/plot_population/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/plot_population/{model}.seed{seed}.tsv"


use rule plot_curves as plot_population_check with:
    """Draw evidence of held-out galaxies, and what the population predicts beside what is observed."""
    input:
        **code("plot_population_check"),
        evaluation="<survey>/{model}/seed{seed}/survey/evaluation.h5",
    output:
        **figure(
            "{model}/seed{seed}/population_check",
            category="5 Observed galaxies",
            result="population: checks",
            below="<survey>",
        ),
    log:
        "<survey>/logs/plot_population_check/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/plot_population_check/{model}.seed{seed}.tsv"


if SIMULATED:

    use rule evaluate_physics as evaluate_physics_of_survey with:
        """Find the physical curves nearest to those of the population, and their scaling relations."""
        input:
            **code("evaluate_physics"),
            curves="<results>/curves.h5",
            generated="<survey>/{model}/seed{seed}/generated/survey.h5",
        output:
            metrics="<survey>/{model}/seed{seed}/metrics/population_physics.csv",
            physical_fits="<survey>/{model}/seed{seed}/fits/survey.h5",
        log:
            "<survey>/logs/evaluate_physics_of_survey/{model}.seed{seed}.log",
        benchmark:
            "<survey>/benchmarks/evaluate_physics_of_survey/{model}.seed{seed}.tsv"

    use rule export_catalogue as export_catalogue_of_survey with:
        """Make a catalogue of galaxies of the population: parameters, codes, characteristic velocities."""
        input:
            **code("export_catalogue"),
            generated="<survey>/{model}/seed{seed}/generated/survey.h5",
            physical_fits="<survey>/{model}/seed{seed}/fits/survey.h5",
        output:
            catalogue_csv="<survey>/{model}/seed{seed}/exports/survey.csv",
            catalogue_fits="<survey>/{model}/seed{seed}/exports/survey.fits",
        log:
            "<survey>/logs/export_catalogue_of_survey/{model}.seed{seed}.log",
        benchmark:
            "<survey>/benchmarks/export_catalogue_of_survey/{model}.seed{seed}.tsv"

    use rule plot_curves as plot_population_relations with:
        """Draw the scaling relations of the population, with their errors."""
        input:
            **code("plot_population_relations"),
            evaluation="<survey>/{model}/seed{seed}/survey/evaluation.h5",
            metrics="<survey>/{model}/seed{seed}/metrics/population.csv",
        output:
            **figure(
                "{model}/seed{seed}/population_relations",
                category="5 Observed galaxies",
                result="population: scaling relations",
                below="<survey>",
            ),
        log:
            "<survey>/logs/plot_population_relations/{model}.seed{seed}.log",
        benchmark:
            "<survey>/benchmarks/plot_population_relations/{model}.seed{seed}.tsv"


rule population:
    """Target: the population behind the observed galaxies, and what it says of each of them."""
    input:
        each_model("<survey>/{model}/seed{seed}/survey/catalogue.csv"),
        each_model(result_patterns("_population")),
