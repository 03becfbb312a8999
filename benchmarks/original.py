"""The original experiment (L. Posti, "Variational Autoencoder", blog post of 2022) as plain code of ours.

Its algorithm with its faults: a loop over galaxies; one mean and standard deviation for all velocities; Adam on the
full batch; the squared error summed over the batch; in the full variant a matrix that need not be positive
definite, its root by a singular value decomposition, and entries that are no numbers left out of the mean.
Run as a script it takes all the steps of its notebook in one process, figures included: original.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import torch
from scipy.special import i0, i1, k0, k1
from torch import nn

RADIUS = np.geomspace(0.1, 50.0, 50)  # kpc
G, HUBBLE = 4.301e-6, 0.07  # kpc km2/s2/Msun, km/s/kpc
VARIANTS = {"diagonal": (1e-2, 2000), "full": (4e-3, 1000)}  # learning rate, epochs


def parameters(n: int, random: np.random.Generator) -> np.ndarray:
    """Disc mass, halo mass [Msun], scale length [kpc], concentration of n galaxies (n, 4)."""
    disc = random.uniform(9.0, 12.0, n)
    length = 0.5 + 0.3 * (disc - 10.7) + 0.4 * random.standard_normal(n)
    halo = 12.0 + 0.75 * (disc - 10.7) + 0.25 * random.standard_normal(n)
    concentration = 0.905 - 0.101 * (np.log10(0.7) + halo - 12.0) + 0.11 * random.standard_normal(n)
    return 10.0 ** np.column_stack([disc, halo, length, concentration])


def curves(galaxies: np.ndarray) -> np.ndarray:
    """Velocities (n, 50) [km/s], galaxy by galaxy."""
    mass = lambda x: np.log(1.0 + x) - x / (1.0 + x)  # noqa: E731
    velocities = []
    for disc, halo, length, concentration in galaxies:
        y = RADIUS / (2.0 * length)
        disc_square = 2.0 * G * disc / length * y**2 * (i0(y) * k0(y) - i1(y) * k1(y))
        virial = (halo / (100.0 * HUBBLE**2 / G)) ** (1.0 / 3.0)
        share = mass(concentration * RADIUS / virial) / mass(concentration)
        halo_square = G * halo / virial * (virial / RADIUS) * share
        velocities.append(np.sqrt(np.nan_to_num(disc_square) + halo_square))
    return np.array(velocities)


class Network(nn.Module):
    """Layers 50-32-16 and back; `full` with covariances among the outputs."""

    def __init__(self, full: bool):
        super().__init__()
        self.full = full
        layers = [nn.Linear(50, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 14 if full else 8)]
        self.encoder = nn.Sequential(*layers)
        layers = [nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 50)]
        self.decoder = nn.Sequential(*layers)

    def covariance(self, outputs):
        """The symmetric matrices (n, 4, 4) that the full variant takes for covariances."""
        i, j = np.tril_indices(4, -1)
        matrix = torch.diag_embed(outputs[:, 4:8].exp())
        matrix[:, i, j] = matrix[:, j, i] = outputs[:, 8:]
        return matrix

    def loss(self, x):
        """Mean Kullback-Leibler divergence and the squared error of the whole batch."""
        outputs = self.encoder(x)
        mean, log_variance = outputs[:, :4], outputs[:, 4:8]
        noise = torch.randn_like(mean)
        if self.full:
            matrix = self.covariance(outputs)
            u, s, v = torch.linalg.svd(matrix)
            code = mean + (u @ torch.diag_embed(s.sqrt()) @ v @ noise[:, :, None])[:, :, 0]
            trace = log_variance.exp().sum(1)
            kl = 0.5 * (trace + mean.square().sum(1) - 4.0 - torch.log(torch.linalg.det(matrix)))
        else:
            code = mean + noise * torch.exp(0.5 * log_variance)
            kl = 0.5 * (log_variance.exp() + mean**2 - 1.0 - log_variance).sum(1)
        return torch.nanmean(kl) + (x - self.decoder(code)).square().sum()


class Experiment:
    """A network in training on curves (n, 50) [km/s]; ends with torch's error if its decomposition fails."""

    def __init__(self, velocity: np.ndarray, variant: str, seed: int):
        torch.manual_seed(seed)
        self.mean, self.std = velocity.mean(), velocity.std()
        self._x = self.normalised(velocity)
        self.network = Network(variant == "full")
        self._optimizer = torch.optim.Adam(self.network.parameters(), lr=VARIANTS[variant][0])

    def normalised(self, velocity: np.ndarray) -> torch.Tensor:
        return torch.as_tensor((velocity - self.mean) / self.std, dtype=torch.float32)

    def step(self) -> None:
        """One epoch, which is one step."""
        loss = self.network.loss(self._x)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()

    @torch.no_grad()
    def decoded(self, velocity: np.ndarray) -> np.ndarray:
        """Curves (n, 50) [km/s] through the network, by the posterior means."""
        outputs = self.network.encoder(self.normalised(velocity))
        return self.network.decoder(outputs[:, :4]).numpy() * self.std + self.mean


