# What a run leaves about itself. Included after all that makes results, since it goes through them.

import json

# Not listed: what is made on demand, and posteriors in parts, which catalogue_galaxies gathers.
NOT_LISTED = ("export_decoder", "export_catalogue", "export_catalogue_of_population", "draw_atlas", "infer_galaxies")
PATTERNS = result_patterns(without=NOT_LISTED)


rule checksums:
    """Target: SHA-256 of every result, and what they were made with."""
    input:
        "<survey>/SHA256SUMS",
        "<survey>/provenance.json",


rule write_provenance:
    """Record the SHA-256 of every result, and what they were made with: configuration, versions, commit."""
    input:
        **code("write_provenance"),
        results=each_model(PATTERNS),
        requirements=project("envs/requirements.txt"),
    output:
        checksums="<survey>/SHA256SUMS",
        provenance=report(
            "<survey>/provenance.json",
            caption="../report/provenance.rst",
            category="6 Run",
            labels={"result": "configuration, versions, commit"},
        ),
    log:
        "<survey>/logs/write_provenance.log",
    benchmark:
        "<survey>/benchmarks/write_provenance.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    resources:
        **cluster_resources(memory=100, minutes=30),
    params:
        # Patterns and values rather than files, which may be more than a command line holds.
        settings=lambda wildcards: settings.flags(
            {
                "results": PATTERNS,
                **{name: list(values) for name, values in WILDCARDS.items()},
                "configuration": json.dumps(config, sort_keys=True),
            }
        ),
        project=HERE,
    shell:
        r"""
        python {input.script:q} \
            {params.settings:q} \
            --requirements {input.requirements:q} \
            --project {params.project:q} \
            --checksums {output.checksums:q} \
            --provenance {output.provenance:q} \
            2>{log:q}
        """
