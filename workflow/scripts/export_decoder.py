"""Export a trained decoder as a program that needs nothing but torch.

`torch.export.load(path).module()` decodes: codes (n, latent) float32 to velocities (n, radius) float64 [km/s].

Reads:  the model.
Writes: the program (PT2), with the radii [kpc] as `state_dict["radius"]`.
"""

from curvae.model.export import export_decoder, save_program
from curvae.model.files import load
from curvae.runtime import commandline


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(model="model")
    parser.writes(decoder="program (PT2)")
    args = parser.parse_args(argv)
    save_program(export_decoder(load(args.model)), args.decoder)


if __name__ == "__main__":
    commandline.run(main)
