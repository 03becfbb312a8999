# What other programs read, made on demand: no part of the list of checksums, nor of `all` until it has been made.


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
        **cluster_resources(memory=1000, minutes=3),
    params:
        **flags(),
    shell:
        STEP


rule exports:
    """Target: decoders that need torch alone (PT2), and catalogues of generated galaxies (CSV, FITS)."""
    input:
        each_model(result_patterns("export_")),


# Beside new results lies no old atlas or catalogue.
ON_DEMAND = each_model(result_patterns("export_", "draw_"))
MADE_ON_DEMAND = list(filter(os.path.exists, ON_DEMAND))
