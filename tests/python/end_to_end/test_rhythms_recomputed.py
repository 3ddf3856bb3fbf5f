"""Rhythm and stage of life of every customer of the sample, by plain Python from their orders.

The stage is walked through day by day, from the first purchase to the as-of date and on without
another one, by the rule of the seed; the model calculates its dates directly.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import duckdb
import pytest
import yaml
from builds import PROJECT

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
TYPICAL_GAPS = VARIABLES["rhythm_typical_gaps"]
DAY = timedelta(days=1)
COLUMNS = (
    *("since_last_purchase_days", "median_gap_days", "gap_spread_days", "expected_gap_days"),
    *("overdue_factor", "is_overdue", "next_purchase_date", "lifecycle_stage"),
    *("lifecycle_stage_since_date", "next_lifecycle_stage", "next_lifecycle_stage_date"),
)


def read_stages() -> list[tuple[str, str, int, int]]:
    """Name, measure and days (the last excluded) of each stage of the seed."""
    with (PROJECT / "seeds" / "value" / "lifecycle_stages.csv").open(encoding="utf-8") as file:
        return [
            (
                row["lifecycle_stage"],
                row["measure"],
                int(row["from_days"]),
                int(row["to_days"] or 999999),
            )
            for row in csv.DictReader(file)
        ]


STAGES = read_stages()


def stage_on(day: date, bought_on: list[date]) -> str:
    """The stage at the end of a day: by the first order where one holds it, else by the last."""
    since = {
        "days_since_first_order": (day - bought_on[0]).days,
        "days_since_last_order": (day - max(one for one in bought_on if one <= day)).days,
    }
    for measure, days in since.items():
        for stage, of_measure, from_days, to_days in STAGES:
            if of_measure == measure and from_days <= days < to_days:
                return stage
    raise AssertionError(f"no stage for {since}")


def lifecycle(bought_on: list[date], as_of: date) -> tuple[str, date, str | None, date | None]:
    """The stage, its first day, and the next stage with its first day."""
    stage = stage_on(as_of, bought_on)
    since = as_of
    while since > bought_on[0] and stage_on(since - DAY, bought_on) == stage:
        since -= DAY
    after = as_of
    for _ in range(400):
        after += DAY
        if (following := stage_on(after, bought_on)) != stage:
            return stage, since, following, after
    return stage, since, None, None


def rhythm(bought_on: list[date], as_of: date, typical: float) -> tuple:
    """Days since the last purchase, median gap, spread, expected gap, overdue, next purchase."""
    gaps = [(after - before).days for before, after in pairwise(bought_on)]
    middle = median(gaps) if gaps else None
    spread = median(abs(gap - middle) for gap in gaps) if gaps else None
    expected = (len(gaps) * (middle or 0) + TYPICAL_GAPS * typical) / (len(gaps) + TYPICAL_GAPS)
    since, due = (as_of - bought_on[-1]).days, bought_on[-1] + timedelta(math.ceil(expected))
    return since, middle, spread, expected, since / expected, due < as_of, due


def test_rhythms_and_stages_are_those_of_the_orders(published_sample: Path) -> None:
    days = defaultdict(list)
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        for customer, day in connection.execute(
            "select distinct customer_id, ordered_date from marts.fct_orders"
            " where is_paid and customer_id is not null order by all"
        ).fetchall():
            days[customer].append(day)
        published = {
            customer: row
            for customer, *row in connection.execute(
                f"select customer_id, {', '.join(COLUMNS)}, as_of_date"
                " from marts.customer_lifetime_value"
            ).fetchall()
        }
    assert len(days) > 500
    typical = median(
        median((after - before).days for before, after in pairwise(one))
        for one in days.values()
        if len(one) > 1
    )
    for customer, (*row, as_of) in published.items():
        if customer not in days:
            nothing = dict.fromkeys(COLUMNS) | {"lifecycle_stage": "prospect"}
            assert dict(zip(COLUMNS, row, strict=True)) == nothing
            continue
        stage, since, following, after = lifecycle(days[customer], as_of)
        expected = (*rhythm(days[customer], as_of, typical), stage, since, following, after)
        for column, value, right in zip(COLUMNS, row, expected, strict=True):
            if isinstance(right, float):
                right = pytest.approx(right, rel=1e-12)
            assert value == right, f"{column} of {customer}, who bought on {days[customer]}"
