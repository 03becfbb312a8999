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
        each_model(
            "<results>/{model}/seed{seed}/generated/{sampler}.h5",
            sampler=config["samplers"],
        ),


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
            category="2 Models",
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
        mem_mb=memory(700, curves=min(GALAXIES, config["train_vae"]["shuffle_buffer"]), each=0.5),
        runtime=minutes(60),
        gpu=int(config["device"] == "cuda"),
    params:
        flags=training_flags,
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            {params.flags:q} \
            --seed {wildcards.seed:q} \
            --checkpoint {output.model:q}.checkpoint \
            --model {output.model:q} \
            --history {output.history:q} \
            2>{log:q}
        """


rule encode_curves:
    """Send the training curves to the latent space, and the validation curves through the whole model."""
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
        mem_mb=memory(700),
        runtime=minutes(10),
    params:
        flags=flags("encode_curves", seed=config["seed"], threads=config["threads"]),
    shell:
        r"""
        python {input.script:q} \
            --curves {input.curves:q} \
            --split {input.split:q} \
            --model {input.model:q} \
            {params.flags:q} \
            --latents {output.latents:q} \
            --reconstructions {output.reconstructions:q} \
            2>{log:q}
        """


rule generate_curves:
    """Draw new codes from a density fitted to the latent codes and decode them to rotation curves."""
    input:
        **code("generate_curves"),
        model="<results>/{model}/seed{seed}/model.pt",
        latents="<results>/{model}/seed{seed}/latents.h5",
    output:
        generated="<results>/{model}/seed{seed}/generated/{sampler}.h5",
    log:
        "<results>/logs/generate_curves/{model}.seed{seed}.{sampler}.log",
    benchmark:
        "<results>/benchmarks/generate_curves/{model}.seed{seed}.{sampler}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: config["threads"]
    resources:
        mem_mb=memory(700, curves=GALAXIES, each=0.2),
        runtime=minutes(10),
    params:
        flags=flags("generate_curves", threads=config["threads"]),
    shell:
        r"""
        python {input.script:q} \
            --model {input.model:q} \
            --latents {input.latents:q} \
            --sampler {wildcards.sampler:q} \
            {params.flags:q} \
            --seed {wildcards.seed:q} \
            --generated {output.generated:q} \
            2>{log:q}
        """
