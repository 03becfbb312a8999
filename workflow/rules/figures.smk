# All figures have the command line of plot_curves: a flag for each named input, the settings, the two outputs.


rule plot_curves:
    """Draw the curves of the data set."""
    input:
        **code("plot_curves"),
        curves="<results>/curves.h5",
    output:
        **figure("curves", category="2 Data", result="rotation curves"),
    log:
        "<results>/logs/plot_curves.log",
    conda:
        "../../envs/figures.yaml"
    resources:
        **cluster_resources(memory=700, minutes=3),
    params:
        **flags(),
    shell:
        STEP


use rule plot_curves as plot_reconstructions with:
    """Draw validation curves beside their reconstructions, with residuals by radius."""
    input:
        **code("plot_reconstructions"),
        reconstructions="<results>/{model}/seed{seed}/reconstructions.h5",
    output:
        **figure("{model}/seed{seed}/reconstructions", category="3 Models", result="reconstructions"),
    log:
        "<results>/logs/plot_reconstructions/{model}.seed{seed}.log",


use rule plot_curves as plot_loss_history with:
    """Draw the loss of every model over the epochs."""
    input:
        **code("plot_loss_history"),
        history=each_model("<results>/{model}/seed{seed}/history.csv"),
    output:
        **figure("loss_history", category="3 Models", result="loss by epoch"),
    log:
        "<results>/logs/plot_loss_history.log",


use rule plot_curves as plot_posterior_draws with:
    """Draw a corner plot of posterior draws with the posterior means over it."""
    input:
        **code("plot_posterior_draws"),
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        **figure("{model}/seed{seed}/posterior_draws", category="3 Models", result="posterior draws"),
    log:
        "<results>/logs/plot_posterior_draws/{model}.seed{seed}.log",


use rule plot_curves as plot_parameters_latents with:
    """Draw a corner plot of physical parameters and latent means."""
    input:
        **code("plot_parameters_latents"),
        curves="<results>/curves.h5",
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        **figure("{model}/seed{seed}/parameters_latents", category="3 Models", result="parameters and latents"),
    log:
        "<results>/logs/plot_parameters_latents/{model}.seed{seed}.log",


use rule plot_curves as plot_latent_density with:
    """Draw the latent means of each dimension against the samplers' densities."""
    input:
        **code("plot_latent_density"),
        latents="<results>/{model}/seed{seed}/latents.h5",
        generated=expand("<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5", sampler=CODE_SAMPLERS),
    output:
        **figure("{model}/seed{seed}/latent_density", category="4 Generation", result="latent density"),
    log:
        "<results>/logs/plot_latent_density/{model}.seed{seed}.log",


use rule plot_curves as plot_generated_curves with:
    """Draw the curves that each sampler generates beside test curves."""
    input:
        **code("plot_generated_curves"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        generated=expand("<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5", sampler=CODE_SAMPLERS),
    output:
        **figure("{model}/seed{seed}/generated_curves", category="4 Generation", result="generated curves"),
    log:
        "<results>/logs/plot_generated_curves/{model}.seed{seed}.log",


use rule plot_curves as plot_errors with:
    """Draw the reconstruction error of every model by radius."""
    input:
        **code("plot_errors"),
        errors=each_model("<results>/{model}/seed{seed}/errors.h5"),
    output:
        **figure("errors", category="1 Results", result="reconstruction errors"),
    log:
        "<results>/logs/plot_errors.log",


use rule plot_curves as plot_posterior_covariance with:
    """Draw what the covariance of the posteriors is worth, by model."""
    input:
        **code("plot_posterior_covariance"),
        metrics=each_model("<results>/{model}/seed{seed}/metrics/model.csv"),
    output:
        **figure("posterior_covariance", category="3 Models", result="covariance of the posteriors"),
    log:
        "<results>/logs/plot_posterior_covariance.log",
