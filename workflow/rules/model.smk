rule models:
    """Target: every model, trained once per training seed."""
    input:
        each_model("<results>/{model}/seed{seed}/model.pt"),


rule latents:
    """Target: the latent codes of the training curves in every model."""
    input:
        each_model("<results>/{model}/seed{seed}/latents.h5"),


rule generated:
    """Target: new curves from every model and sampler."""
    input:
        each_model("<results>/{model}/seed{seed}/generated/{sampler}.h5"),


rule train_vae:
    """Fit one variational autoencoder to the training curves."""
    input:
        **code("train_vae"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
    output:
        model="<results>/{model}/seed{seed}/model.pt",
        history=report(
            "<results>/{model}/seed{seed}/history.csv",
            caption="../report/history.rst",
            category="3 Models",
            labels={"result": "loss by epoch (CSV)", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<results>/logs/train_vae/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/train_vae/{model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        **cluster_resources(memory=700, minutes=60, times=2.0),
        gpu=int(config["device"] == "cuda"),
    params:
        files=file_flags,
        # What the models share, changed by what this one differs in.
        settings=lambda wildcards: section(
            "train_vae",
            "device",
            "threads",
            name=wildcards.model,
            seed=wildcards.seed,
            **config["models"][wildcards.model],
        ),
    shell:
        STEP


rule encode_curves:
    """Encode the training curves, and reconstruct the validation curves."""
    input:
        **code("encode_curves"),
        curves="<results>/curves.h5",
        split="<results>/split.h5",
        model="<results>/{model}/seed{seed}/model.pt",
    output:
        latents="<results>/{model}/seed{seed}/latents.h5",
        reconstructions="<results>/{model}/seed{seed}/reconstructions.h5",
    log:
        "<results>/logs/encode_curves/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/encode_curves/{model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        **cluster_resources(memory=700, minutes=10),
    params:
        **flags("encode_curves", "seed", "threads"),
    shell:
        STEP


use rule encode_curves as generate_curves with:
    """Draw new codes from densities fitted to the latent codes and decode them to rotation curves."""
    input:
        **code("generate_curves"),
        model="<results>/{model}/seed{seed}/model.pt",
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        generated=expand("<results>/{{model}}/seed{{seed}}/generated/{sampler}.h5", sampler=CODE_SAMPLERS),
    log:
        "<results>/logs/generate_curves/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/generate_curves/{model}.seed{seed}.tsv"
    resources:
        **cluster_resources(memory=700, minutes=10, times=2.5),
    params:
        **flags("generate_curves", "threads", samplers=CODE_SAMPLERS, seed="{seed}"),
