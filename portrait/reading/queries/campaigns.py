"""What campaigns brought, beside those who were held out."""

import duckdb

from portrait.reading.published import Row, has_mart, rows

EVERYBODY = "everybody"
SCHEMES = ("purchase_state", "rfm_segment")
LIFTS = (
    "arm, lift_status, customers_count, responders_count, response_pct, holdout_customers_count,"
    " holdout_response_pct, response_lift_points, lower_response_lift_points,"
    " upper_response_lift_points, is_response_lift_sure, realised_per_customer_amount,"
    " realised_lift_amount, lower_realised_lift_amount, upper_realised_lift_amount,"
    " is_realised_lift_sure, extra_realised_amount, cost_amount, extra_realised_after_cost_amount,"
    " smallest_response_lift_points, response_unjudged_reason, realised_unjudged_reason"
)


def campaigns(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The campaigns, the latest first, with how far their messages came."""
    if not has_mart(connection, "rpt_campaign_performance"):
        return []
    return rows(
        connection,
        "select campaign_id, campaign_name, campaign_channel, campaign_kind, start_date,"
        " sum(customers_count) as customers_count,"
        " sum(sent_contacts_count) as sent_contacts_count,"
        " sum(opened_contacts_count) as opened_contacts_count,"
        " sum(clicked_contacts_count) as clicked_contacts_count,"
        " sum(unsubscribed_contacts_count) as unsubscribed_contacts_count,"
        " sum(extra_realised_after_cost_amount) as extra_realised_after_cost_amount"
        " from marts.rpt_campaign_performance where scheme = ? group by all"
        " order by start_date desc, campaign_id",
        [EVERYBODY],
    )


def arms(connection: duckdb.DuckDBPyConnection, campaign_id: str) -> list[Row]:
    """The groups of a campaign with their lift against the hold-out."""
    return rows(
        connection,
        f"select {LIFTS} from marts.rpt_campaign_performance"
        " where campaign_id = ? and scheme = ? order by lift_status = 'holdout', arm",
        [campaign_id, EVERYBODY],
    )


def lifts(connection: duckdb.DuckDBPyConnection, most: int) -> list[Row]:
    """The measured groups of the latest campaigns with their lift, the latest campaign first."""
    return rows(
        connection,
        "with latest as (select distinct campaign_id, start_date"
        " from marts.rpt_campaign_performance order by start_date desc, campaign_id limit ?)"
        f" select campaign_id, campaign_name, start_date, {LIFTS}"
        " from marts.rpt_campaign_performance where scheme = ? and response_lift_points is not null"
        " and campaign_id in (select campaign_id from latest)"
        " order by start_date desc, campaign_id, arm",
        [most, EVERYBODY],
    )


def segments(connection: duckdb.DuckDBPyConnection, campaign_id: str, scheme: str) -> list[Row]:
    """The lift by segment of a scheme, where something can be said."""
    return rows(
        connection,
        f"select segment, {LIFTS} from marts.rpt_campaign_performance"
        " where campaign_id = ? and scheme = ? and response_lift_points is not null"
        " order by segment, arm",
        [campaign_id, scheme],
    )


def fatigue(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How contacts answer, by how often the customer had been written to in 30 days."""
    if not has_mart(connection, "rpt_campaign_fatigue"):
        return []
    return rows(
        connection,
        "select campaign_channel, contacts_prior_30d_count, contacts_count, opened_pct,"
        " clicked_pct, unsubscribed_pct, response_pct, lower_response_pct, upper_response_pct"
        " from marts.rpt_campaign_fatigue order by campaign_channel, contacts_prior_30d_count",
    )


def attribution(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The share of revenue that each model gives to each channel."""
    if not has_mart(connection, "rpt_attribution"):
        return []
    return rows(
        connection,
        "select attribution_model, channel, amount_share_pct from marts.rpt_attribution"
        " order by attribution_model, channel",
    )
