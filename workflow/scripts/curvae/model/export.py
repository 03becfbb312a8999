"""A trained decoder as a program of torch alone."""

import copy
import io
from pathlib import Path

import torch
from torch import Tensor, nn

from curvae.model.network import VAE
from curvae.storage.atomic import replace

# What torch notes of the Python code that it has traced: paths of this machine, which no result may hold.
TRACES = ("stack_trace", "nn_module_stack", "source_fn_stack", "from_node")


class Decoder(nn.Module):
    """Codes (n, d) float32 in, velocities (n, m) float64 [km/s] out; the radii (m,) [kpc] are its buffer `radius`."""

    def __init__(self, model: VAE):
        super().__init__()
        self.model = model
        self.register_buffer("radius", model.radius)

    def forward(self, code: Tensor) -> Tensor:
        return self.model.velocity(self.model.decoder(code))


def export_decoder(model: VAE) -> torch.export.ExportedProgram:
    """The decoder of a model, traced for any number of codes; free of its encoder, and of where it was made."""
    decoder = Decoder(copy.deepcopy(model)).eval()
    del decoder.model.encoder, decoder.model.to_parameters
    code = torch.zeros(2, model.architecture.latent_dimension)
    program = torch.export.export(decoder, (code,), dynamic_shapes=({0: torch.export.Dim("curves")},))
    for node in program.graph.nodes:
        for trace in TRACES:
            node.meta.pop(trace, None)
    return program


def save_program(program: torch.export.ExportedProgram, path: str | Path) -> None:
    """Write an exported program, to be read by `torch.export.load`."""
    buffer = io.BytesIO()  # torch takes paths of one ending only
    torch.export.save(program, buffer)
    replace(path, buffer.getvalue())
