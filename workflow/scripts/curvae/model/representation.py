"""Fixed linear representations of rotation curves: what the network reads and writes.

With u = ln v (or v itself), a representation is x = (u - mean) analysis, and back u = mean + x synthesis.
It is made once, from the mean and covariance of u over the training curves, and never trained.
"""

from dataclasses import dataclass

import numpy as np

# Directions in which curves do not vary show up as this small a share of the leading variance.
NEGLIGIBLE = 1e-12
# Weight of ln v against its derivatives in `components`: 3 halves the error in km/s that 1 leaves, and curves
# stay as smooth (docs/model-choices.md).
VALUE_WEIGHT = 3.0
# The same in `amplitude_and_shape`, where curves vary less.
SHAPE_WEIGHT = 6.0
# Least spread of a coefficient, over the largest: smaller ones are mostly rounding of velocities, not to be magnified.
LEAST_SPREAD = 1e-4


@dataclass(frozen=True)
class Representation:
    """Affine map between curves over m radii and k coefficients, all arrays float64.

    mean (m,), analysis (m, k), synthesis (k, m), logarithmic: whether u is ln v rather than v. Where the last of the
    coefficients is the amplitude of the curve, spread (k,): their standard deviations over the training curves.
    """

    mean: np.ndarray
    analysis: np.ndarray
    synthesis: np.ndarray
    logarithmic: bool
    spread: np.ndarray | None = None


class Moments:
    """Mean and covariance over curves that arrive in pieces."""

    def __init__(self, m: int):
        self.n = 0
        self.mean = np.zeros(m)
        self._scatter = np.zeros((m, m))

    def add(self, u: np.ndarray) -> None:
        """Take in rows u (n, m) (Chan, Golub & LeVeque 1979: pairwise update)."""
        n, mean = len(u), u.mean(0)
        shift, total = mean - self.mean, self.n + len(u)
        self._scatter += (u - mean).T @ (u - mean) + np.outer(shift, shift) * (self.n * n / total)
        self.mean = self.mean + shift * (n / total)
        self.n = total

    @property
    def covariance(self) -> np.ndarray:
        return self._scatter / self.n


def linear(moments: Moments) -> Representation:
    """v less one mean, over one standard deviation: the original experiment's normalisation."""
    mean = moments.mean.mean()
    std = np.sqrt(np.trace(moments.covariance) / len(moments.mean) + np.var(moments.mean))
    m = len(moments.mean)
    return Representation(np.full(m, mean), np.eye(m) / std, np.eye(m) * std, logarithmic=False)


def log(moments: Moments) -> Representation:
    """ln v, standardised at each radius."""
    std = np.sqrt(np.diag(moments.covariance))
    return Representation(moments.mean, np.diag(1.0 / std), np.diag(std), logarithmic=True)


def components(moments: Moments, radius: np.ndarray, k: int) -> Representation:
    """k principal components of ln v together with its first and second derivatives along ln R.

    Values and derivatives are each in units of their standard deviation (values count `VALUE_WEIGHT`
    times), so that an error of a component is one of the curve and of its smoothness at once: a normal
    likelihood of the components is one of ln v with a correlated error. Back from components to ln v by
    least squares. The coefficients together have unit mean square. They are fewer where the curves vary in fewer ways.
    """
    scaled = _scaled_differences(radius, moments.covariance, VALUE_WEIGHT)
    analysis, synthesis, _ = _components(scaled, moments.covariance, k)
    return Representation(moments.mean, analysis, synthesis, logarithmic=True)


