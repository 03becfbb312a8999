r"""List the SHA-256 of every result, for `sha256sum -c` in the folder of the list.

Reads:  the results, named by patterns in which {model}, {seed}, {sampler} and {shard} stand for all values given.
Writes: a line for each file: its SHA-256 and its path from the folder of the list, in the order of the paths.

Example:

    python workflow/scripts/write_checksums.py \
        --results 'results/{model}/seed{seed}/model.pt,results/split.h5' \
        --model diagonal,full --seed 1 --sampler normal --shard 0 --checksums SHA256SUMS
"""

import hashlib
import itertools
import os
from pathlib import Path

from rotcurves import commandline
from rotcurves.errors import UserError
from rotcurves.replacing import replacing


def parse_args(argv=None):
    def words(text):
        return text.split(",")

    parser = commandline.Parser(__doc__)
    parser.flag("--results", "patterns of files to read, as in a,b", type=words)
    parser.flag("--model", "what {model} stands for, as in a,b", type=words)
    parser.flag("--seed", "what {seed} stands for, as in 1,2", type=words)
    parser.flag("--sampler", "what {sampler} stands for, as in a,b", type=words)
    parser.flag("--shard", "what {shard} stands for, as in a,b", type=words)
    parser.flag("--checksums", "list to write")
    return parser.parse_args(argv)


def sha256(path):
    """SHA-256 of a file, in hexadecimal digits."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error


def main(argv=None):
    args = parse_args(argv)
    each = itertools.product(args.model, args.seed, args.sampler, args.shard)
    values = [dict(zip(("model", "seed", "sampler", "shard"), names, strict=True)) for names in each]
    results = {pattern.format(**names) for pattern in args.results for names in values}
    with replacing(args.checksums) as temporary, temporary.open("w", encoding="utf-8") as checksums:
        for path in sorted(results):
            checksums.write(f"{sha256(path)}  {os.path.relpath(path, Path(args.checksums).parent)}\n")


if __name__ == "__main__":
    commandline.run(main)