def draw(folder: Path, name: str, v: np.ndarray) -> None:
    """Figure of curves (n, 50)."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot(RADIUS, v.T, lw=0.3)
    axes.set(xlabel="radius", ylabel="velocity")
    figure.savefig(folder / f"{name}.png")
    plt.close(figure)


def draw_codes(folder: Path, name: str, galaxies: np.ndarray, codes: np.ndarray, draws: np.ndarray) -> None:
    """Corner plots of draws (n, 4), and of parameters and codes (n, 4); histograms of the codes."""
    import corner
    import matplotlib.pyplot as plt

    figure = corner.corner(draws)
    corner.corner(codes, fig=figure, color="C1")
    figure.savefig(folder / f"{name}_draws.png")
    figure = corner.corner(np.hstack([np.log10(galaxies), codes]), smooth=1.0)
    figure.savefig(folder / f"{name}_parameters.png")
    figure, panels = plt.subplots(1, 4)
    for axes, z in zip(panels, codes.T, strict=True):
        axes.hist(z, 40, density=True)
        grid = np.linspace(z.min(), z.max(), 200)
        axes.plot(grid, np.exp(-0.5 * ((grid - z.mean()) / z.std()) ** 2) / (z.std() * np.sqrt(2.0 * np.pi)))
    figure.savefig(folder / f"{name}_density.png")
    plt.close("all")


def trained(train: np.ndarray, held_out: np.ndarray, variant: str, epochs: int) -> Experiment:
    """An experiment after all epochs, with the first seed whose decompositions do not fail."""
    seed = 1
    while True:
        experiment = Experiment(train, variant, seed)
        try:
            for epoch in range(epochs):
                experiment.step()
                if epoch % 100 == 0:
                    with torch.no_grad():
                        print(epoch, experiment.network.loss(experiment.normalised(held_out)).item(), file=sys.stderr)
        except torch.linalg.LinAlgError as error:
            print(f"seed {seed}: {error}", file=sys.stderr)
            seed += 1
        else:
            return experiment


def main(folder: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    torch.set_num_threads(1)
    random = np.random.default_rng(1)
    galaxies = random.permutation(parameters(2000, random))
    v = curves(galaxies)
    train, held_out = v[:1600], v[1600:]
    draw(folder, "curves", v)
    for variant, (_, epochs) in VARIANTS.items():
        experiment = trained(train, held_out, variant, epochs)
        draw(folder, f"{variant}_reconstructions", experiment.decoded(held_out))
        with torch.no_grad():
            outputs = experiment.network.encoder(experiment.normalised(train)).numpy()
            codes, width = outputs[:, :4], np.exp(0.5 * outputs[:, 4:8])
            draws = codes[:, None] + width[:, None] * random.standard_normal((1600, 100, 4))
            draw_codes(folder, variant, galaxies[:1600], codes, draws.reshape(-1, 4))
            new = torch.as_tensor(random.normal(codes.mean(0), codes.std(0), (500, 4)), dtype=torch.float32)
            draw(
                folder,
                f"{variant}_generated",
                experiment.network.decoder(new).numpy()[:100] * experiment.std + experiment.mean,
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
