# What other programs read, made on demand. Included last: no part of `all`, nor of the list of checksums.


rule exports:
    """Target: catalogues of the generated galaxies (CSV, FITS), and decoders that need torch alone (PT2)."""
    input:
        each_model(
            "<results>/{model}/seed{seed}/exports/{sampler}.{ending}",
            sampler=config["samplers"],
            ending=["csv", "fits"],
        ),
        each_model("<results>/{model}/seed{seed}/exports/decoder.pt2"),


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
        **needs(memory=300, minutes=3),
    params:
        **flags(),
    shell:
        STEP


rule export_decoder:
    """Export a decoder as a program that needs nothing but torch."""
    input:
        **code("export_decoder"),
        model="<results>/{model}/seed{seed}/model.pt",
    output:
        decoder="<results>/{model}/seed{seed}/exports/decoder.pt2",
    log:
        "<results>/logs/export_decoder/{model}.seed{seed}.log",
    benchmark:
        "<results>/benchmarks/export_decoder/{model}.seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        **needs(memory=1000, minutes=3),
    params:
        **flags(),
    shell:
        STEP
