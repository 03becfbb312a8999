"""Measure how fast the project is, side by side with others, and write the table benchmarks/results.md.

    python benchmarks/run.py              all rows but the large ones
    python benchmarks/run.py full steps   some of them, by name
    python benchmarks/run.py --large      those that take a quarter of an hour and 10 GB of disk too

Every row is a ratio of things measured in turn, five times each (`data.REPEATS`);
the spread is from the least to the largest ratio. Seconds are those of the processor, on one thread, unless a row
says otherwise: another process on the machine then does little. Nothing is asserted. A row that fails, or whose
peer is not installed, says why and does not keep the others from being measured.
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "workflow/scripts"))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import quality  # noqa: E402  the path and the threads first
import steps  # noqa: E402
import whole  # noqa: E402
from curvae.runtime.threads import limit_threads  # noqa: E402

ROWS = {
    "diagonal": quality.diagonal,
    "full": quality.full,
    "pythae": quality.pythae,
    "posteriors": steps.posteriors,
    "products": steps.share_of_products,
    "streaming": steps.streaming,
    "synthesis": whole.synthesis,
    "notebook": whole.notebook,
    "scale": whole.scale,
    "scale_large": whole.scale_large,
}
LARGE = ("scale_large",)
PACKAGES = ("numpy", "scipy", "h5py", "torch", "snakemake", "pythae")
RESULTS = HERE / "results.md"


def machine() -> list[str]:
    """What it was measured on."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), processor)
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return [f"Machine: {processor}, {os.cpu_count()} cores, {platform.system()}.", "", f"With {', '.join(versions)}."]


def line(row) -> str:
    """A row of the table."""
    least, most = min(row.ratios), max(row.ratios)
    ratio = f"{statistics.median(row.ratios):.2f} | {least:.2f} - {most:.2f}"
    return f"| {row.what} | {row.measured} | {ratio} | {row.target} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"what to measure: {', '.join(ROWS)}")
    parser.add_argument("--large", action="store_true", help="measure the large rows too")
    args = parser.parse_args()
    if unknown := set(args.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; expected {', '.join(ROWS)}")
    limit_threads(1)
    text = ["# What `make bench` measured", "", *machine(), ""]
    text += ["| what | measured | ratio | spread | target |", "| --- | --- | --- | --- | --- |"]
    print("\n".join(text))
    for name in args.rows or [name for name in ROWS if args.large or name not in LARGE]:
        before = time.perf_counter()
        try:
            rows = [line(row) for row in ROWS[name]()]
        except Exception as error:  # whatever it is, the other rows are still wanted
            rows = [f"| {name} | not measured: {type(error).__name__}: {error} | | | |".replace("\n", " ")]
        print("\n".join(rows), flush=True)  # at once: an hour is long
        print(f"{name}: {time.perf_counter() - before:.0f} s", file=sys.stderr)
        text += rows
    if not args.rows:
        RESULTS.write_text("\n".join([*text, ""]))


if __name__ == "__main__":
    main()
