# What needs the forward model: for curves that we simulate. Included after evaluation and figures, whose rules it uses.

BASELINES = [name for name in rules.evaluate_baselines.output.keys() if name != "metrics"]


use rule evaluate_model as evaluate_physics with:
    """Find the physical curves nearest to generated ones, and their scaling relations."""
    input:
        **code("evaluate_physics"),
        curves="<results>/curves.h5",
        generated=expand("<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5", sampler=CODE_SAMPLERS),
    output:
        metrics="<results>/{model}/seed{seed}/metrics/physics.csv",
        physical_fits=expand("<results>/{{model}}/seed{{seed}}/fits/{sampler}.h5", sampler=CODE_SAMPLERS),
    log:
        "<results>/logs/evaluate_physics/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/evaluate_physics/{model}.seed{seed}.tsv"
    params:
        **flags("evaluate_physics", "threads"),


use rule evaluate_physics as evaluate_physics_of_baselines with:
    """The same for the baselines, and for test curves: the reference."""
    input:
        **code("evaluate_physics"),
        curves="<results>/curves.h5",
        generated=expand("<results>/baselines/generated/{baseline}.h5", baseline=BASELINES),
    output:
        metrics="<results>/baselines/physics.csv",
        physical_fits=expand("<results>/baselines/fits/{baseline}.h5", baseline=BASELINES),
    log:
        "<results>/logs/evaluate_physics_of_baselines.log",
    benchmark:
        "<results>/benchmarks/evaluate_physics_of_baselines.tsv"


use rule plot_curves as plot_scaling_relations with:
    """Draw the scaling relations of the galaxies of each sampler over those of test galaxies."""
    input:
        **code("plot_scaling_relations"),
        physical_fits=expand("<results>/{{model}}/seed{{seed}}/fits/{sampler}.h5", sampler=CODE_SAMPLERS),
        reference="<results>/baselines/fits/reference.h5",
    output:
        **figure("{model}/seed{seed}/scaling_relations", category="4 Generation", result="scaling relations"),
    log:
        "<results>/logs/plot_scaling_relations/{model}.seed{seed}.log",


rule export_catalogue:
    """Make a catalogue of generated galaxies: parameters, codes, characteristic velocities."""
    input:
        **code("export_catalogue"),
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
        physical_fits="<results>/{model}/seed{seed}/fits/{sampler}.h5",
    output:
        catalogue_csv="<results>/{model}/seed{seed}/exports/{sampler}.csv",
        catalogue_fits="<results>/{model}/seed{seed}/exports/{sampler}.fits",
    log:
        "<results>/logs/export_catalogue/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/export_catalogue/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/exports.yaml"
    resources:
        **cluster_resources(memory=300, minutes=3),
    params:
        **flags(),
    shell:
        STEP
