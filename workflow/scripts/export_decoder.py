r"""Export a trained decoder as a program that needs nothing but torch.

`torch.export.load(path).module()` decodes: codes (n, latent) float32 to velocities (n, radius) float64 [km/s].

Reads:  the model.
Writes: the program (PT2), with the radii [kpc] as `state_dict["radius"]`.

Example:

    python workflow/scripts/export_decoder.py --model results/full/seed1/model.pt --decoder decoder.pt2
"""

from rotcurves import commandline, export
from rotcurves.vae import load


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--model", "model file to read")
    parser.flag("--decoder", "program to write (PT2)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    export.save(export.export(load(args.model)), args.decoder)


if __name__ == "__main__":
    commandline.run(main)
