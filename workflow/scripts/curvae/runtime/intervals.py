"""The central intervals that tables and figures give, in percent, and the quantiles that bound them."""

PERCENTS = (68, 95)
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
ESTIMATES = {"median": 0.5, "low": 0.16, "high": 0.84}
