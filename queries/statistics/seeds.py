"""Several train seeds an arm: variance of items and of trainings, and an interval that has both.

Items and seeds are crossed: every seed of an arm is scored on the same items. With ``m_k`` the value of
seed k of an arm of K seeds, ``s^2`` the variance of the ``m_k`` and ``psi_kg`` the influence of cluster g:

- joint:        ``V = sum_g (mean_k psi_A,kg - mean_k psi_B,kg)^2`` x G/(G-1), the paired clustered variance;
- interaction:  ``J = sum_k sum_g (psi_kg - mean_k psi_kg)^2 / (K - 1)``, what items alone add to ``s^2``;
- variance:     ``max(0, V - J_A/K_A - J_B/K_B) + s^2_A/K_A + s^2_B/K_B``.

With items as their own clusters this is the ANOVA estimator of two crossed random effects (items + seeds
- residual; Searle, Casella and McCulloch 1992, *Variance Components*, ch. 4), paired over the two arms. Its
three parts have G - 1, K_A - 1 and K_B - 1 degrees of freedom, hence Student's t with Welch-Satterthwaite
degrees of freedom. With one seed an arm it is the paired clustered t interval. A percentile bootstrap over
3 seeds would cover 84 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .reference import satterthwaite
from .results import ONE_SEED, UNTRAINED, NotComputed
from .samples import Arm, FloatArray, Linear


@dataclass(frozen=True, slots=True)
class Variance:
    """Variance of ``mean(A) - mean(B)`` by its parts.

    Attributes:
        total: The whole, which intervals use.
        df: Its degrees of freedom.
        items: Estimated part of the choice of items: ``V``.
        training_a: Estimated part of A's trainings: ``max(0, s^2 - J) / K``; 0 for one seed.
        training_b: The same of B.
    """

    total: float
    df: float
    items: float
    training_a: float
    training_b: float


def training_label(a: Arm, b: Arm) -> str | NotComputed:
    """Return what an interval of these arms says of training variance.

    Seed numbers may differ (3 against 5). Several seeds against one of a trained system are refused: the
    training variance of the one is unknown, and half of it is not an interval.
    """
    known = [arm_.values.shape[0] > 1 or not arm_.trained for arm_ in (a, b)]
    if not a.trained and not b.trained:
        return UNTRAINED
    if all(known):
        parts = [f"{x.values.shape[0]} seeds" if x.trained else "untrained" for x in (a, b)]
        return "items and training: " + (
            parts[0] if parts[0] == parts[1] else f"{parts[0]} against {parts[1]}"
        )
    if a.values.shape[0] == b.values.shape[0] == 1:
        return ONE_SEED
    one, many = ("A", b) if not known[0] else ("B", a)
    return NotComputed(
        f"{one} has 1 seed and the other system {many.values.shape[0]}: the training variance of {one} is "
        "unknown. Compare single seeds, or add a seed."
    )


def variance(linear: Linear, *, trained_a: bool = True, trained_b: bool = True, df_items: float) -> Variance:
    """Return the variance of the difference between two arms of one seed or several.

    Args:
        linear: Values by seed and influences by cluster (one language, or a weighted sum of several).
        trained_a: False where A was not trained.
        trained_b: False where B was not trained.
        df_items: Degrees of freedom of the variance over items, usually clusters - 1.
    """
    joint = linear.influence_a.mean(axis=0) - linear.influence_b.mean(axis=0)
    items = pure = float(joint @ joint)
    training: list[float] = []
    parts: list[tuple[float, float]] = []
    for values, influence, trained in (
        (linear.a, linear.influence_a, trained_a),
        (linear.b, linear.influence_b, trained_b),
    ):
        seeds = len(values)
        between, interaction = seed_variance(values, influence) if trained else (0.0, 0.0)
        training.append(max(0.0, between - interaction) / seeds)
        pure -= interaction / seeds
        if between > 0:
            parts.append((between / seeds, seeds - 1))
    parts.append((max(0.0, pure), df_items))
    return Variance(sum(v for v, _ in parts), satterthwaite(parts), items, training[0], training[1])


def seed_variance(values: FloatArray, influence: FloatArray) -> tuple[float, float]:
    """Return the variance of seed values and the part of it that item noise alone explains.

    Args:
        values: Value of the metric by seed.
        influence: Seeds x clusters.

    Returns:
        ``(s^2, J)`` of the module's formula; zeros for one seed.
    """
    if len(values) < 2:
        return 0.0, 0.0
    residual = influence - influence.mean(axis=0)
    return float(np.var(values, ddof=1)), float((residual * residual).sum()) / (len(values) - 1)
