# What a run leaves about itself: checksums of all results, and what they were made with.
# Included after them, since it goes through the outputs of all steps.

import json

PATTERNS = result_patterns()


rule checksums:
    """Target: SHA-256 of every result, and what they were made with."""
    input:
        "<results>/SHA256SUMS",
        "<results>/provenance.json",


rule write_checksums:
    """List the SHA-256 of every result, for `sha256sum -c`."""
    input:
        **code("write_checksums"),
        results=each_model(PATTERNS, sampler=config["samplers"], shard=SHARDS),
    output:
        checksums="<results>/SHA256SUMS",
    log:
        "<results>/logs/write_checksums.log",
    benchmark:
        "<results>/benchmarks/write_checksums.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    threads: 1
    resources:
        mem_mb=memory(100),
        runtime=minutes(30),
    params:
        flags=checksum_flags,
    shell:
        r"""
        python {input.script:q} \
            {params.flags:q} \
            --checksums {output.checksums:q} \
            2>{log:q}
        """


rule write_provenance:
    """Record what the results were made with: configuration, versions, commit."""
    input:
        **code("write_provenance"),
        checksums="<results>/SHA256SUMS",
        requirements=os.path.normpath(os.path.join(HERE, "envs/requirements.txt")),
    output:
        provenance="<results>/provenance.json",
    log:
        "<results>/logs/write_provenance.log",
    benchmark:
        "<results>/benchmarks/write_provenance.tsv"
    localrule: True
    conda:
        "../../envs/simulation.yaml"
    threads: 1
    resources:
        mem_mb=memory(100),
        runtime=minutes(3),
    params:
        configuration=lambda wildcards: json.dumps(config, sort_keys=True),
        project=HERE,
    shell:
        r"""
        python {input.script:q} \
            --checksums {input.checksums:q} \
            --requirements {input.requirements:q} \
            --configuration {params.configuration:q} \
            --project {params.project:q} \
            --provenance {output.provenance:q} \
            2>{log:q}
        """
