"""Student's 95 % interval of a mean, without tables."""

import math
import statistics


def _tail(t, freedom):
    """P(T > t), by Simpson's rule over the density in x = t tan(angle)."""
    steps = 2000
    low, high = math.atan(t / math.sqrt(freedom)), math.pi / 2
    width = (high - low) / steps
    # With t = sqrt(n) tan u the density times dt/du is cos(u)^(n - 1) over a constant.
    weights = [1 if i in (0, steps) else 4 if i % 2 else 2 for i in range(steps + 1)]
    area = sum(w * math.cos(low + i * width) ** (freedom - 1) for i, w in enumerate(weights)) * width / 3
    whole = math.sqrt(math.pi) * math.gamma(freedom / 2) / math.gamma((freedom + 1) / 2)
    return area / whole


def quantile_975(freedom):
    """The t that a variable of `freedom` degrees exceeds with probability 2.5 %."""
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(middle, freedom) > 0.025 else (low, middle)
    return (low + high) / 2


def interval(values):
    """Mean and half of its 95 % interval; not a number for fewer than two values."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, math.nan
    return mean, quantile_975(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
