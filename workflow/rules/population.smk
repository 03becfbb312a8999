# The population behind the observed galaxies, as sampler `population`. Included where it is one of the samplers.


use rule encode_curves as fit_population with:
    """Fit the density of codes behind the observed galaxies, and generate curves from it."""
    input:
        **code("fit_population"),
        model="<results>/{model}/seed{seed}/model.pt",
        posteriors=f"{INFERRED}/posteriors.h5",
        prior_curves=f"<results>/{{model}}/seed{{seed}}/generated/{LATENT_PRIOR}.h5",
    output:
        generated="<survey>/{model}/seed{seed}/generated/population.h5",
        population="<survey>/{model}/seed{seed}/inference/population/population.h5",
    log:
        "<survey>/logs/fit_population/{model}.seed{seed}.log",
    benchmark:
        "<survey>/benchmarks/fit_population/{model}.seed{seed}.tsv"
    resources:
        **cluster_resources(memory=1000, minutes=60),
    params:
        **flags("fit_population", "threads", seed="{seed}", galaxies=config["generate_curves"]["galaxies"]),


use rule evaluate_model as evaluate_population with:
    """Measure the population behind the observed galaxies, beside the prior and a mixture of posterior means."""
    input:
        **code("evaluate_population"),
        observations="<survey>/observations.h5",
        curves="<results>/curves.h5",
        model="<results>/{model}/seed{seed}/model.pt",
        prior_curves=f"<results>/{{model}}/seed{{seed}}/generated/{LATENT_PRIOR}.h5",
        posteriors=f"{INFERRED}/posteriors.h5",
        population="<survey>/{model}/seed{seed}/inference/population/population.h5",
        population_posteriors="<survey>/{model}/seed{seed}/inference/population/posteriors.h5",
    output:
        metrics="<survey>/{model}/seed{seed}/metrics/population.csv",
        evaluation="<survey>/{model}/seed{seed}/inference/population/evaluation.h5",
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
        prior_curves=f"<results>/{{model}}/seed{{seed}}/generated/{LATENT_PRIOR}.h5",
        generated="<survey>/{model}/seed{seed}/generated/population.h5",
    output:
        **figure("{model}/seed{seed}/population", category="5 Observed galaxies", result="population", below="<survey>"),
    log:
        "<survey>/logs/plot_population/{model}.seed{seed}.log",


use rule plot_curves as plot_population_check with:
    """Draw evidence of held-out galaxies, and what the population predicts beside what is observed."""
    input:
        **code("plot_population_check"),
        evaluation="<survey>/{model}/seed{seed}/inference/population/evaluation.h5",
    output:
        **figure(
            "{model}/seed{seed}/population_check",
            category="5 Observed galaxies",
            result="population: checks",
            below="<survey>",
        ),
    log:
        "<survey>/logs/plot_population_check/{model}.seed{seed}.log",


if SIMULATED:

    use rule evaluate_physics as evaluate_physics_of_population with:
        """Find the physical curves nearest to those of the population, and their scaling relations."""
        input:
            **code("evaluate_physics"),
            curves="<results>/curves.h5",
            generated="<survey>/{model}/seed{seed}/generated/population.h5",
        output:
            metrics="<survey>/{model}/seed{seed}/metrics/population_physics.csv",
            physical_fits="<survey>/{model}/seed{seed}/fits/population.h5",
        log:
            "<survey>/logs/evaluate_physics_of_population/{model}.seed{seed}.log",
        benchmark:
            "<survey>/benchmarks/evaluate_physics_of_population/{model}.seed{seed}.tsv"

    use rule export_catalogue as export_catalogue_of_population with:
        """Make a catalogue of galaxies of the population: parameters, codes, characteristic velocities."""
        input:
            **code("export_catalogue"),
            generated="<survey>/{model}/seed{seed}/generated/population.h5",
            physical_fits="<survey>/{model}/seed{seed}/fits/population.h5",
        output:
            catalogue_csv="<survey>/{model}/seed{seed}/exports/population.csv",
            catalogue_fits="<survey>/{model}/seed{seed}/exports/population.fits",
        log:
            "<survey>/logs/export_catalogue_of_population/{model}.seed{seed}.log",
        benchmark:
            "<survey>/benchmarks/export_catalogue_of_population/{model}.seed{seed}.tsv"

    use rule plot_curves as plot_population_relations with:
        """Draw the scaling relations of the population, with their errors."""
        input:
            **code("plot_population_relations"),
            evaluation="<survey>/{model}/seed{seed}/inference/population/evaluation.h5",
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


rule population:
    """Target: the population behind the observed galaxies, and what it says of each of them."""
    input:
        each_model("<survey>/{model}/seed{seed}/inference/population/catalogue.csv"),
        each_model(result_patterns("fit_population", "evaluate_population", "plot_population")),
