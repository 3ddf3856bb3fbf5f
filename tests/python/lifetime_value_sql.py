"""Scores customers by the SQL of lifetime value, as dbt compiles it, on tables of a test's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas
from builds import PROJECT

TABLES = {
    "int_customer_purchases": "select customer_id, date '2026-06-30' as as_of_date,"
    " repeat_days_count + 1 as paid_orders_count from int_customer_purchase_summary",
    "int_customer_rhythms": "select customer_id, 0 as since_last_purchase_days,"
    " 0.0 as median_gap_days, 0.0 as gap_spread_days, 1.0 as expected_gap_days,"
    " 0.0 as overdue_factor, false as is_overdue, null::date as next_purchase_date"
    " from int_customer_purchase_summary",
    "int_customer_lifecycles": "select customer_id, 'new' as lifecycle_stage,"
    " null as next_lifecycle_stage, null::date as lifecycle_stage_since_date,"
    " null::date as next_lifecycle_stage_date from int_customer_purchase_summary",
    "churn_risk_bands": f"from read_csv('{PROJECT}/seeds/value/churn_risk_bands.csv')",
}


def on_own_tables(sql: str) -> str:
    """The SQL with its relations by their bare names."""
    return re.sub(r'(?:"?\w+"?\.)+"?((?:int_\w+|churn_risk_bands))"?', r"\1", sql)


def score(
    compiled: Mapping[str, str],
    model: str,
    parameters: Mapping[str, float],
    histories: Mapping[str, Any],
    churn: tuple[float, float, float] | None = None,
    values: tuple[str, Mapping[str, float]] | None = None,
    expected_days: int | None = None,
) -> pandas.DataFrame:
    """The rows of customer_lifetime_value, in the order of the histories.

    parameters: of the model of purchases, times in days.
    histories: columns of int_customer_purchase_summary, an array each; absent ones are null.
    churn: intercept, slope and ceiling. values: model and parameters of the values.
    expected_days: adds `expected`, the purchases in this many days instead of 365.
    """
    frame = pandas.DataFrame(
        {
            "customer_id": [f"{i:08}" for i in range(len(histories["observed_days"]))],
            **dict.fromkeys(("mean_repeat_day_amount", "mean_day_amount"), np.nan),
            **dict.fromkeys(("valued_repeat_days_count", "valued_days_count"), 0),
            **histories,
        }
    )
    intercept, slope, ceiling = churn or (None, None, None)
    value_model, of_values = values or (None, {})
    in_force = {
        "purchase_model": model, "purchase_model_version": "v", "purchase_model_source": "fitted",
        "value_model": value_model, "value_model_version": "v", "value_model_source": "fitted",
        "r": parameters["r"], "alpha_days": parameters["alpha"], "a": parameters["a"],
        "b": parameters["b"], "first_chances_count": int(model != "bg_nbd"),
        "churn_intercept": intercept, "churn_slope": slope, "churn_ceiling": ceiling,
        "p": of_values.get("p"), "q": of_values.get("q"), "gamma_amount": of_values.get("gamma"),
    }  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(
            "create table int_customer_purchase_summary as select"
            " * replace (nullif(mean_repeat_day_amount, 'nan') as mean_repeat_day_amount,"
            " nullif(mean_day_amount, 'nan') as mean_day_amount) from frame"
        )
        columns = ", ".join(
            f"${name}::{'varchar' if 'model' in name else 'double'} as {name}" for name in in_force
        )
        connection.execute(
            f"create table int_clv_parameters as select {columns},"
            " null::date as purchase_model_as_of_date, null::date as value_model_as_of_date",
            in_force,
        )
        for name, select in TABLES.items():
            connection.execute(f"create table {name} as {select}")
        connection.execute(
            "create table int_clv_purchases_expected as"
            f" {on_own_tables(compiled['int_clv_purchases_expected'])}"
        )
        rows = connection.execute(
            f"from ({on_own_tables(compiled['customer_lifetime_value'])}) order by customer_id"
        ).df()
        if expected_days is None:
            return rows
        other = on_own_tables(compiled["int_clv_purchases_expected"]).replace(
            "cast(365 as double)", f"cast({expected_days} as double)"
        )
        expected = connection.execute(
            "select customer_id, alive_purchases_365d_count as alive_purchases"
            f" from int_customer_purchase_summary join ({other})"
            " using (repeat_days_count, observed_days) order by customer_id"
        ).df()
        return rows.assign(expected=rows["p_alive"] * expected["alive_purchases"])
