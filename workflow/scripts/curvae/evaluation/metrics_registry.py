"""The registry of metrics: name, meaning, which values are good, unit.

Tables, pages, figures and comparisons take all of these from here, and the order of their lines.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

LOW, HIGH, CHANCE = "low", "high", 0.5
NOMINAL = "nominal"  # the share in the name
NATS = "nats per curve"


@dataclass(frozen=True)
class Metric:
    """A metric, or a family of them: a word in braces stands for any.

    Where `meaning` has a colon, the label for figures and comparisons stands before it. `best` is LOW, HIGH, NOMINAL,
    the best value itself, or None where no value is better than others. Pure numbers and counts have no unit.
    """

    name: str
    meaning: str
    best: str | float | None = None
    unit: str = ""

    @cached_property
    def pattern(self) -> re.Pattern:
        """What the names of its family match."""
        return re.compile(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(self.name)))

    @property
    def label(self) -> str:
        """A few words, with the unit in brackets."""
        return self.meaning.partition(":")[0] + (f" [{self.unit}]" if self.unit else "")


def _relations(prefix: str, scatter: str) -> tuple[Metric, ...]:
    """The metrics of scaling relations."""
    return (
        Metric(f"{prefix}_{{relation}}_slope", "slope of log10 y along log10 x", None, "dex/dex"),
        Metric(f"{prefix}_{{relation}}_zero_point", "log10 y at the pivot of the relation", None, "dex"),
        Metric(f"{prefix}_{{relation}}_scatter", f"scatter about the relation: {scatter}", None, "dex"),
        Metric(f"{prefix}_share_outside", "share left out: without a fit, or with a disc mass not simulated", LOW),
    )


# Of several that match a name the first counts.
GENERATED = (
    Metric("curves_compared", "number of generated curves, and of test curves that they are compared with"),
    Metric("c2st_network_components", "neural network on components of ln v: accuracy against test curves", CHANCE),
    Metric("c2st_boosting_log_v", "boosted trees on ln v: accuracy against test curves", CHANCE),
    Metric("c2st_boosting_curvature", "boosted trees on curvature of ln v: accuracy against test curves", CHANCE),
    Metric("copying_probability", "copying: probability to be nearer to training curves than a test curve is", CHANCE),
    Metric("support_coverage", "coverage: share of test curves near a generated one; missing modes lower it", HIGH),
    Metric("extremes_v_max", "highest v: share of generated curves among the highest 0.2 % of both samples", CHANCE),
    Metric("extremes_acceleration", "highest v^2/R: share of generated curves among the highest 0.2 %", CHANCE),
    Metric("ks_mean", "Kolmogorov-Smirnov distance: of the velocities, mean over the radii", LOW),
    Metric("energy_distance", "energy distance: of the first 2,000 curves, in ln v", LOW),
    Metric("share_not_positive", "curves with v <= 0: share of the generated ones", LOW),
    Metric("physical_distance_kms_median", "distance to nearest physical curve: median of 2,000", LOW, "km/s"),
    Metric("physical_distance_kms_p90", "90 % quantile of the distance to the nearest physical curve", LOW, "km/s"),
    *_relations("relation", "standard deviation"),
)
MODEL = (
    Metric("reconstruction_rmse", "reconstruction RMSE: root mean square error of all test curves", LOW, "km/s"),
    Metric("reconstruction_median", "root mean square error of the median test curve", LOW, "km/s"),
    Metric("reconstruction_relative_rms", "root mean square of the error over v", LOW),
    Metric("c2st_boosting_curvature_reconstructions", "the same accuracy of reconstructed curves", CHANCE),
    Metric("evidence_lower_bound", "lower bound on ln p that training maximises, median over curves", HIGH, NATS),
    Metric("evidence_lower_bound_q{quantile}", "quantile of `evidence_lower_bound` over the curves", HIGH, NATS),
    Metric("importance_weighted_bound", "tighter lower bound on ln p, median over curves", HIGH, NATS),
    Metric("importance_weighted_bound_q{quantile}", "quantile of the same over the curves", HIGH, NATS),
    Metric("active_units", "number of latents whose posterior means vary"),
    Metric("r2_latent{i}_{parameter}", "squared correlation of latent i, from 1, and a parameter"),
    Metric("non_positive_definite_share", "share of posterior covariances that are not positive definite", 0.0),
    Metric("posterior_correlation_true", "true posterior: largest correlation of two latents, median over curves"),
    Metric("posterior_correlation", "encoder's posterior: largest correlation of two latents, median over curves"),
    Metric("kl_best_diagonal", "best diagonal posterior: its least divergence from the true posterior", None, NATS),
    Metric("kl_encoder_mean", "encoder, by its means: part of its divergence from the true posterior", LOW, NATS),
    Metric("kl_encoder_covariance", "encoder, by its covariances: the other part of this divergence", LOW, NATS),
    Metric(
        "posterior_interval_coverage_{percent}_decoded",
        "noise-free, as in training: share of codes in the ellipsoid that the encoder gives their own decoded curve; "
        "a share below the nominal one is a posterior that is too narrow",
        HIGH,
    ),
    Metric(
        "posterior_interval_coverage_{percent}_noisy",
        "with noise, unlike training: the same after the decoder's noise is added, which the encoder has never seen; "
        "low shares are expected, and no generated curve depends on them",
    ),
)
MOCKS = (
    Metric("inference_interval_coverage_{percent}_{quantity}", "share of true values inside their intervals", NOMINAL),
    Metric("inference_rank_p_{quantity}", "probability of less uniform ranks; miscalibration if it is below 0.05"),
    Metric("inference_flagged", "share of galaxies that are flagged as not to be believed", LOW),
)
POPULATION = (
    Metric("population_galaxies", "number of galaxies that the population is fitted to"),
    Metric("population_held_out_gain", "gain of ln evidence over the prior", HIGH, "nats per galaxy"),
    Metric("population_predictive_accuracy", "accuracy of a random forest, predicted against observed points", CHANCE),
    Metric("population_ks_p_{summary}", "probability of a larger distance; small if the prediction is wrong"),
    Metric("population_ks_{summary}", "Kolmogorov-Smirnov distance of predicted and observed summaries", LOW),
    Metric("population_out_of_range_code_share", "share of codes beyond those of training curves", LOW),
    Metric("population_c2st_network", "accuracy of a neural network against true curves of mock galaxies", CHANCE),
    Metric("population_c2st_boosting", "accuracy of boosted trees against true curves of mock galaxies", CHANCE),
    Metric("population_distance", "Kolmogorov-Smirnov distance from true curves, mean over radii", LOW),
    Metric("population_completion_error", "root mean square error of ln v beyond the points", LOW),
    Metric("population_completion_interval_coverage_{percent}", "share of true v in it, beyond the points", NOMINAL),
    *_relations("population_relation", "half of the range that holds the central 68 %"),
)
GROUPS = {
    "Generated curves against test curves": GENERATED,
    "Models on test curves": MODEL,
    "Inference of mock galaxies": MOCKS,
    "Population behind the observed galaxies": POPULATION,
}


@cache
def metric_of(name: str) -> Metric:
    """The metric of a name. Raises KeyError if the registry has none."""
    for group in GROUPS.values():
        for metric in group:
            if metric.pattern.fullmatch(name):
                return metric
    raise KeyError(name)