def amplitude_and_shape(moments: Moments, radius: np.ndarray, k: int) -> Representation:
    """k components, as in `components`, of ln v less its mean over the radii, and as the last coefficient this mean.

    The mean is the amplitude, ln of the geometric mean of the velocities. What is left is the shape, the same for v and
    for v times any constant. Values count alike at all radii, `SHAPE_WEIGHT` times over the spread of the shape, and an
    error of the amplitude costs as much as one of the shape.
    """
    m = len(radius)
    to_shape = np.eye(m) - 1.0 / m
    covariance = to_shape @ moments.covariance @ to_shape
    scaled = _scaled_differences(radius, covariance, SHAPE_WEIGHT, alike=True)
    analysis, synthesis, scale = _components(scaled @ to_shape, covariance, k)
    unit = scale / np.linalg.norm(scaled.sum(1))  # of the amplitude, whose change is one of all values
    analysis = np.column_stack([analysis, np.full(m, 1.0 / (m * unit))])
    synthesis = np.vstack([synthesis, np.full(m, unit)])
    spread = np.sqrt(np.einsum("ji,jk,ki->i", analysis, moments.covariance, analysis))
    return Representation(moments.mean, analysis, synthesis, True, np.maximum(spread, LEAST_SPREAD * spread.max()))


def _scaled_differences(radius: np.ndarray, covariance: np.ndarray, weight: float, alike: bool = False) -> np.ndarray:
    """Matrix (3m - 3, m): values, weighted, and derivatives along ln R, each in units of its standard deviation.

    With `alike` all values are in units of one, the root mean square of theirs.
    """
    m, differences = len(radius), _differences(np.log(radius))
    std = np.sqrt(np.einsum("ij,jk,ik->i", differences, covariance, differences))
    if alike:
        std[:m] = np.sqrt(np.square(std[:m]).mean())
    return np.repeat([weight, 1.0, 1.0], [m, m - 1, m - 2])[:, None] * differences / std[:, None]


def _components(scaled: np.ndarray, covariance: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Analysis (m, k) and synthesis (k, m) of the k principal components of scaled u, and their unit.

    scaled (3m - 3, m), covariance (m, m) of u.
    """
    variance, vectors = _leading(scaled @ covariance @ scaled.T, min(k, scaled.shape[1]))
    varies = variance > NEGLIGIBLE * variance[0]
    variance, vectors = variance[varies], vectors[:, varies]
    synthesis = np.linalg.lstsq(scaled, vectors, rcond=None)[0].T
    scale = np.sqrt(variance.mean())
    return scaled.T @ vectors / scale, synthesis * scale, scale


def principal_axes(represented: Representation, moments: Moments, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (k,) of the coefficients x, and the d axes (k, d) along which they vary most.

    (x - mean) axes are uncorrelated and of unit variance. Axes beyond those along which curves vary at all are zero.
    """
    mean = (moments.mean - represented.mean) @ represented.analysis
    covariance = represented.analysis.T @ moments.covariance @ represented.analysis
    variance, vectors = _leading(covariance, d)
    axes = np.zeros((len(covariance), d))
    varies = variance > NEGLIGIBLE * variance[0]
    axes[:, : len(variance)][:, varies] = vectors[:, varies] / np.sqrt(variance[varies])
    return mean, axes


def _leading(covariance: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The n largest eigenvalues, falling, and their eigenvectors as columns; fewer where there are not so many."""
    variance, vectors = np.linalg.eigh(covariance)
    variance, vectors = variance[::-1][:n], vectors[:, ::-1][:, :n]
    # The sign of an eigenvector is free: fixed here by its largest entry, for the same model everywhere.
    return variance, vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])


def _differences(x: np.ndarray) -> np.ndarray:
    """Matrix (3m - 3, m): the values on a grid x, their first and second divided differences."""
    first = np.diff(np.eye(len(x)), axis=0) / np.diff(x)[:, None]
    middle = 0.5 * (x[1:] + x[:-1])
    second = np.diff(first, axis=0) / np.diff(middle)[:, None]
    return np.concatenate([np.eye(len(x)), first, second])


def make(name: str, moments: Moments, radius: np.ndarray, k: int) -> Representation:
    """Make the representation of a name: `components` (k of them), `amplitude_and_shape`, `log` or `linear`."""
    if name in ("log", "linear"):
        return {"log": log, "linear": linear}[name](moments)
    return {"components": components, "amplitude_and_shape": amplitude_and_shape}[name](moments, radius, k)
