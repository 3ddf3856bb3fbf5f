"""The pooled lift is what is published of the thirteen trials of the BCG vaccine.

Colditz and others (1994), as metafor and statsmodels pool them after DerSimonian and Laird (1986):
mean -0.7141 with an error of 0.1787, and a variance between the trials of 0.3088.
"""

from __future__ import annotations

import duckdb
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


def test_thirteen_trials_are_pooled_as_published(compiled: dict[str, str]) -> None:
    """A state that was never measured is expected to be the mean; a trial leans towards it."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_campaign_kind_lifts (campaign_kind varchar, purchase_state varchar,"
            " campaigns_count bigint, treated_customers_count bigint,"
            " holdout_customers_count bigint, extra_orders double, extra_orders_variance double,"
            " least_expected_count decimal(28, 8))"
        )
        for number, (lift, variance) in enumerate(TRIALS):
            connection.execute(
                "insert into int_campaign_kind_lifts values (?, 'going', 1, 1, 1, ?, ?, 5)",
                [f"T{number:02}", lift, variance],
            )
        run_models(connection, compiled, "rpt_campaign_kind_lifts")
        rows = connection.execute(
            "select campaign_kind, purchase_state, own_share_pct,"
            " expected_extra_orders_per_100_count, lower_expected_extra_orders_per_100_count"
            " from rpt_campaign_kind_lifts"
        ).fetchall()
    found = {(kind, state): numbers for kind, state, *numbers in rows}
    assert len(found) == len(TRIALS) * 5
    own_share, expected, lower = found["T00", "long_gone"]
    assert own_share == 0
    assert expected == pytest.approx(100 * MEAN, abs=0.01)
    error = (BETWEEN + ERROR**2) ** 0.5
    assert expected - lower == pytest.approx(100 * Z * error, abs=0.02)
    for number, (lift, variance) in enumerate(TRIALS):
        own_share, expected, _ = found[f"T{number:02}", "going"]
        share = BETWEEN / (BETWEEN + variance)
        assert own_share == pytest.approx(100 * share, abs=0.02)
        assert expected == pytest.approx(100 * (MEAN + share * (lift - MEAN)), abs=0.02)
