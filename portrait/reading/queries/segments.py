"""Segments: who is where, who went where, and who came back."""

from datetime import date

import duckdb

from portrait.reading.published import Row, has_mart, rows
from portrait.sql import sql_name

# The columns of customer_portrait that sort customers into few groups.
SCHEMES = ("rfm_segment", "value_group", "value_tier", "lifecycle_stage", "loyalty_tier",
           "churn_risk_band", "behavior_segment", "activity_level")  # fmt: skip
# From the best to those who never bought.
RFM_ORDER = (
    "Champions", "Loyal", "Potential Loyalist", "New", "Promising", "Need Attention",
    "About To Sleep", "At Risk", "Cannot Lose", "Hibernating", "Lost", "Prospects",
)  # fmt: skip
MOST_TRAITS, MOST_COHORTS, MOST_MONTHS = 12, 24, 12


def rfm_map(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Customers and their revenue by recency and frequency score."""
    return rows(
        connection,
        "select recency_score, frequency_score, count(*) as customers_count,"
        " sum(monetary_amount) as monetary_amount from marts.customer_rfm"
        " where recency_score is not null group by recency_score, frequency_score",
    )


def groups(connection: duckdb.DuckDBPyConnection, scheme: str) -> list[Row]:
    """The groups of a scheme with their size and worth.

    Raises:
        ValueError: it is none of SCHEMES.
    """
    if scheme not in SCHEMES:
        raise ValueError(scheme)
    name = sql_name(scheme)
    return rows(
        connection,
        f"select {name} as segment, count(*) as customers_count,"
        " sum(monetary_amount) as monetary_amount,"
        " sum(lifetime_value_amount) as lifetime_value_amount,"
        " avg(churn_probability) as churn_probability, avg(recency_days) as recency_days"
        f" from marts.customer_portrait group by {name}"
        " order by customers_count desc, segment nulls last",
    )


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """The months whose migration is known, the latest first."""
    if not has_mart(connection, "rpt_segment_migration"):
        return []
    found = connection.execute(
        "select distinct month_end_date from marts.rpt_segment_migration"
        " where previous_rfm_segment is not null order by month_end_date desc"
    ).fetchall()
    return [day for (day,) in found]


def migration(connection: duckdb.DuckDBPyConnection, month: date) -> list[Row]:
    """Customers by their segment at the end of the month before and of the month."""
    return rows(
        connection,
        "select previous_rfm_segment, rfm_segment, sum(customers_count) as customers_count"
        " from marts.rpt_segment_migration"
        " where month_end_date = ? and previous_rfm_segment is not null"
        " group by previous_rfm_segment, rfm_segment",
        [month],
    )


def cohorts(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Who came back: first buyers of a month, and how many of them bought in the months after."""
    if not has_mart(connection, "rpt_cohort_retention"):
        return []
    return rows(
        connection,
        "with latest as (select distinct cohort_month from marts.rpt_cohort_retention"
        " order by cohort_month desc limit ?)"
        " select cohort_month, month_number, sum(cohort_customers_count) as cohort_customers_count,"
        " sum(retained_customers_count) as retained_customers_count,"
        " bool_and(is_complete) as is_complete from marts.rpt_cohort_retention"
        " where cohort_month in (select cohort_month from latest) and month_number <= ?"
        " group by cohort_month, month_number order by cohort_month, month_number",
        [MOST_COHORTS, MOST_MONTHS],
    )


def traits(connection: duckdb.DuckDBPyConnection, scheme: str, segment: str) -> list[Row]:
    """What sets a group apart: the tags that it has surely more often than everybody."""
    if not has_mart(connection, "rpt_segment_profiles"):
        return []
    return rows(
        connection,
        "select tag_code, share_pct, everybody_share_pct, index_against_all"
        " from marts.rpt_segment_profiles"
        " where scheme = ? and segment = ? and is_surely_different"
        " and share_pct > everybody_share_pct order by trait_rank, tag_code limit ?",
        [scheme, segment, MOST_TRAITS],
    )
