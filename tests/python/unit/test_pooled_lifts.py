"""The pooled lift is what is published of the thirteen trials of the BCG vaccine.

Colditz and others (1994), as metafor and statsmodels pool them after DerSimonian and Laird (1986):
mean -0.7141 with an error of 0.1787, and a variance between the trials of 0.3088. With several
states of a kind, the same method is taken twice, as numpy does it here: within kinds, then between.
"""

from __future__ import annotations

import duckdb
import numpy
import pytest
from test_lift import run_models

TRIALS = [
    (-0.8893113, 0.3255847651), (-1.5853887, 0.1945811214), (-1.3480731, 0.4153679654),
    (-1.4415512, 0.0200100319), (-0.2175473, 0.0512101722), (-0.7861156, 0.0069056185),
    (-1.6208982, 0.2230172476), (0.0119523, 0.0039615793), (-0.4694176, 0.0564342105),
    (-1.3713448, 0.0730247936), (-0.3393588, 0.0124122140), (0.4459134, 0.5325058452),
    (-0.0173139, 0.0714046597),
]  # fmt: skip
MEAN, ERROR, BETWEEN, Z = -0.7141, 0.1787, 0.3088, 1.959964
# Kind and state -> extra orders per customer, and their standard error: a newsletter that does
# nothing, a promotion that does something, and a win-back that does most.
CELLS = {
    ("newsletter", "never_bought"): (0.035, 0.033), ("newsletter", "one_order"): (0.105, 0.093),
    ("newsletter", "several_orders"): (0.071, 0.079), ("newsletter", "going"): (-0.038, 0.068),
    ("newsletter", "long_gone"): (0.035, 0.047), ("promotion", "never_bought"): (0.069, 0.028),
    ("promotion", "one_order"): (-0.211, 0.096), ("promotion", "going"): (0.185, 0.059),
    ("promotion", "long_gone"): (0.067, 0.038), ("win_back", "never_bought"): (0.2, 0.099),
    ("win_back", "going"): (0.148, 0.056), ("win_back", "long_gone"): (0.154, 0.04),
}  # fmt: skip


def expected_lifts(
    compiled: dict[str, str], cells: dict[tuple[str, str], tuple[float, float]]
) -> dict[tuple[str, str], list[float]]:
    """Return own share, expectation and lower bound per kind and state; cells: lift, variance."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_campaign_kind_lifts (campaign_kind varchar, purchase_state varchar,"
            " campaigns_count bigint, treated_customers_count bigint,"
            " holdout_customers_count bigint, extra_orders double, extra_orders_variance double,"
            " least_expected_count decimal(28, 8))"
        )
        connection.executemany(
            "insert into int_campaign_kind_lifts values (?, ?, 1, 1, 1, ?, ?, 5)",
            [[*key, *numbers] for key, numbers in cells.items()],
        )
        run_models(connection, compiled, "rpt_campaign_kind_lifts")
        rows = connection.execute(
            "select campaign_kind, purchase_state, own_share_pct,"
            " expected_extra_orders_per_100_count, lower_expected_extra_orders_per_100_count"
            " from rpt_campaign_kind_lifts"
        ).fetchall()
    return {(kind, state): numbers for kind, state, *numbers in rows}


def beyond_chance(groups: list[tuple[numpy.ndarray, numpy.ndarray]]) -> float:
    """Return the variance of true values (DerSimonian and Laird), each group with its own mean."""
    excess, scale = 0.0, 0.0
    for values, variances in groups:
        weights = 1 / variances
        mean = (weights * values).sum() / weights.sum()
        excess += (weights * (values - mean) ** 2).sum() - (len(values) - 1)
        scale += weights.sum() - (weights**2).sum() / weights.sum()
    return max(0.0, excess / scale)


def test_thirteen_trials_are_pooled_as_published(compiled: dict[str, str]) -> None:
    """Each trial is a kind of its own, which leans towards the mean of all, in every state."""
    found = expected_lifts(
        compiled, {(f"T{number:02}", "going"): trial for number, trial in enumerate(TRIALS)}
    )
    assert len(found) == len(TRIALS) * 5
    for number, (lift, variance) in enumerate(TRIALS):
        share = BETWEEN / (BETWEEN + variance)
        error = ((1 - share) * BETWEEN + ((1 - share) * ERROR) ** 2) ** 0.5
        for state in ("going", "long_gone"):
            own_share, expected, lower = found[f"T{number:02}", state]
            assert own_share == 0
            assert expected == pytest.approx(100 * (MEAN + share * (lift - MEAN)), abs=0.02)
            assert expected - lower == pytest.approx(100 * Z * error, abs=0.02)


def test_a_state_leans_towards_its_kind_and_a_kind_towards_all(compiled: dict[str, str]) -> None:
    found = expected_lifts(
        compiled, {key: (lift, error**2) for key, (lift, error) in CELLS.items()}
    )
    kinds = sorted({kind for kind, _ in CELLS})
    groups = [
        (
            numpy.array([lift for (name, _), (lift, _) in CELLS.items() if name == kind]),
            numpy.array([error**2 for (name, _), (_, error) in CELLS.items() if name == kind]),
        )
        for kind in kinds
    ]
    within = beyond_chance(groups)
    assert within > 0
    weights = [1 / (variances + within) for _, variances in groups]
    variances = numpy.array([1 / weight.sum() for weight in weights])
    lifts = numpy.array(
        [(weight * values).sum() for weight, (values, _) in zip(weights, groups, strict=True)]
    )
    lifts = lifts * variances
    between = beyond_chance([(lifts, variances)])
    assert between > 0
    mean = (lifts / (variances + between)).sum() / (1 / (variances + between)).sum()
    for kind, lift, variance in zip(kinds, lifts, variances, strict=True):
        of_kind = mean + between / (between + variance) * (lift - mean)
        for state in ("never_bought", "one_order", "several_orders", "going", "long_gone"):
            value, error = CELLS.get((kind, state), (of_kind, numpy.inf))
            share = within / (within + error**2)
            own_share, expected, _ = found[kind, state]
            assert own_share == pytest.approx(100 * share, abs=1e-4)
            assert expected == pytest.approx(100 * (of_kind + share * (value - of_kind)), abs=1e-4)
    # What does nothing is not called sure because others work.
    assert all(lower < 0 for (kind, _), (_, _, lower) in found.items() if kind == "newsletter")
