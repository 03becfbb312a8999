# What a run leaves about itself: checksums of all results, and what they were made with.
# Included after them, since it goes through the outputs of all steps.

PATTERNS = result_patterns()


rule checksums:
    """Target: SHA-256 of every result."""
    input:
        "<results>/SHA256SUMS",


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


onstart:
    write_provenance(Path(config.get("pathvars", {}).get("results", "results"), "provenance.json"), config, HERE)
