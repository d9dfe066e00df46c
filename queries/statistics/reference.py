"""Reference distributions: intervals and p values from an estimate and its variance.

Only ``scipy.special`` is imported: ``scipy.stats`` costs too much at start-up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

LEVEL = 0.95
"""Level of every interval shown."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval with its standard error and two-sided p."""

    stderr: float
    low: float
    high: float
    p: float


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t; of the normal where ``df`` is infinite."""
    if math.isinf(df):
        return float(special.ndtri(probability))
    return float(special.stdtrit(df, probability))


def t_tail(statistic: float, df: float) -> float:
    """Return the two-sided tail probability of a t statistic; normal where ``df`` is infinite."""
    lower = special.ndtr(-abs(statistic)) if math.isinf(df) else special.stdtr(df, -abs(statistic))
    return min(1.0, 2.0 * float(lower))


def t_interval(delta: float, variance: float, df: float) -> Interval:
    """Return the t interval and p of an estimate.

    Args:
        delta: The estimate.
        variance: Its variance, above 0.
        df: Degrees of freedom, above 0; may be fractional (Welch-Satterthwaite) or infinite.

    Returns:
        ``delta ± t(0.975, df) x sqrt(variance)``, and p of ``delta / sqrt(variance)`` under the same t.
    """
    stderr = math.sqrt(variance)
    half = t_quantile(0.5 + LEVEL / 2, df) * stderr
    return Interval(stderr, delta - half, delta + half, t_tail(delta / stderr, df))


def satterthwaite(components: list[tuple[float, float]]) -> float:
    """Return the degrees of freedom of a sum of independent variance estimates.

    Welch-Satterthwaite (Satterthwaite 1946, Biometrics Bulletin 2(6)): ``(sum v)^2 / sum(v^2 / df)``.

    Args:
        components: ``(variance, df)`` of each part, variances not negative, at least one above 0.
    """
    total = sum(v for v, _ in components)
    spread = sum(v * v / df for v, df in components if v > 0)
    return total * total / spread if spread > 0 else math.inf


def joined_df(components: list[tuple[float, float]]) -> float:
    """Return the df at which t gives the half-width ``sqrt(sum t(0.975, df_i)^2 v_i)``.

    Combines quantiles instead of degrees of freedom (Cochran 1964, Biometrics 20(1); Howe 1974, J. Am.
    Stat. Assoc. 69). Unlike Satterthwaite's plug-in, it does not take a variance on 3 df that came out small
    by luck for a small variance: 4 parallel languages are covered by 95 % instead of 93 %.

    Args:
        components: ``(variance, df)`` of each part, variances not negative, at least one above 0.
    """
    total = sum(v for v, _ in components)
    square = sum(t_quantile(0.5 + LEVEL / 2, df) ** 2 * v for v, df in components if v > 0) / total
    if square <= t_quantile(0.5 + LEVEL / 2, math.inf) ** 2 * (1 + 1e-9):
        return math.inf
    return float(special.stdtridf(0.5 + LEVEL / 2, math.sqrt(square)))
