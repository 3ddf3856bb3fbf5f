"""Each singular test, and each rule of the marts and seeds, fails on a fault planted for it.

The build of the hand-checked cases has compiled the data tests. Each fault is planted in a
transaction of its own, the SQL of its test must find it, and the transaction is undone: so no fault
hides behind another. The generic tests themselves are tried in test_generic_tests.py.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from builds import CASES, dbt_session, environment

# Of one row of a table: the first by its key.
ONE = "rowid = (select min(rowid) from {table} where {where})"


def update(table: str, change: str, where: str = "true") -> str:
    """Return SQL that changes one row of a table."""
    return f"update {table} set {change} where {ONE.format(table=table, where=where)}"


def delete(table: str, where: str = "true") -> str:
    """Return SQL that deletes one row of a table."""
    return f"delete from {table} where {ONE.format(table=table, where=where)}"


def repeat(table: str, where: str = "true") -> str:
    """Return SQL that doubles one row of a table."""
    return f"insert into {table} select * from {table} where {ONE.format(table=table, where=where)}"


class OnSample(str):
    """A fault for the built sample, which has all channels; the others are for the cases."""


def staged(view: str, columns: str) -> str:
    """Return SQL that puts other columns (or rows: `* … where`) into a view of staging."""
    return (
        f"create table staging.real_rows as select * from staging.{view};"
        f"create or replace view staging.{view} as select {columns.format('staging.real_rows')}"
    )


ORDERS, LINES = "portrait.marts.fct_orders", "portrait.marts.fct_order_lines"
PAYMENTS, PRODUCTS = "portrait.marts.fct_payments", "portrait.marts.dim_products"
DAILY, BEHAVIOR = (
    "portrait.marts.fct_customer_daily_activity",
    "portrait.marts.customer_behavior_30d",
)
COSTS, CHANNELS = "portrait.marts.fct_order_costs", "portrait.marts.rpt_channel_sales_daily"
MARGINS, CUSTOMER_MARGINS = "portrait.marts.rpt_margins", "portrait.marts.customer_margins"
TOLD, FEE = "source_system is not null", "amount is not null and counts_as = 'fee'"
WITH_MARGIN = f"order_id in (select order_id from {ORDERS} where margin_amount is not null)"
ORDER_EVENTS, ORDER_STEPS = "portrait.marts.fct_order_events", "reference.order_steps"
REVIEWS, REVIEW_REASONS = (
    "portrait.marts.fct_order_reviews",
    "portrait.marts.fct_order_review_reasons",
)
REVIEW_RULES, TURNAROUND = "reference.order_review_rules", "portrait.marts.rpt_order_turnaround"
QUALITY = "portrait.marts.rpt_service_quality"
COUPONS, STORES = "portrait.marts.dim_coupons", "portrait.marts.dim_stores"
UNKNOWN_WORDS = "portrait.quality.unknown_words"
RFM, SEGMENTS = "portrait.marts.customer_rfm", "portrait.marts.customer_segments"
LIFETIME_VALUE = "portrait.marts.customer_lifetime_value"
RISK_BANDS = "reference.churn_risk_bands"
RISK, REASONS = "portrait.marts.customer_risk", "portrait.marts.customer_risk_reasons"
RELATIONS, HOUSEHOLDS = "portrait.marts.customer_relations", "portrait.marts.customer_households"
AUDIENCES, MEMBERS = "portrait.marts.audiences", "portrait.marts.audience_members"
MATCHES, OVERLAP = "portrait.marts.audience_matches", "portrait.marts.audience_overlap"
EXCLUSIONS = "portrait.marts.audience_exclusions"
INVITATIONS = "portrait.marts.customer_invitations"
AGREEMENT = "portrait.marts.rpt_rfm_agreement"
BEHAVIORS, LOYALTY_GROUPS = "reference.behavior_segments", "reference.loyalty_groups"
GROUPED = "intermediate.int_customer_loyalty_grouped"
HISTORY, MIGRATION = (
    "portrait.marts.customer_segment_history",
    "portrait.marts.rpt_segment_migration",
)
CHANGES, PURCHASES = (
    "intermediate.int_customer_value_changes",
    "intermediate.int_customer_purchases",
)
IN_A_LATER_MONTH = "previous_rfm_segment is not null"
SESSIONS, LOYALTY = "portrait.marts.fct_sessions", "portrait.marts.customer_loyalty"
COHORTS, KPIS = "portrait.marts.rpt_cohort_retention", "portrait.marts.rpt_kpis_daily"
REGIONS, SEASONS = "portrait.marts.rpt_region_behavior", "portrait.marts.rpt_season_behavior"
PENETRATION, FUNNEL = "portrait.marts.rpt_penetration", "portrait.marts.rpt_funnel"
LINE_REVENUE = "intermediate.int_order_lines_realised"
RECOMMENDED, AFFINITY = (
    "portrait.marts.customer_recommendations",
    "portrait.marts.rpt_product_affinity",
)
LAUNCHES, LAUNCH_SEGMENTS = (
    "portrait.marts.rpt_product_launch",
    "portrait.marts.rpt_product_launch_segments",
)
SWITCHING, CROSS_SHOPPING = (
    "portrait.marts.rpt_category_switching",
    "portrait.marts.rpt_cross_shopping",
)
STRATEGY, OPTIONS = (
    "portrait.marts.customer_strategy",
    "portrait.marts.customer_strategy_options",
)
KIND_LIFTS = "portrait.marts.rpt_campaign_kind_lifts"
CUSTOMERS, BRIDGE = "portrait.marts.dim_customers", "portrait.marts.bridge_customer_identities"
WRITTEN_TO = f"customer_id in (select customer_id from {STRATEGY} where channel = '{{}}')"
MEASURED_OPTION = "value_basis = 'measured'"
OPEN_MAIL = "blocked_reason is null and channel = 'mail' and value_basis = 'measured'"
LEFT_ALONE, WAS_MEASURED = "strategy_code = 'leave_alone'", "extra_orders_per_100_count is not null"
ORGANISATIONS = "portrait.marts.dim_organisations"
NEEDS, HABITS = "portrait.marts.customer_needs", "portrait.marts.customer_habits"
TICKET = "insert into portrait.marts.fct_tickets by name select 'T' as ticket_id, "
SINCE = "timestamp '2026-06-01 10:00:00' as opened_at, date '2026-06-01' as opened_date"
INTERACTION = (
    "insert into portrait.marts.fct_interactions by name select 'I' as interaction_id, "
    f"customer_id, as_of_date as started_date, as_of_date as started_at from {NEEDS} limit 1"
)
REVIEW = (
    "insert into portrait.marts.fct_reviews by name select 'R' as review_id, customer_id, "
    f"false as is_low_rated, as_of_date as written_date, as_of_date as written_at from {NEEDS}"
    " limit 1"
)
PROFILE = (
    "insert into portrait.marts.dim_social_profiles by name select 'P' as social_profile_id, "
    f"customer_id from {NEEDS} limit 1"
)
CONTACTS, FATIGUE = (
    "portrait.marts.fct_campaign_contacts",
    "portrait.marts.rpt_campaign_fatigue",
)
PERFORMANCE = "portrait.marts.rpt_campaign_performance"
COUPON_REPORT = "portrait.marts.rpt_coupon_performance"
ACQUISITION, REFERRALS = (
    "portrait.marts.rpt_acquisition_channels",
    "portrait.marts.rpt_referrals",
)
CLUSTERED, EDGES = "intermediate.int_records_clustered", "intermediate.int_identity_edges"
RULES, MATCH_LEVELS = "intermediate.int_identity_rules_resolved", "reference.match_levels"
GENDER_LEVEL = "comparison = 'gender' and level_name"
LEDGER, SURVEYS = "intermediate.int_loyalty_points_ledger", "intermediate.int_surveys_judged"
ALIASES, SOURCES = (
    "portrait.marts.customer_id_aliases",
    "portrait.marts.customer_attribute_sources",
)
RECONCILIATION, BLOCKING = "portrait.quality.reconciliation", "portrait.quality.identity_blocking"
MAP, GROUPS = "reference.rfm_segment_map", "reference.value_groups"
CONDITIONS = "reference.rfm_segment_conditions"
THRESHOLDS, TIERS = "reference.rfm_fixed_thresholds", "reference.value_tiers"
STAGES, HOURS, LEVELS = (
    "reference.lifecycle_stages",
    "reference.hour_slots",
    "reference.activity_levels",
)
BUYER, SALE, RETURN = "frequency > 0", "line_type = 'sale'", "line_type = 'return'"
JOINED, BLOCKED = "match_rule <> 'single_record'", "reference.blocked_identifiers"
CENT = "+ cast(0.0001 as decimal(18, 4))"

MEASURES = ("gross_{}_amount", "discount_{}_amount", "net_{}_amount", "refunded_{}_amount")
COUNTS = (
    *("orders", "paid_orders", "order_days", "active_days", "items"),
    *("sessions", "cart_sessions", "abandoned_cart_sessions", "events", "page_views"),
    *("product_views", "searches", "favourites", "cart_adds", "cart_removes"),
)
SLOTS = ("00_05", "06_07", "08_09", "10_12", "13_14", "15_17", "18_19", "20_21", "22_23")
WINDOW_COLUMNS = [
    name.format(window)
    for window in ("30d", "prior_30d")
    for name in (*MEASURES, "realised_{}_amount", *(f"{count}_{{}}_count" for count in COUNTS))
] + [f"events_{slot}_30d_count" for slot in SLOTS]
EVENT_COUNTS = (
    *("events_count", "page_views_count", "product_views_count", "searches_count"),
    *("favourites_count", "cart_adds_count", "cart_removes_count", "clicks_count", "logins_count"),
)
CHANNEL_COUNTS = (
    *("documents", "orders", "return_documents", "paid_orders", "cancelled_orders"),
    *("guest_orders", "documents_with_margin", "items"),
)
CHANNEL_AMOUNTS = ("gross", "discount", "net", "cancelled", "refunded", "realised")
CHANNEL_SUMS = [
    *(f"{name}_count" for name in CHANNEL_COUNTS),
    *(f"{name}_amount" for name in (*CHANNEL_AMOUNTS, "fee", "margin")),
    *(f"{name}_amount_local" for name in (*CHANNEL_AMOUNTS, "guest_net")),
]
DAILY_SUMS = (
    *("orders_count", "paid_orders_count", "valued_paid_orders_count", "guest_orders_count"),
    *("customers_count", "new_customers_count", "sessions_count", "anonymous_sessions_count"),
    *("sessions_with_order_count", "visiting_customers_count", "gross_amount", "discount_amount"),
    *("net_amount", "paid_net_amount", "realised_amount", "refunded_by_day_amount"),
    *("realised_by_day_amount", "guest_realised_by_day_amount"),
)
REGION_SUMS = (
    *("customers_count", "buyers_count", "active_customers_30d_count", "app_customers_count"),
    *("orders_count", "paid_orders_count", "realised_amount"),
)
REVENUE_TREE, ATTRIBUTION = "portrait.marts.rpt_revenue_tree", "portrait.marts.rpt_attribution"
# Status words that no lookup would find.
WORDS = ("Paid", "in_transit", "in-transit", "annulée", "wc-on-hold")

# Test -> faults, each of which alone must make it fail.
FAULTS: dict[str, list[str]] = {
    "assert_no_customer_has_two_tags_of_one_exclusive_group": [
        (
            "insert into portrait.marts.customer_tags select * replace ('OTHER' as tag_code)"
            " from portrait.marts.customer_tags where exclusive_group is not null limit 1"
        )
    ],
    "assert_audiences_agree_with_their_members": [
        OnSample(update(AUDIENCES, "matches_count = matches_count + 1")),
        OnSample(update(AUDIENCES, "holdout_members_count = holdout_members_count + 1")),
        OnSample(delete(MEMBERS)),
        OnSample(update(MATCHES, "is_member = not is_member")),
        OnSample(update(OVERLAP, "members_count = members_count + 1")),
        OnSample(update(OVERLAP, "other_members_count = other_members_count + 1")),
        OnSample(update("portrait.marts.rpt_audience_profiles", "members_count = 0")),
    ],
    "assert_members_are_who_entered_and_did_not_leave": [
        OnSample(delete(MEMBERS)),
        OnSample(delete("portrait.marts.audience_changes")),
        OnSample(update("portrait.marts.audience_changes", "change = 'left'")),
        OnSample(update(MEMBERS, "member_since_date = member_since_date - 1")),
    ],
    "audience_matches_are_members_unless_taken": [
        OnSample(update(MATCHES, "is_member = false", "is_member")),
        OnSample(update(MATCHES, "is_member = true", "not is_member")),
        OnSample(update(MATCHES, "taken_by_audience = audience", "not is_member")),
    ],
    "audience_overlap_is_no_larger_than_either": [
        OnSample(update(OVERLAP, "shared_members_count = members_count + other_members_count + 1"))
    ],
    "audiences_hold_no_more_than_match": [
        update(AUDIENCES, "members_count = matches_count + 1"),
        update(AUDIENCES, "holdout_members_count = members_count + 1"),
        update(AUDIENCES, "first_date = last_date + 1"),
    ],
    "rpt_audience_profiles_bounds_hold_the_share": [
        OnSample(update("portrait.marts.rpt_audience_profiles", "share_pct = upper_share_pct + 1")),
        OnSample(update("portrait.marts.rpt_audience_profiles", "tagged_members_count = -1")),
    ],
    "customer_active_periods_hold_something": [
        OnSample(
            update(
                "portrait.marts.customer_active_periods",
                "events_90d_count = 0, orders_90d_count = 0",
            )
        )
    ],
    "customer_behavior_longer_windows_hold_shorter_ones": [
        update("portrait.marts.customer_behavior", "orders_30d_count = orders_60d_count + 1")
    ],
    "customer_portrait_is_complete_where_nothing_is_missing": [
        update(
            "portrait.marts.customer_portrait",
            "largest_gap_source = null",
            "largest_gap is not null",
        ),
        update("portrait.marts.customer_portrait", "completeness_pct = 101"),
    ],
    "customer_preferences_know_their_limits": [
        OnSample(update("portrait.marts.customer_preferences", "confidence_pct = 101")),
        OnSample(update("portrait.marts.customer_preferences", "preference_rank = 99")),
    ],
    "customer_sensitivity_has_numbers_behind_each_band": [
        update(
            "portrait.marts.customer_sensitivity",
            "discount_sensitivity = 'high', discount_trials_count = 1",
        ),
        OnSample(
            update(
                "portrait.marts.customer_sensitivity",
                "discount_share_pct = discount_upper_share_pct + 1",
                "discount_trials_count > 0",
            )
        ),
    ],
    "promotion_days_run_forward": [update("reference.promotion_days", "to_day = from_day - 1")],
    "rpt_segment_profiles_bounds_hold_the_share": [
        OnSample(update("portrait.marts.rpt_segment_profiles", "share_pct = upper_share_pct + 1")),
        OnSample(
            update("portrait.marts.rpt_segment_profiles", "trait = null", "trait is not null")
        ),
    ],
    "tag_health_is_covered_as_expected": [
        update("portrait.quality.tag_health", "is_covered_as_expected = false")
    ],
    "tag_health_swings_have_a_reason": [
        update("portrait.quality.tag_health", "needs_reason = true")
    ],
    "assert_every_landed_row_is_staged_once": [
        staged("base_shop__products", "* from {} where false"),
        staged("base_shop__orders", "* from {} offset 1"),
        staged("base_shop__payments", "* from (from {0} union all (from {0} limit 1))"),
        staged("base_ops__fx_rates", "* replace (null as row_status) from {}"),
        staged("stg_landing__broken_lines", "* from {} where false"),
        staged(
            "stg_landing__files", "* replace (landed_rows_count + 1 as landed_rows_count) from {}"
        ),
        staged("stg_landing__files", "* from {} where table_name <> 'fx_rates'"),
    ],
    "assert_every_accepted_row_is_a_fact_or_accounted_for": [
        *map(delete, (ORDERS, LINES, PAYMENTS, PRODUCTS)),
        delete(BRIDGE, "not is_inferred"),
        update(RECONCILIATION, "rows_count = rows_count + 1", "bucket = 'line_without_order'"),
        *(
            OnSample(delete(table, f"system = '{system}'"))
            for table in (ORDERS, LINES)
            for system in ("pos", "marketplace")
        ),
        OnSample(delete(PAYMENTS, "system = 'marketplace'")),
        OnSample(delete(STORES, "not is_inferred")),
        OnSample(delete(COUPONS)),
        OnSample(delete(COSTS, "source_system = system")),
        OnSample(delete(COSTS, "source_system = 'ops'")),
        OnSample(delete(ORDER_EVENTS, "event_source = 'log'")),
        OnSample(delete(ORGANISATIONS, "not is_inferred")),
        OnSample(delete(RECONCILIATION, "bucket = 'fee_without_order'")),
    ],
    "assert_charges_cost_an_order_or_are_accounted_for": [
        OnSample(update(COSTS, f"amount_local = amount_local {CENT}", TOLD)),
        OnSample(delete(COSTS, f"amount_local <> 0 and {TOLD}")),
        OnSample(delete(COSTS, "amount_local <> 0 and source_system = 'ops'")),
        OnSample(delete(RECONCILIATION, "bucket = 'fee_without_order'")),
    ],
    "assert_net_belongs_to_known_inferred_or_guest": [
        update(ORDERS, f"net_amount_local = net_amount_local {CENT}"),
        update(ORDERS, "customer_kind = 'nobody'"),
        delete(ORDERS, "net_amount_local > 0"),
        update(RECONCILIATION, f"amount_local = amount_local {CENT}", "bucket = 'guests'"),
        delete(RECONCILIATION, "bucket = 'inferred_customers'"),
    ],
    "assert_net_is_realised_cancelled_open_or_refunded": [
        update(ORDERS, f"realised_amount_local = realised_amount_local {CENT}"),
        update(RECONCILIATION, f"amount_local = amount_local {CENT}", "bucket = 'open'"),
        delete(RECONCILIATION, "bucket = 'cancelled' and amount_local > 0"),
    ],
    "assert_payments_are_for_goods_charges_or_unexplained": [
        update(ORDERS, f"paid_amount_local = paid_amount_local {CENT}"),
        update(RECONCILIATION, f"amount_local = amount_local {CENT}", "topic = 'paid_by_part'"),
        delete(RECONCILIATION, "topic = 'paid_by_part' and amount_local > 0"),
    ],
    "assert_refunds_are_goods_or_beside_them": [
        update(PAYMENTS, f"goods_amount_local = goods_amount_local {CENT}", "match_rule = 'amount'")
    ],
    "assert_refunds_count_against_their_orders": [
        update(ORDERS, f"refunded_amount_local = refunded_amount_local {CENT}"),
        update("intermediate.int_refund_events_unioned", "is_counted = true", "not is_counted"),
        delete(
            "intermediate.int_refund_events_unioned",
            "is_counted and order_key is not null and amount_local > 0",
        ),
    ],
    "assert_every_order_has_one_customer_or_is_a_guest": [
        update(ORDERS, "customer_id = null", "customer_kind = 'known'"),
        update(ORDERS, "customer_id = 'c0'", "customer_kind = 'known'"),
        update(
            ORDERS,
            f"customer_id = (select min(customer_id) from {CUSTOMERS})",
            "customer_kind = 'guest'",
        ),
        repeat(ORDERS),
        delete(ORDERS),
    ],
    "assert_every_return_line_has_a_match_rule": [
        update(LINES, "match_rule = null", RETURN),
        update(LINES, "match_rule = 'quantity'", SALE),
    ],
    "assert_returned_goods_are_matched_once": [
        update(
            "intermediate.int_return_allocations_unioned", f"amount_local = amount_local {CENT}"
        ),
        repeat("intermediate.int_return_allocations_unioned", "amount_local <> 0"),
        update(LINES, "returned_quantity = returned_quantity + 1", SALE),
    ],
    "assert_no_two_ids_share_a_key": [
        update(f"intermediate.{table}", f"{key} = (select max({key}) from intermediate.{table})")
        for table, key in {
            "int_source_records_unioned": "record_key",
            "int_orders_seen": "order_key",
            "int_order_lines_signed": "order_line_key",
            "int_products_unioned": "product_key",
            "int_payments_valued": "payment_key",
        }.items()
    ]
    + [
        update("intermediate.int_source_records_unioned", "potential_customer_id = 'c0'") + " or "
        "rowid = (select max(rowid) from intermediate.int_source_records_unioned)"
    ],
    "assert_every_record_is_in_exactly_one_cluster": [
        delete(CLUSTERED),
        repeat(CLUSTERED),
        update(CLUSTERED, "record_key = 0"),
        delete(CUSTOMERS),
        update(CLUSTERED, "is_anchor = false", "is_anchor"),
    ],
    # The cases are one system's, where hardly anybody has two records.
    "assert_customers_are_what_edges_join": [
        OnSample(fault)
        for fault in (
            update(CLUSTERED, "customer_id = 'c0'", JOINED),
            update(CLUSTERED, "match_rule = 'email'", "match_rule = 'single_record'"),
            f"delete from {EDGES} where record_key = (select min(record_key) from {EDGES})",
            # two customers in one, although no pair joins them
            f"update {CLUSTERED} set customer_id ="
            f" (select min(customer_id) from {CLUSTERED} where {JOINED})"
            f" where customer_id = (select max(customer_id) from {CLUSTERED} where {JOINED})",
        )
    ],
    "assert_every_alias_leads_to_a_customer": [
        OnSample(fault)
        for fault in (
            delete(ALIASES, "not is_current"),
            update(ALIASES, "is_current = false", "is_current"),
            update(ALIASES, "is_current = true", "not is_current"),
            f"update {ALIASES} set is_current = not is_current where customer_id ="
            f" (select max(customer_id) from {ALIASES} where not is_current)",
        )
    ],
    "assert_nothing_medium_joins_what_conflicts": [
        OnSample(fault)
        for fault in (
            update(EDGES, "first_name_level = 'different'", "strength = 'medium'"),
            update(EDGES, "birth_date_level = 'different'", "strength = 'medium'"),
            "update intermediate.int_identifier_values_judged"
            " set identifier_status = 'quarantined'"
            f" where identifier_key = (select min(identifier_key) from {EDGES})",
        )
    ],
    "assert_stewards_rules_hold": [
        OnSample(
            f"insert into {RULES} select '{rule}', one.record_id, other.record_id, one.record_key,"
            f" other.record_key, 'planted', true, null from {CLUSTERED} as one"
            f" inner join {CLUSTERED} as other on one.record_key < other.record_key"
            f" and one.customer_id {joined} other.customer_id limit 1"
        )
        for rule, joined in (("never", "="), ("always", "<>"))
    ],
    "match_levels_hold_probabilities": [
        update(MATCH_LEVELS, "m_probability = 1", f"{GENDER_LEVEL} = 'equal'"),
        update(MATCH_LEVELS, "u_probability = 0", f"{GENDER_LEVEL} = 'different'"),
        update(MATCH_LEVELS, "household_probability = 0", f"{GENDER_LEVEL} = 'different'"),
    ],
    "assert_match_levels_are_those_compared": [
        delete(MATCH_LEVELS),
        update(MATCH_LEVELS, "level_name = 'twin'"),
        update(MATCH_LEVELS, "comparison = 'shoe_size'"),
        update(MATCH_LEVELS, "m_probability = m_probability + 0.01"),
        update(MATCH_LEVELS, "u_probability = u_probability + 0.01"),
        update(MATCH_LEVELS, "household_probability = household_probability + 0.01"),
    ],
    "assert_each_compared_pair_is_found_by_one_rule_first": [
        update(BLOCKING, "first_found_pairs_count = first_found_pairs_count + 1"),
        update(BLOCKING, "pairs_count = pairs_count + 1"),
        OnSample(delete(BLOCKING, "first_found_pairs_count > 0")),
        OnSample(delete("intermediate.int_match_pairs")),
    ],
    "identity_rules_are_about_two_records": [
        "insert into reference.identity_rules values"
        " ('never', 'shop', 'A', 'shop', 'A', 'planted', 'nobody', '2026-01-01')"
    ],
    "assert_the_number_of_an_organisation_is_nobodys": [
        OnSample(fault)
        for fault in (
            *(
                f"update intermediate.int_organisations_unioned set {kind} = (select"
                " min(identifier_value) from intermediate.int_identifier_values_judged where"
                f" identifier_key in (select identifier_key from {EDGES}"
                f" where identifier_type = '{kind}'))"
                for kind in ("phone", "email")
            ),
            *(
                update(
                    CUSTOMERS,
                    f"{kind} = (select max({kind}) from intermediate.int_organisations_unioned)",
                )
                for kind in ("phone", "email")
            ),
        )
    ],
    "assert_organisations_agree_with_their_customers_orders": [
        OnSample(fault)
        for fault in (
            update(ORGANISATIONS, "orders_count = orders_count + 1"),
            update(ORGANISATIONS, f"realised_amount = realised_amount {CENT}"),
            delete(ORGANISATIONS, "orders_count > 0"),
            update(
                CUSTOMERS,
                "organisation_id = null",
                "organisation_id is not null"
                f" and customer_id in (select customer_id from {ORDERS})",
            ),
        )
    ],
    "assert_golden_records_say_where_they_come_from": [
        delete(SOURCES),
        update(CUSTOMERS, "phone = null", "phone is not null"),
        update(CUSTOMERS, "income_band = 'any'", "income_band is null"),
        update(SOURCES, "record_id = 'shop:nobody'"),
    ],
    "identifier_types_bound_what_joins": [
        update("reference.identifier_types", "maximum_records = null", "strength = 'strong'"),
        update("reference.identifier_types", "maximum_names = 0", "strength = 'medium'"),
        update("reference.identifier_types", "match_weight = null", "strength = 'medium'"),
    ],
    "blocked_identifiers_holds_values_as_they_are_looked_up": [
        update(BLOCKED, "value_pattern = 'Test@%'", "identifier_type = 'email'"),
        update(BLOCKED, "value_pattern = '138%'", "identifier_type = 'phone'"),
    ],
    "assert_equal_values_score_equally": [
        update(RFM, "frequency_score = 5", "frequency = 1"),
        f"update {RFM} set recency_score = 4"
        f" where recency_days = (select min(recency_days) from {RFM})",
        f"update {RFM} set recency_score = 2 where recency_score = 1",
        f"update {RFM} set monetary_score = 6 - monetary_score",
    ],
    "assert_rfm_segment_map_holds_each_code_once": [
        delete(MAP, "rfm_code = '555'"),
        f"insert into {MAP} values ('555', 'Lost')",
        f"insert into {MAP} values ('777', 'Champions')",
        f"insert into {MAP} values (null, 'Champions')",
    ],
    "assert_rfm_segment_conditions_fit_the_map": [
        update(CONDITIONS, "rfm_segment = 'Brand new'", "rfm_segment = 'New'"),
        update(CONDITIONS, "otherwise_segment = 'Nobody'"),
        update(CONDITIONS, "otherwise_segment = 'New'", "rfm_segment = 'Cannot Lose'"),
    ],
    "assert_value_groups_name_each_pattern_once": [
        delete(GROUPS),
        repeat(GROUPS),
        update(GROUPS, "value_group_pattern = 'far-low-low'"),
    ],
    "assert_customers_are_the_same_in_every_customer_mart": [
        *map(delete, (CUSTOMERS, RFM, SEGMENTS, BEHAVIOR, LOYALTY, LIFETIME_VALUE)),
        repeat(RFM),
        f"{delete(RFM)}; {repeat(BEHAVIOR)}",
    ],
    "assert_lifetime_value_agrees_with_loyalty": [
        delete(LIFETIME_VALUE, "repeat_days_count is not null"),
        update(LIFETIME_VALUE, "repeat_days_count = repeat_days_count + 1", "is_one_timer"),
        update(LIFETIME_VALUE, "repeat_days_count = 0", "repeat_days_count is null"),
        update(LIFETIME_VALUE, "observed_days = observed_days + 1", "is_one_timer"),
        update(LOYALTY, "since_first_paid_order_days = null", "since_first_paid_order_days >= 0"),
    ],
    "assert_lifetime_value_agrees_with_rfm_and_segments": [
        delete(LIFETIME_VALUE),
        update(LIFETIME_VALUE, "lifecycle_stage = 'any'"),
        update(SEGMENTS, "lifecycle_stage = 'any'"),
        update(
            LIFETIME_VALUE,
            "since_last_purchase_days = since_last_purchase_days + 1",
            "since_last_purchase_days >= 0",
        ),
        update(RFM, "recency_days = 0", "recency_days is null"),
        update(
            LIFETIME_VALUE,
            "lifecycle_stage_since_date = as_of_date + 1",
            "lifecycle_stage_since_date is not null",
        ),
        update(
            LIFETIME_VALUE,
            "next_lifecycle_stage_date = as_of_date",
            "next_lifecycle_stage_date is not null",
        ),
    ],
    "assert_lines_and_unitemised_make_the_net_of_their_order": [
        update(LINES, f"net_amount_local = net_amount_local {CENT}"),
        update(ORDERS, f"unitemised_amount_local = unitemised_amount_local {CENT}"),
        delete(LINES),
    ],
    "assert_channel_report_agrees_with_the_sources": [
        update(CHANNELS, f"net_amount_local = net_amount_local {CENT}"),
        update(CHANNELS, "documents_count = documents_count + 1"),
        update(CHANNELS, "currency = 'XXX'"),
        delete(CHANNELS),
        staged("stg_shop__orders", "* replace (false as is_test) from {}"),
        staged("stg_shop__orders", "* replace (false as prices_include_tax) from {}"),
        OnSample(update(CHANNELS, "system = 'shop'", "system <> 'shop'")),
        OnSample(
            staged(
                "stg_marketplace__orders",
                "* from {0} where native_order_id <> (select min(native_order_id) from {0})",
            )
        ),
        OnSample(
            staged(
                "stg_pos__receipt_items",
                "* replace (unit_price_local + 1 as unit_price_local) from {}",
            )
        ),
    ],
    "assert_channel_report_adds_up_to_the_orders": [
        *(
            OnSample(update(CHANNELS, f"{column} = {column} + 1", f"{column} <> 0"))
            for column in CHANNEL_SUMS
        ),
        delete(CHANNELS),
        delete(ORDERS),
    ],
    "assert_charges_and_orders_agree_on_fees": [
        update(ORDERS, f"fee_amount = fee_amount {CENT}"),
        update(ORDERS, "fee_amount = null"),
        OnSample(update(COSTS, f"amount = amount {CENT}", FEE)),
        OnSample(update(COSTS, "amount = null", FEE)),
        OnSample(delete(COSTS, f"amount <> 0 and {FEE}")),
        OnSample(update(COSTS, "counts_as = 'nothing'", f"amount <> 0 and {FEE}")),
    ],
    "assert_costs_explain_the_margin_of_their_order": [
        OnSample(delete(COSTS, f"amount <> 0 and counts_as = '{kind}' and {WITH_MARGIN}"))
        for kind in ("goods", "discount", "refund", "fee")
    ],
    "assert_service_quality_agrees_with_tickets": [
        OnSample(update(QUALITY, "tickets_count = tickets_count + 1")),
        OnSample(update(QUALITY, "rated_tickets_count = rated_tickets_count + 1")),
        OnSample(
            update(
                QUALITY,
                "backlog_tickets_count = backlog_tickets_count + 1",
                f"month_start_date = (select max(month_start_date) from {QUALITY})",
            )
        ),
        OnSample(delete("portrait.marts.fct_tickets")),
    ],
    "assert_every_order_is_reviewed_once": [
        delete(REVIEWS),
        update(REVIEWS, "reasons_count = reasons_count + 1"),
        update(TURNAROUND, "orders_count = orders_count + 1"),
        delete(ORDERS, "order_type <> 'return'"),
    ],
    "assert_margins_add_up_to_the_orders": [
        *(
            OnSample(update(table, f"{column} = {column} {CENT}", "orders_count > 0"))
            for table in (MARGINS, CUSTOMER_MARGINS)
            for column in ("realised_amount", "margin_amount", "shipping_charged_amount")
        ),
        OnSample(update(MARGINS, "orders_count = orders_count + 1")),
        OnSample(delete(CUSTOMER_MARGINS)),
    ],
    "assert_order_lines_and_orders_agree_on_what_they_share": [
        update(LINES, "customer_id = null", "customer_id is not null"),
        update(LINES, "currency = 'EUR'"),
        update(LINES, "ordered_date = date '2020-02-29'"),
    ],
    "assert_rfm_agrees_with_orders": [
        update(RFM, f"monetary_amount = monetary_amount {CENT}"),
        update(RFM, "frequency = frequency + 1"),
        update(RFM, "recency_days = recency_days + 1", BUYER),
        update(PAYMENTS, f"amount = amount {CENT}", "match_rule = 'unmatched_customer'"),
        update(
            PAYMENTS,
            f"goods_amount_local = goods_amount_local {CENT}",
            "match_rule = 'unmatched_customer'",
        ),
    ],
    "assert_segments_agree_with_rfm_and_orders": [
        update(SEGMENTS, "rfm_segment = 'Prospects'", "rfm_segment <> 'Prospects'"),
        update(SEGMENTS, "rfm_segment = 'New'", "rfm_segment = 'Promising'"),
        update(SEGMENTS, "rfm_segment = 'Cannot Lose'", "rfm_segment = 'Hibernating'"),
        update(SEGMENTS, "value_tier = 'negative'", "value_tier = 'top'"),
        update(SEGMENTS, "value_tier = 'zero'", "value_tier = 'top'"),
        update(SEGMENTS, "first_paid_order_date = first_paid_order_date - 1", "value_tier = 'top'"),
        update(SEGMENTS, "last_paid_order_date = last_paid_order_date + 1", "value_tier = 'top'"),
    ],
    "assert_value_changes_add_up_to_purchases": [
        update(CHANGES, "paid_orders_change_count = paid_orders_change_count + 1"),
        update(CHANGES, f"realised_change_amount = realised_change_amount {CENT}"),
        update(
            CHANGES,
            "first_paid_order_date = date '2000-02-29'",
            "first_paid_order_date is not null",
        ),
        update(
            CHANGES, "last_paid_order_date = date '2100-02-28'", "last_paid_order_date is not null"
        ),
        f"update {CHANGES} set first_paid_order_date = null, last_paid_order_date = null",
        f"delete from {CHANGES} where customer_id = (select min(customer_id) from {CHANGES})",
        delete(PURCHASES),
    ],
    "assert_segment_migration_adds_up_to_the_history": [
        delete(HISTORY),
        update(HISTORY, f"monetary_amount = monetary_amount {CENT}"),
        update(HISTORY, "rfm_segment = 'any'"),
        delete(MIGRATION),
        update(MIGRATION, "customers_count = customers_count + 1"),
        update(MIGRATION, f"monetary_amount = monetary_amount {CENT}"),
        update(
            MIGRATION,
            f"monetary_change_amount = monetary_change_amount {CENT}",
            "previous_rfm_segment <> 'New here'",
        ),
        update(
            MIGRATION, "previous_rfm_segment = 'New here'", "previous_rfm_segment <> 'New here'"
        ),
    ],
    "assert_nobody_is_lost_between_month_ends": [
        delete(HISTORY, IN_A_LATER_MONTH),
        update(HISTORY, "customer_id_then = 'c0'", IN_A_LATER_MONTH),
    ],
    "assert_behavior_windows_agree_with_daily_activity": [
        update(BEHAVIOR, f"{column} = {column} + 1") for column in WINDOW_COLUMNS
    ],
    "assert_daily_activity_agrees_with_orders": [
        delete(DAILY, "orders_count > 0"),
        update(DAILY, "orders_count = orders_count + 1"),
        update(DAILY, "paid_orders_count = paid_orders_count + 1"),
        update(DAILY, "valued_paid_orders_count = valued_paid_orders_count + 1"),
        update(DAILY, "items_count = items_count + 1"),
    ],
    "assert_lines_share_the_realised_revenue_of_their_order": [
        update(LINE_REVENUE, f"realised_amount = realised_amount {CENT}"),
        update(LINE_REVENUE, "realised_amount = 1", "realised_amount is null"),
        update(LINE_REVENUE, "sold_quantity = sold_quantity + 1"),
        OnSample(delete(LINE_REVENUE, "order_line_key is null")),
    ],
    "assert_cohorts_agree_with_orders": [
        update(COHORTS, "cohort_customers_count = cohort_customers_count + 1", "month_number = 0"),
        update(COHORTS, "retained_customers_count = retained_customers_count + 1"),
        update(COHORTS, "paid_orders_count = paid_orders_count + 1"),
        update(COHORTS, f"realised_amount = realised_amount {CENT}"),
        OnSample(update(COHORTS, "activity_month = cohort_month", "month_number = 1")),
        delete(COHORTS),
    ],
    "assert_daily_kpis_agree_with_other_marts": [
        *(OnSample(update(KPIS, f"{column} = {column} + 1")) for column in DAILY_SUMS),
        OnSample(
            update(
                KPIS,
                "active_customers_30d_count = active_customers_30d_count + 1",
                f"date_day = (select max(date_day) from {KPIS})",
            )
        ),
        delete(KPIS, "orders_count > 0"),
        delete(CHANNELS),
    ],
    "assert_guests_by_day_and_by_order_agree": [
        OnSample(update(KPIS, "guest_realised_by_day_amount = guest_realised_by_day_amount + 1")),
        OnSample(delete(ORDERS, "customer_kind = 'guest' and realised_amount > 1")),
    ],
    "assert_regions_agree_with_customers": [
        *(update(REGIONS, f"{column} = {column} + 1") for column in REGION_SUMS),
        OnSample(update(REGIONS, "region = 'unknown'", "region <> 'unknown'")),
        delete(REGIONS),
        OnSample(delete(CUSTOMERS)),
    ],
    "assert_penetration_agrees_with_orders": [
        *(
            update(PENETRATION, f"{column} = {column} + 1", f"dimension = '{dimension}'")
            for column in ("buyers_count", "paid_orders_count", "items_count", "realised_amount")
            for dimension in ("all", "channel")
        ),
        *(
            OnSample(update(PENETRATION, f"{column} = {column} + 1", f"dimension = '{dimension}'"))
            for column in ("items_count", "realised_amount")
            for dimension in ("category", "brand")
        ),
    ],
    "assert_seasons_agree_with_orders": [
        *(
            update(SEASONS, f"{column} = {column} + 1", "category = 'all'")
            for column in ("paid_orders_count", "items_count", "realised_amount")
        ),
        *(
            OnSample(update(SEASONS, f"{column} = {column} + 1", "category <> 'all'"))
            for column in ("items_count", "realised_amount")
        ),
        delete(SEASONS, "realised_amount <> 0"),
    ],
    "assert_funnel_agrees_with_orders_and_behavior": [
        *(
            OnSample(
                update(
                    FUNNEL,
                    "customers_count = customers_count + 1",
                    f"channel = '{channel}' and step = '{step}' and segment {segment}",
                )
            )
            for channel, step in (
                *(("shop", "visit"), ("shop", "cart"), ("shop", "paid")),
                *(("all", "order"), ("all", "paid")),
            )
            for segment in (("= 'all'",) if step == "paid" else ("= 'all'", "= 'Champions'"))
        ),
        OnSample(delete(FUNNEL, "customers_count > 0 and step = 'visit' and segment = 'all'")),
    ],
    "assert_refunds_by_day_and_by_order_differ_by_rates_only": [
        update(DAILY, "refunded_amount = refunded_amount + 1", "refunded_amount > 0"),
        update(ORDERS, "refunded_amount = refunded_amount + 1", "refunded_amount > 0"),
        delete(RECONCILIATION, "topic = 'fx_difference' and amount <> 0"),
        delete(RECONCILIATION, "bucket = 'unmatched_guest'"),
    ],
    "assert_sessions_hold_each_event_once": [
        OnSample(fault)
        for fault in (
            delete(SESSIONS),
            repeat(SESSIONS),
            *(update(SESSIONS, f"{column} = {column} + 1") for column in EVENT_COUNTS),
            staged("stg_app__events", "* from {} where event_type <> 'search'"),
            staged(
                "stg_app__events",
                "* replace (case when native_customer_id is not null then 'x' end"
                " as native_customer_id) from {}",
            ),
            update(
                "intermediate.int_events_sessioned",
                "native_device_id = 'another'",
                "not is_session_start and native_device_id is not null",
            ),
        )
    ],
    "assert_daily_activity_agrees_with_sessions": [
        OnSample(fault)
        for fault in (
            delete(SESSIONS, "customer_id is not null"),
            delete(DAILY, "sessions_count > 0"),
            update(SESSIONS, "session_date = session_date - 1", "customer_id is not null"),
            *(
                update(DAILY, f"{column} = {column} + 1")
                for column in (
                    *("sessions_count", "cart_sessions_count", "abandoned_cart_sessions_count"),
                    *EVENT_COUNTS,
                )
            ),
        )
    ],
    "assert_each_shop_order_counts_for_one_session": [
        OnSample(fault)
        for fault in (
            update(SESSIONS, "orders_count = orders_count + 1"),
            update(SESSIONS, "orders_count = 0", "has_order"),
            f"update {ORDERS} set ordered_at = ordered_at - interval 9999 day",
        )
    ],
    "assert_loyalty_agrees_with_orders": [
        update(LOYALTY, f"realised_amount = realised_amount {CENT}"),
        update(LOYALTY, f"main_channel_amount = main_channel_amount {CENT}", "is_repeat"),
        update(LOYALTY, "paid_orders_count = paid_orders_count + 1"),
        update(LOYALTY, "purchase_days_count = purchase_days_count + 1"),
        update(LOYALTY, "channels_used_count = channels_used_count + 1"),
        update(
            LOYALTY,
            "since_first_paid_order_days = since_first_paid_order_days + 1",
            "paid_orders_count > 0",
        ),
        update(LOYALTY, "since_first_paid_order_days = 0", "paid_orders_count = 0"),
    ],
    "assert_hour_slots_hold_each_hour_once": [
        delete(HOURS, "hour_of_day = 11"),
        f"insert into {HOURS} values (11, '13-14')",
        f"insert into {HOURS} values (24, '22-23')",
        update(HOURS, "hour_slot = '06-07'", "hour_of_day = 8"),
        f"update {HOURS} set hour_slot = '22-24' where hour_slot = '22-23'",
        f"update {HOURS} set hour_slot = '00-07' where hour_slot in ('00-05', '06-07')",
    ],
    "activity_levels_hold_each_number_of_days_once": [
        delete(LEVELS, "activity_level = 'low'"),
        update(LEVELS, "from_days = 9", "activity_level = 'high'"),
        update(LEVELS, "to_days = 31", "activity_level = 'high'"),
    ],
    "fct_sessions_flags_say_what_the_counts_say": [
        OnSample(fault)
        for fault in (
            update(SESSIONS, "has_cart_add = not has_cart_add"),
            update(SESSIONS, "has_order = not has_order"),
            update(SESSIONS, "is_cart_abandoned = not is_cart_abandoned"),
            update(SESSIONS, "is_anonymous = not is_anonymous"),
            update(SESSIONS, "record_id = null", "record_id is not null"),
            update(
                SESSIONS,
                "orders_count = 1, has_order = true, is_cart_abandoned = false",
                "is_anonymous",
            ),
        )
    ],
    "fct_sessions_has_events_from_start_to_end": [
        OnSample(fault)
        for fault in (
            update(SESSIONS, "events_count = 0"),
            update(SESSIONS, "clicks_count = events_count + 1"),
            update(SESSIONS, "duration_seconds = duration_seconds + 1"),
            update(SESSIONS, "ended_at = started_at - interval 1 hour, duration_seconds = -3600"),
            update(
                SESSIONS,
                "ended_at = started_at + interval 1 hour, duration_seconds = 3600",
                "events_count = 1",
            ),
        )
    ],
    "fct_customer_daily_activity_events_fit_together": [
        OnSample(fault)
        for fault in (
            update(DAILY, "events_00_05_count = events_00_05_count + 1"),
            update(DAILY, "clicks_count = events_count + 1"),
            update(DAILY, "sessions_count = events_count + 1"),
            update(DAILY, "cart_sessions_count = sessions_count + 1"),
            update(DAILY, "abandoned_cart_sessions_count = cart_sessions_count + 1"),
        )
    ],
    "customer_behavior_30d_visits_fit_together": [
        OnSample(fault)
        for fault in (
            update(BEHAVIOR, "sessions_30d_count = events_30d_count + 1"),
            update(BEHAVIOR, "cart_sessions_prior_30d_count = sessions_prior_30d_count + 1"),
            update(BEHAVIOR, "abandoned_cart_sessions_30d_count = cart_sessions_30d_count + 1"),
            update(BEHAVIOR, "cart_abandonment_30d_pct = 0", "cart_sessions_30d_count = 0"),
            update(BEHAVIOR, "events_22_23_30d_count = events_22_23_30d_count + 1"),
            update(BEHAVIOR, "most_active_hour_slot = null", "events_30d_count > 0"),
            update(BEHAVIOR, "since_last_visit_days = 30", "events_30d_count > 0"),
        )
    ],
    "customer_loyalty_buyers_have_a_first_order_and_a_channel": [
        update(LOYALTY, f"{column} = null", "paid_orders_count > 1")
        for column in (
            *("since_first_paid_order_days", "main_channel", "channels"),
            "first_to_second_order_days",
        )
    ]
    + [
        update(LOYALTY, "is_repeat = not is_repeat"),
        update(LOYALTY, "mean_between_purchases_days = null", "purchase_days_count > 1"),
        update(LOYALTY, "purchase_days_count = 0", "paid_orders_count > 0"),
        update(LOYALTY, "channels_used_count = 0", "paid_orders_count > 0"),
    ],
    "customer_loyalty_counts_and_shares_fit_together": [
        update(LOYALTY, "purchase_days_count = paid_orders_count + 1"),
        update(LOYALTY, "channels_used_count = paid_orders_count + 1"),
        update(LOYALTY, "is_repeat_within_90d = true", "not is_repeat"),
        update(LOYALTY, "main_channel = 'elsewhere'", "paid_orders_count > 0"),
        update(LOYALTY, "main_channel_share_pct = 101", "paid_orders_count > 0"),
        update(LOYALTY, "main_brand_share_pct = -1", "main_brand is not null"),
        update(LOYALTY, "main_brand = null", "main_brand is not null"),
    ],
    "customer_loyalty_points_add_up": [
        update(LOYALTY, f"points_balance = points_balance {CENT}"),
        update(LOYALTY, "points_balance = -1, points_adjusted = -1"),
        update(LOYALTY, "points_spent = -1, points_adjusted = -1 + points_balance - points_earned"),
        update(LOYALTY, "points_expired = -1, points_adjusted = -1"),
        update(LOYALTY, "tier_since_date = as_of_date", "loyalty_tier is null"),
        update(LOYALTY, "points_earned = 1, points_balance = 1", "loyalty_tier is null"),
        update(
            LOYALTY,
            "loyalty_tier = 'any', tier_since_date = as_of_date,"
            " last_tier_upgrade_date = as_of_date - 1",
        ),
    ],
    "customer_loyalty_satisfaction_fits_together": [
        update(LOYALTY, "last_nps_score = 1", "last_nps_score is null"),
        update(LOYALTY, "survey_answers_count = 1", "survey_answers_count = 0"),
        update(LOYALTY, "mean_csat_score = 1", "survey_answers_count = 0"),
        update(
            LOYALTY,
            "last_nps_score = 1, last_nps_group = 'passive', survey_answers_count = 1",
            "last_nps_score is null",
        ),
    ],
    "assert_points_and_surveys_are_counted_once": [
        OnSample(fault)
        for fault in (
            delete(LEDGER, "movement = 'entry'"),
            repeat(LEDGER, "movement = 'entry' and points = 0"),
            delete(SURVEYS),
            repeat(SURVEYS),
            update(LOYALTY, f"points_balance = points_balance {CENT}"),
            update(RECONCILIATION, "rows_count = 0", "bucket = 'points_without_record'"),
        )
    ],
    "customer_loyalty_groups_fit_together": [
        update(LOYALTY, "loyalty_group = 'loyal'", "not is_loyal"),
        update(LOYALTY, "loyalty_group = 'potential'", "not is_potential"),
        update(LOYALTY, "loyalty_group = 'hesitant'", "not is_hesitant"),
        update(LOYALTY, "invited_buyers_count = invited_customers_count + 1"),
        update(LOYALTY, "recommendations_count = recommendations_count + 1"),
        update(LOYALTY, "goodwill_signs_count = 6"),
    ],
    "assert_loyalty_agrees_with_behavior_and_inviters": [
        *(
            update(GROUPED, f"{column}_30d_count = {column}_30d_count + 1")
            for column in ("paid_orders", "product_views", "cart_adds")
        ),
        delete(GROUPED),
        update(LOYALTY, "invited_customers_count = invited_customers_count + 1"),
        OnSample(
            update(CUSTOMERS, "inviter_customer_id = null", "inviter_customer_id is not null")
        ),
    ],
    "fct_tickets_close_what_is_closed": [
        f"{TICKET} 'open' as ticket_status, timestamp '2026-06-02' as closed_at, {SINCE}",
        f"{TICKET} 'open' as ticket_status, -1 as first_answer_seconds, {SINCE}",
        f"{TICKET} 'closed' as ticket_status, -1 as resolution_seconds, {SINCE}",
        f"{TICKET} 'open' as ticket_status, 'c' as customer_id, {SINCE}",
        f"{TICKET} 'open' as ticket_status, 'shop:C' as record_id, {SINCE}",
    ],
    "customer_needs_counts_fit_together": [
        *(
            update(NEEDS, change)
            for change in (
                "open_tickets_count = tickets_count + 1",
                "tickets_90d_count = tickets_count + 1",
                "low_rated_reviews_count = ratings_count + 1",
                "ratings_count = reviews_count + 1",
                "unmet_searches_90d_count = searches_90d_count + 1",
                "repeated_searches_90d_count = unmet_searches_90d_count + 1",
                "stated_needs_count = stated_needs_count + 1",
            )
        ),
        update(NEEDS, "pain_points_count = 1", "pain_points_count = 0"),
        update(NEEDS, "last_complaint_date = as_of_date", "pain_points_count = 0"),
        update(NEEDS, "last_ticket_date = as_of_date", "tickets_count = 0"),
        update(NEEDS, "last_unmet_search_date = as_of_date", "unmet_searches_90d_count = 0"),
        update(NEEDS, "open_cart_product_ids = 'shop:A'", "open_cart_products_30d_count = 0"),
        update(NEEDS, "satisfaction_trend = 'up'", "satisfaction_trend = 'unknown'"),
        OnSample(update(NEEDS, "likely_next_category = null", "likely_next_category is not null")),
        OnSample(update(NEEDS, "searches_90d_count = 0", "unmet_searches_90d_count > 0")),
    ],
    "customer_habits_have_orders_behind_them": [
        *(
            OnSample(update(HABITS, f"{habit}_orders_count = 0", f"{habit}_orders_count > 0"))
            for habit in ("payment_method", "system", "hour_slot")
        ),
        *(
            update(HABITS, f"usual_{habit} = 'x'", f"{orders}_orders_count = 0")
            for habit, orders in (
                ("store_id", "store"),
                ("information_channel", "information_channel"),
            )
        ),
        OnSample(update(HABITS, "usual_system_share_pct = 101", "system_orders_count > 0")),
        update(HABITS, "viewed_purchases_count = 1", "viewed_purchases_count = 0"),
        OnSample(update(HABITS, "median_view_to_purchase_days = -1", "viewed_purchases_count > 0")),
        OnSample(update(HABITS, "median_events_per_session = 0", "sessions_count > 0")),
        OnSample(update(HABITS, "single_event_sessions_share_pct = 101", "sessions_count > 0")),
    ],
    "assert_needs_and_habits_agree_with_the_facts": [
        delete(NEEDS),
        delete(HABITS),
        update(NEEDS, "tickets_count = tickets_count + 1"),
        update(NEEDS, "open_tickets_count = open_tickets_count + 1"),
        INTERACTION,
        REVIEW,
        PROFILE,
        update(NEEDS, "last_nps_score = coalesce(last_nps_score, 0) + 1"),
        update(HABITS, "sessions_count = sessions_count + 1"),
        update(HABITS, "system_orders_count = system_orders_count + 1"),
    ],
    "assert_service_rows_are_facts_or_after_the_as_of_date": [
        f"{TICKET} 'open' as ticket_status, {SINCE}",
        INTERACTION,
        REVIEW,
        PROFILE,
        OnSample(delete(CONTACTS)),
    ],
    "assert_profile_segments_agree_with_golden_records_and_orders": [
        *(
            update(SEGMENTS, f"{column} = 'unknown'", f"{column} <> 'unknown'")
            for column in ("age_band", "demographic_segment", "geographic_segment", "city_level")
        ),
        *(
            OnSample(update(SEGMENTS, f"{column} = 'other'", f"{column} = 'unknown'"))
            for column in ("occupation_group", "income_group")
        ),
        OnSample(update(CUSTOMERS, "gender = 'other'", "gender = 'male'")),
        update(SEGMENTS, "behavior_segment = 'frequent'", "behavior_segment = 'inactive'"),
    ],
    "assert_rfm_agreement_counts_each_buyer_once": [
        delete(AGREEMENT),
        update(AGREEMENT, "customers_count = customers_count + 1"),
        update(AGREEMENT, "is_same_score = not is_same_score"),
        delete(RFM, BUYER),
    ],
    "reconciliation_returns_have_a_rule": [
        update(RECONCILIATION, "bucket = 'somehow'", "topic = 'returns_by_rule'")
    ],
    "order_status_map_holds_words_as_they_are_looked_up": [
        update("reference.order_status_map", f"status_word = '{word}'") for word in WORDS
    ],
    "line_kind_words_holds_words_as_they_are_looked_up": [
        update("reference.line_kind_words", f"line_word = '{word}'") for word in WORDS
    ],
    "payment_status_map_holds_words_as_they_are_looked_up": [
        update("reference.payment_status_map", f"status_word = '{word}'") for word in WORDS
    ],
    "order_type_words_holds_words_as_they_are_looked_up": [
        update("reference.order_type_words", f"order_type_word = '{word}'") for word in WORDS
    ],
    "payment_type_words_holds_words_as_they_are_looked_up": [
        update("reference.payment_type_words", f"payment_type_word = '{word}'") for word in WORDS
    ],
    "order_status_map_says_one_thing_of_a_word": [
        update("reference.order_status_map", "is_cancelled = true", "is_paid"),
        update("reference.order_status_map", "is_refunded = true", "status = 'placed'"),
        update("reference.order_status_map", "is_refunded = true", "status = 'shipped'"),
    ],
    "payment_status_map_says_one_thing_of_a_word": [
        update("reference.payment_status_map", "is_succeeded = true", "status = 'pending'"),
        update("reference.payment_status_map", "is_succeeded = false", "status = 'succeeded'"),
        update("reference.payment_status_map", "is_refunded = true", "status = 'failed'"),
    ],
    "unknown_words_hold_no_more_undecided_money_than_money": [
        OnSample(update(UNKNOWN_WORDS, "undecided_amount = -1")),
        OnSample(update(UNKNOWN_WORDS, "undecided_amount = amount + 1")),
    ],
    "pain_point_words_holds_words_as_they_are_looked_up": [
        update("reference.pain_point_words", "pain_point_word = 'Late-Delivery'")
    ],
    "contact_channel_words_holds_words_as_they_are_looked_up": [
        update("reference.contact_channel_words", "contact_channel_word = 'E-Mail'")
    ],
    "contact_direction_words_holds_words_as_they_are_looked_up": [
        update("reference.contact_direction_words", "contact_direction_word = 'Inbound'")
    ],
    "ticket_status_words_holds_words_as_they_are_looked_up": [
        update("reference.ticket_status_words", "ticket_status_word = 'Re_opened'")
    ],
    "marital_status_words_holds_words_as_they_are_looked_up": [
        update("reference.marital_status_words", "marital_status_word = 'Married'")
    ],
    "education_words_holds_words_as_they_are_looked_up": [
        update("reference.education_words", "education_word = 'High-School'")
    ],
    "home_words_holds_words_as_they_are_looked_up": [
        update("reference.home_words", "home_word = 'Rented'")
    ],
    "organisation_kind_words_holds_words_as_they_are_looked_up": [
        update("reference.organisation_kind_words", "organisation_kind_word = 'Company'")
    ],
    "device_price_words_holds_words_as_they_are_looked_up": [
        update("reference.device_price_words", "device_price_word = 'High-End'")
    ],
    "audience_words_holds_words_as_they_are_looked_up": [
        update("reference.audience_words", "audience_word = 'Women'")
    ],
    "referrer_words_holds_words_as_they_are_looked_up": [
        update("reference.referrer_words", "referrer_word = 'E-Mail'")
    ],
    "order_event_words_holds_words_as_they_are_looked_up": [
        update("reference.order_event_words", "order_event_word = 'In-Transit'")
    ],
    "order_cost_words_holds_words_as_they_are_looked_up": [
        update("reference.order_cost_words", "order_cost_word = 'Freight'")
    ],
    "campaign_channel_words_holds_words_as_they_are_looked_up": [
        update("reference.campaign_channel_words", "campaign_channel_word = 'E-Mail'")
    ],
    "campaign_kind_words_holds_words_as_they_are_looked_up": [
        update("reference.campaign_kind_words", "campaign_kind_word = 'Win-Back'")
    ],
    "holdout_words_holds_words_as_they_are_looked_up": [
        update("reference.holdout_words", "holdout_word = 'Control_Group'")
    ],
    "null_words_holds_words_as_they_are_looked_up": [
        update("reference.null_words", "null_word = 'N/A'", "null_word = 'n/a'")
    ],
    "placeholder_numbers_holds_words_as_they_are_looked_up": [
        update("reference.placeholder_numbers", "placeholder = 'Guest'", "placeholder = 'guest'")
    ],
    "boolean_words_holds_words_as_they_are_looked_up": [
        update("reference.boolean_words", "boolean_word = 'Yes'", "boolean_word = 'yes'")
    ],
    "currency_words_holds_words_as_they_are_looked_up": [
        update("reference.currency_words", "currency_word = 'Euro'"),
        update("reference.currency_words", "currency = 'EURO'"),
    ],
    "zone_words_holds_words_as_they_are_looked_up": [
        update("reference.zone_words", "zone_word = 'cet'", "zone_word = 'CET'"),
        update("reference.zone_words", "utc_offset = '+1'", "zone_word = 'CET'"),
    ],
    "erased_accounts_holds_values_as_they_are_looked_up": [
        update("reference.erased_accounts", "value_pattern = 'Deleted@%'")
    ],
    "gender_words_holds_words_as_they_are_looked_up": [
        update("reference.gender_words", "gender_word = 'Frau'")
    ],
    "country_names_holds_words_as_they_are_looked_up": [
        update("reference.country_names", "country_name = 'Utopia'")
    ],
    "rfm_fixed_thresholds_hold_each_value_once": [
        delete(THRESHOLDS, "measure = 'frequency' and score = 3"),
        f"delete from {THRESHOLDS} where measure = 'monetary_amount'",
        update(THRESHOLDS, "below = 91", "measure = 'recency_days' and score = 4"),
        update(THRESHOLDS, "at_least = 0", "measure = 'monetary_amount' and score = 1"),
        update(THRESHOLDS, "below = 999", "measure = 'recency_days' and score = 1"),
        f"insert into {THRESHOLDS} values ('monetary_amount', 'EUR', 1, null, 50)",
    ],
    "rfm_fixed_thresholds_of_amounts_have_a_currency": [
        update(THRESHOLDS, "currency = null", "measure = 'monetary_amount' and score = 5"),
        update(THRESHOLDS, "currency = 'cny'", "measure = 'monetary_amount' and score = 5"),
        update(THRESHOLDS, "currency = 'CNY'", "measure = 'frequency' and score = 5"),
    ],
    "value_group_cuts_fixed_have_a_value": [
        update("reference.value_group_cuts", "method = 'fixed'")
    ],
    "loyalty_tiers_hold_each_number_of_points_once": [
        delete("reference.loyalty_tiers", "loyalty_tier = 'silver'"),
        update("reference.loyalty_tiers", "from_points = 1", "tier_level = 1"),
    ],
    "survey_score_groups_hold_each_score_once": [
        delete("reference.survey_score_groups", "score_group = 'passive'"),
        update("reference.survey_score_groups", "to_score = 12", "score_group = 'promoter'"),
        delete("reference.survey_score_groups", "survey_kind = 'csat' and to_score is null"),
    ],
    "behavior_segments_leave_nobody_out": [
        f"delete from {BEHAVIORS}",
        delete(BEHAVIORS, "behavior_segment = 'inactive'"),
        update(BEHAVIORS, "minimum_visit_days_30d = null", "behavior_segment = 'potential'"),
    ],
    "loyalty_groups_leave_nobody_out": [
        update(LOYALTY_GROUPS, "maximum_paid_orders = 0", "loyalty_group = 'other'"),
        update(LOYALTY_GROUPS, "minimum_paid_orders = null", "loyalty_group = 'buyer'"),
        update(LOYALTY_GROUPS, "loyalty_group = 'undecided'", "loyalty_group = 'hesitant'"),
    ],
    "age_bands_hold_each_age_once": [
        delete("reference.age_bands", "age_band = '25-34'"),
        update("reference.age_bands", "from_age = 17", "age_band = '18-24'"),
        update("reference.age_bands", "to_age = 99", "to_age is null"),
    ],
    "region_groups_holds_words_as_they_are_looked_up": [
        update("reference.region_groups", "region_word = 'Beijing'"),
        update("reference.region_groups", "country_code = 'cn'"),
    ],
    "city_levels_holds_words_as_they_are_looked_up": [
        update("reference.city_levels", "city_word = 'Beijing'"),
        update("reference.city_levels", "country_code = 'cn'"),
    ],
    "occupation_groups_holds_words_as_they_are_looked_up": [
        update("reference.occupation_groups", "occupation_pattern = '%Lawyer%'")
    ],
    "income_groups_holds_words_as_they_are_looked_up": [
        update("reference.income_groups", "income_word = '40K+'")
    ],
    "value_tiers_hold_each_share_once": [
        delete(TIERS, "value_tier = 'high'"),
        update(TIERS, "from_share_below = 0.4", "value_tier = 'medium'"),
    ],
    "lifecycle_stages_hold_each_day_once": [
        delete(STAGES, "lifecycle_stage = 'lost'"),
        update(STAGES, "from_days = 90", "lifecycle_stage = 'sleeping'"),
        f"insert into {STAGES} values ('newest', 'days_since_first_order', 0, 7)",
    ],
    "customer_rfm_scores_buyers_and_nobody_else": [
        update(RFM, f"{column} = null", BUYER)
        for column in ("recency_days", "rfm_code", "monetary_score", "fixed_recency_score")
    ],
    "customer_rfm_code_is_the_three_scores": [
        update(RFM, "rfm_code = '000'", BUYER),
        update(RFM, "fixed_rfm_code = '000'", BUYER),
    ],
    "relation_keys_bound_their_pairs": [
        update("reference.relation_keys", "maximum_customers = 1"),
        update("reference.relation_keys", "maximum_customers = 5000"),
        update("reference.relation_keys", "maximum_family_names = 0"),
    ],
    "risk_rules_of_one_sign_stay_below_medium": [
        update("reference.risk_rules", "points = 40", "not is_compound"),
        update("reference.risk_rules", "is_compound = null", "points >= 40"),
    ],
    "risk_bands_hold_each_score_once": [
        delete("reference.risk_bands", "risk_band = 'low'"),
        update("reference.risk_bands", "to_score = 50", "risk_band = 'low'"),
        update("reference.risk_bands", "from_score = 1", "risk_band = 'none'"),
    ],
    "customer_relations_are_of_two_and_have_evidence": [
        OnSample(update(RELATIONS, "related_customer_id = customer_id")),
        OnSample(update(RELATIONS, "evidence = ''")),
        OnSample(update(RELATIONS, "evidence_sources_count = 0")),
    ],
    "customer_households_are_no_larger_than_allowed": [
        update(HOUSEHOLDS, "household_customers_count = 0"),
        update(HOUSEHOLDS, "household_customers_count = 99, is_shared = true"),
        update(HOUSEHOLDS, "is_shared = not is_shared"),
    ],
    "customer_invitations_hold_the_direct_ones": [
        update(INVITATIONS, "invited_customers_count = all_invited_customers_count + 1"),
        update(INVITATIONS, "invitation_depth = 1", "inviter_customer_id is null"),
        update(INVITATIONS, "root_customer_id = 'nobody'", "invitation_depth = 0"),
    ],
    "customer_risk_reasons_have_evidence": [
        OnSample(update(REASONS, "cases_count = 0")),
        OnSample(update(REASONS, "evidence = ''")),
    ],
    "customer_risk_has_a_reason_for_each_score": [
        update(RISK, "risk_score = 101, points = 101"),
        update(RISK, "risk_score = 5, points = 5, reason_1_code = null"),
        update(RISK, "risk_score = 0, list_status = 'allowed', reason_1_code = 'emulator'"),
        update(RISK, "risk_score = 99, list_status = 'blocked', reason_1_code = 'blocked'"),
        update(RISK, "points = risk_score + 1", "risk_score < 100"),
    ],
    "assert_relations_agree_with_households_and_invitations": [
        update(HOUSEHOLDS, "household_customers_count = household_customers_count + 1"),
        update(INVITATIONS, "invited_customers_count = invited_customers_count + 1"),
        update(INVITATIONS, "inviter_customer_id = 'nobody'"),
        delete(INVITATIONS),
        OnSample(delete(RELATIONS, "relation_kind = 'household'")),
        OnSample(delete(RELATIONS, "relation_kind = 'inviter'")),
    ],
    "assert_risk_agrees_with_its_reasons": [
        update(RISK, "points = points + 1"),
        update(RISK, "reasons_count = reasons_count + 1"),
        update(RISK, "reason_1_code = 'nothing'"),
        OnSample(delete(REASONS)),
    ],
    "assert_strategies_keep_to_consent": [
        delete(STRATEGY),
        OnSample(update(CUSTOMERS, "has_email_consent = false", WRITTEN_TO.format("mail"))),
        OnSample(update(CUSTOMERS, "has_sms_consent = null", WRITTEN_TO.format("message"))),
        OnSample(update(CUSTOMERS, "email = null", WRITTEN_TO.format("mail"))),
        OnSample(update(CUSTOMERS, "phone = null", WRITTEN_TO.format("message"))),
        OnSample(update(MEMBERS, "arm = 'holdout'", WRITTEN_TO.format("mail"))),
        OnSample(
            update(
                CONTACTS,
                "is_holdout = true, is_window_over = false",
                f"{WRITTEN_TO.format('mail')} and not is_holdout",
            )
        ),
        OnSample(
            update(
                CONTACTS,
                "is_unsubscribed = true, campaign_channel = null",
                f"{WRITTEN_TO.format('message')} and not is_unsubscribed",
            )
        ),
        OnSample(
            f"insert into {EXCLUSIONS} select customer_id, 'erased account' from {STRATEGY}"
            " where channel = 'message' limit 1"
        ),
        # Somebody else who refused has the address of somebody who is written to.
        OnSample(
            update(
                CUSTOMERS,
                f"email = (select max(email) from {CUSTOMERS} where {WRITTEN_TO.format('mail')})",
                "has_email_consent is false",
            )
        ),
        update(STRATEGY, "strategy_code = 'nothing'"),
    ],
    "customer_strategy_options_value_follows_its_formula": [
        OnSample(
            update(OPTIONS, "expected_value_amount = expected_value_amount + 1", MEASURED_OPTION)
        ),
        OnSample(update(OPTIONS, "value_basis = 'not_measured'", MEASURED_OPTION)),
        OnSample(
            update(
                OPTIONS, "lower_expected_value_amount = expected_value_amount + 1", MEASURED_OPTION
            )
        ),
    ],
    "customer_strategy_options_keep_to_the_cap": [
        OnSample(update(OPTIONS, "contacts_recent_count = 4", OPEN_MAIL)),
        OnSample(update(OPTIONS, "expected_value_amount = -1", OPEN_MAIL)),
    ],
    "customer_strategy_leaves_alone_whom_nothing_is_for": [
        OnSample(update(STRATEGY, "strategy_code = 'regular'", LEFT_ALONE)),
        OnSample(update(STRATEGY, "channel = 'mail'", LEFT_ALONE)),
        OnSample(update(STRATEGY, "expected_value_amount = 1", LEFT_ALONE)),
    ],
    "rpt_campaign_kind_lifts_lie_between_their_bounds": [
        OnSample(update(KIND_LIFTS, "extra_orders_per_100_count = null", WAS_MEASURED)),
        OnSample(
            update(
                KIND_LIFTS,
                "lift_status = 'measured', lower_extra_orders_per_100_count = 1000,"
                " upper_extra_orders_per_100_count = 2000",
                WAS_MEASURED,
            )
        ),
        OnSample(update(KIND_LIFTS, "lift_status = 'not_measured'", WAS_MEASURED)),
        OnSample(update(KIND_LIFTS, "lift_status = 'measured'", "lift_status = 'too_few'")),
        OnSample(
            update(
                KIND_LIFTS,
                "lift_status = 'measured', lower_extra_orders_per_100_count = -1000,"
                " upper_extra_orders_per_100_count = 1000,"
                " expected_extra_orders_per_100_count = null",
                WAS_MEASURED,
            )
        ),
        OnSample(update(KIND_LIFTS, "upper_expected_extra_orders_per_100_count = -1000")),
    ],
    "fct_campaign_contacts_steps_follow_each_other": [
        OnSample(update(CONTACTS, "is_sent = false", "is_delivered")),
        OnSample(update(CONTACTS, "is_clicked = true", "not is_clicked")),
        OnSample(update(CONTACTS, "contact_status = 'sent'", "is_holdout")),
    ],
    "fct_campaign_contacts_only_the_known_answer": [
        OnSample(update(CONTACTS, "customer_id = null", "customer_id is not null")),
        OnSample(update(CONTACTS, "window_end_date = assigned_date - 1")),
        OnSample(update(CONTACTS, "paid_orders_count = -1")),
    ],
    "assert_every_campaign_contact_is_a_fact_or_later": [
        OnSample(delete(CONTACTS)),
        OnSample(update(CONTACTS, "campaign_contact_id = 'another'")),
    ],
    "rpt_campaign_performance_claims_no_lift_without_a_holdout": [
        OnSample(update(PERFORMANCE, "lift_status = 'no_holdout'", "lift_status = 'measured'")),
        OnSample(update(PERFORMANCE, "holdout_customers_count = 0", "lift_status = 'measured'")),
        OnSample(
            update(PERFORMANCE, "lower_response_lift_points = 100", "lift_status = 'measured'")
        ),
        OnSample(update(PERFORMANCE, "response_lift_points = 0", "lift_status = 'no_holdout'")),
    ],
    "rpt_campaign_performance_judges_no_lift_of_too_few": [
        OnSample(update(PERFORMANCE, "response_unjudged_reason = null")),
        OnSample(update(PERFORMANCE, "realised_unjudged_reason = null")),
        OnSample(
            update(PERFORMANCE, "response_p_value = 0.5", "response_unjudged_reason = 'too_few'")
        ),
        OnSample(
            update(PERFORMANCE, "realised_p_value = 0.5", "realised_unjudged_reason = 'too_few'")
        ),
        OnSample(
            update(
                PERFORMANCE,
                "realised_p_value = 0.5, realised_unjudged_reason = 'window_open'",
                "responders_count < 10",
            )
        ),
        OnSample(
            update(PERFORMANCE, "is_response_lift_sure = true", "response_unjudged_reason <> ''")
        ),
        OnSample(
            update(PERFORMANCE, "is_realised_lift_sure = true", "realised_unjudged_reason <> ''")
        ),
    ],
    "rpt_campaign_performance_counts_fit_together": [
        OnSample(update(PERFORMANCE, "clicked_contacts_count = opened_contacts_count + 1")),
        OnSample(update(PERFORMANCE, "opened_contacts_count = delivered_contacts_count + 1")),
        OnSample(update(PERFORMANCE, "delivered_contacts_count = sent_contacts_count + 1")),
        OnSample(update(PERFORMANCE, "sent_contacts_count = contacts_count + 1")),
        OnSample(update(PERFORMANCE, "responders_count = customers_count + 1")),
        OnSample(update(PERFORMANCE, "paid_orders_count = 0", "responders_count > 0")),
        OnSample(update(PERFORMANCE, "response_holm_p_value = -1", "response_p_value is not null")),
        OnSample(update(PERFORMANCE, "realised_holm_p_value = -1, realised_p_value = 0.5")),
    ],
    "rpt_campaign_fatigue_counts_fit_together": [
        OnSample(update(FATIGUE, "clicked_contacts_count = opened_contacts_count + 1")),
        OnSample(update(FATIGUE, "opened_contacts_count = delivered_contacts_count + 1")),
        OnSample(update(FATIGUE, "delivered_contacts_count = contacts_count + 1")),
        OnSample(update(FATIGUE, "customers_count = contacts_count + 1")),
        OnSample(update(FATIGUE, "responses_count = contacts_count + 1")),
        OnSample(update(FATIGUE, "lower_response_pct = 100")),
    ],
    "assert_campaign_reports_agree_with_the_contacts": [
        OnSample(update(PERFORMANCE, "contacts_count = contacts_count + 1")),
        OnSample(update(PERFORMANCE, "customers_count = customers_count + 1")),
        OnSample(delete(PERFORMANCE, "scheme = 'rfm_segment'")),
        OnSample(delete(CONTACTS)),
        OnSample(update(FATIGUE, "contacts_count = contacts_count + 1")),
        OnSample(update(CONTACTS, "realised_amount = 1000", "is_first_of_customer")),
    ],
    "rpt_coupon_performance_counts_fit_together": [
        OnSample(update(COUPON_REPORT, "customers_count = paid_orders_count + 1")),
        OnSample(update(COUPON_REPORT, "redeeming_customers_count = issued_customers_count + 1")),
        OnSample(update(COUPON_REPORT, "issues_to_everybody_count = issues_count + 1")),
        OnSample(update(COUPON_REPORT, "abuse_orders_count = paid_orders_count + 1")),
        OnSample(update(COUPON_REPORT, "orders_of_others_count = abuse_orders_count + 1")),
        OnSample(update(COUPON_REPORT, "outside_validity_orders_count = abuse_orders_count + 1")),
        OnSample(update(COUPON_REPORT, "orders_of_suspects_count = abuse_orders_count + 1")),
        OnSample(update(COUPON_REPORT, "break_even_pct = 5, margin_amount = -1")),
    ],
    "rpt_acquisition_channels_counts_fit_together": [
        OnSample(update(ACQUISITION, "customers_365d_count = customers_90d_count + 1")),
        OnSample(update(ACQUISITION, "customers_90d_count = new_customers_count + 1")),
        OnSample(
            update(ACQUISITION, "realised_90d_per_customer_amount = 1, customers_90d_count = 0")
        ),
        OnSample(
            update(ACQUISITION, "realised_365d_per_customer_amount = 1, customers_365d_count = 0")
        ),
        OnSample(update(ACQUISITION, "payback_days = 1, cost_amount = null")),
        OnSample(update(ACQUISITION, "is_paid_back = null", "cost_amount > 0")),
        OnSample(update(ACQUISITION, "is_paid_back = not is_paid_back")),
    ],
    "rpt_referrals_counts_fit_together": [
        OnSample(update(REFERRALS, "referral_role = 'invited'", "invitation_depth = 0")),
        OnSample(update(REFERRALS, "buyers_count = customers_count + 1")),
        OnSample(update(REFERRALS, "inviters_count = customers_count + 1")),
        OnSample(update(REFERRALS, "chains_count = customers_count + 1")),
        OnSample(update(REFERRALS, "inviters_count = 1", "referral_role = 'alone'")),
    ],
    "assert_acquisition_and_referrals_count_each_customer_once": [
        OnSample(update(ACQUISITION, "new_customers_count = new_customers_count + 1")),
        OnSample(update(ACQUISITION, "cost_amount = cost_amount + 1", "cost_amount is not null")),
        OnSample(update(REFERRALS, "customers_count = customers_count + 1")),
        OnSample(update(REFERRALS, "realised_amount = realised_amount + 1")),
    ],
    "churn_risk_bands_hold_each_probability_once": [
        delete(RISK_BANDS, "churn_risk_band = 'low'"),
        update(RISK_BANDS, "to_probability = 0.6", "churn_risk_band = 'low'"),
        update(RISK_BANDS, "from_probability = 0.95", "churn_risk_band = 'lost'"),
        f"insert into {RISK_BANDS} values ('never', 0.8, 0.7)",
    ],
    "customer_lifetime_value_scores_buyers_and_nobody_else": [
        *(
            update(LIFETIME_VALUE, f"{column} = null", "repeat_days_count is not null")
            for column in (
                *("p_alive", "is_one_timer", "expected_purchases_30d_count", "overdue_factor"),
                *("no_purchase_30d_probability", "no_purchase_90d_probability"),
                *("expected_purchase_amount", "lifetime_value_amount"),
                "lifecycle_stage_since_date",
            )
        ),
        update(LIFETIME_VALUE, "expected_purchases_30d_count = 0", "repeat_days_count is null"),
        update(LIFETIME_VALUE, "expected_purchases_30d_count = -1", "p_alive is not null"),
        update(LIFETIME_VALUE, "expected_purchases_90d_count = 0", "p_alive > 0.9"),
        update(LIFETIME_VALUE, "expected_purchases_365d_count = 0", "p_alive > 0.9"),
        update(LIFETIME_VALUE, "no_purchase_30d_probability = 0", "p_alive is not null"),
        update(LIFETIME_VALUE, "no_purchase_365d_probability = 1", "p_alive > 0.9"),
        update(LIFETIME_VALUE, "purchase_model = null", "p_alive is not null"),
        update(LIFETIME_VALUE, "value_model = null", "p_alive is not null"),
    ],
    "customer_lifetime_value_bands_what_was_measured": [
        OnSample(update(LIFETIME_VALUE, "churn_risk_band = null", "churn_probability is not null")),
        update(LIFETIME_VALUE, "churn_risk_band = 'low'", "repeat_days_count is null"),
        update(
            LIFETIME_VALUE,
            "churn_risk_band = 'low', churn_probability = 0.1",
            "repeat_days_count is null",
        ),
    ],
    "customer_lifetime_value_knows_its_one_timers": [
        update(LIFETIME_VALUE, "is_one_timer = true", "repeat_days_count > 0"),
        OnSample(update(LIFETIME_VALUE, "p_alive = 0.5", "is_one_timer")),
    ],
    "customer_segments_prospects_never_paid_an_order": [
        update(SEGMENTS, "rfm_segment = 'Prospects'", "last_paid_order_date is not null"),
        update(SEGMENTS, "lifecycle_stage = 'prospect'", "last_paid_order_date is not null"),
        update(SEGMENTS, "value_group_pattern = null", "last_paid_order_date is not null"),
    ],
    "customer_behavior_30d_net_is_gross_less_discount": [
        update(BEHAVIOR, f"net_30d_amount = net_30d_amount {CENT}"),
        update(BEHAVIOR, f"discount_prior_30d_amount = discount_prior_30d_amount {CENT}"),
    ],
    "customer_behavior_30d_counts_fit_together": [
        update(BEHAVIOR, "paid_orders_30d_count = orders_30d_count + 1"),
        update(BEHAVIOR, "order_days_30d_count = 0", "orders_30d_count > 0"),
        update(
            BEHAVIOR, "active_days_30d_count = order_days_30d_count - 1", "orders_30d_count > 0"
        ),
        update(BEHAVIOR, "active_days_30d_count = order_days_30d_count + events_30d_count + 1"),
        update(BEHAVIOR, "active_days_prior_30d_count = 31, events_prior_30d_count = 31"),
    ],
    "customer_behavior_30d_rates_need_something_to_divide_by": [
        update(BEHAVIOR, "return_rate_30d_pct = 0", "orders_30d_count = 0"),
        update(BEHAVIOR, "average_order_value_30d_amount = 1", "paid_orders_30d_count = 0"),
        update(BEHAVIOR, "return_rate_prior_30d_pct = null", "orders_prior_30d_count > 0"),
    ],
    "fct_customer_daily_activity_net_is_gross_less_discount": [
        update(DAILY, f"gross_amount = gross_amount {CENT}"),
        update(DAILY, "net_amount = null", "gross_amount is not null"),
    ],
    "fct_customer_daily_activity_realised_is_what_is_left_of_net": [
        update(DAILY, f"realised_amount = realised_amount {CENT}"),
    ],
    "fct_customer_daily_activity_counts_fit_together": [
        update(DAILY, "paid_orders_count = orders_count + 1"),
        update(DAILY, "valued_paid_orders_count = paid_orders_count + 1"),
        update(DAILY, "returned_orders_count = orders_count + 1"),
    ],
    "dim_dates_week_starts_on_monday": [
        update("portrait.marts.dim_dates", "week_start_date = week_start_date - 1"),
        update("portrait.marts.dim_dates", "month_start_date = month_start_date + 1"),
    ],
    "fct_orders_net_is_gross_less_discount": [
        update(ORDERS, f"gross_amount_local = gross_amount_local {CENT}")
    ],
    "fct_orders_total_is_goods_and_charges": [
        update(ORDERS, f"{column}_amount_local = {column}_amount_local {CENT}")
        for column in ("total", "net", "shipping", "tax", "tip", "gift_card", "other_charge")
    ],
    "fct_orders_realised_is_what_is_left_of_net": [
        update(ORDERS, f"{column}_amount_local = {column}_amount_local {CENT}")
        for column in ("realised", "net", "cancelled", "refunded", "open", "applied_return")
    ],
    "fct_orders_realised_is_what_is_left_of_net_also_converted": [
        update(ORDERS, "realised_amount = realised_amount + 0.001", "has_fx_rate")
    ],
    "fct_orders_converts_where_there_is_a_rate": [
        update(ORDERS, "net_amount = 1", "not has_fx_rate"),
        update(ORDERS, "realised_amount = null", "has_fx_rate"),
        update(ORDERS, "gross_amount = null", "has_fx_rate"),
    ],
    "fct_orders_margin_is_realised_less_cost_and_fees": [
        update(ORDERS, f"margin_amount = margin_amount {CENT}", "margin_amount is not null"),
        update(ORDERS, f"fee_amount = fee_amount {CENT}", "margin_amount is not null"),
        update(ORDERS, "margin_amount = null", "margin_amount is not null"),
    ],
    "fct_orders_coupons_have_a_status": [
        update(ORDERS, "coupon_status = 'valid'", "coupon_code is null"),
        update(ORDERS, "coupon_status = 'none'", "coupon_code is not null"),
        OnSample(update(ORDERS, "coupon_id = null", "coupon_status = 'valid'")),
        OnSample(update(ORDERS, "coupon_status = 'unknown'", "coupon_status = 'valid'")),
    ],
    "fct_orders_guest_has_no_customer": [
        update(ORDERS, "customer_kind = 'known'", "customer_kind = 'guest'"),
        update(ORDERS, "record_id = null", "customer_kind = 'known'"),
    ],
    "fct_orders_is_cancelled_open_or_paid": [
        update(ORDERS, "is_paid = true", "is_cancelled"),
        update(ORDERS, "is_paid = true", "order_type = 'return'"),
        update(ORDERS, "open_amount_local = 1", "is_paid"),
        update(ORDERS, "open_amount_local = 1", "is_cancelled"),
        update(ORDERS, "cancelled_amount_local = 1", "not is_cancelled"),
    ],
    "fct_orders_return_takes_back": [
        update(ORDERS, "net_amount_local = 1", "order_type = 'return'")
    ],
    "fct_order_lines_net_is_gross_less_discount": [
        update(LINES, f"discount_amount_local = discount_amount_local {CENT}")
    ],
    "fct_order_lines_gross_is_quantity_times_price": [
        update(LINES, "quantity = quantity * 2", "gross_amount_local <> 0")
    ],
    "fct_order_lines_charges_say_which": [
        update(LINES, "charge_kind = null", "line_type = 'charge'")
    ],
    "fct_order_lines_converts_where_there_is_a_rate": [
        update(LINES, f"{column}_amount = null", "gross_amount is not null")
        for column in ("net", "returned", "matched")
    ],
    "fct_order_lines_type_is_the_sign_of_the_quantity": [
        update(LINES, "quantity = -quantity", "quantity <> 0"),
        update(LINES, "line_type = 'sale'", RETURN),
    ],
    "fct_order_lines_return_no_more_than_sold": [
        update(LINES, "returned_quantity = quantity + 0.5", SALE),
        update(LINES, "returned_quantity = 1", RETURN),
        update(LINES, "returned_quantity = -1", SALE),
    ],
    "fct_order_lines_match_no_more_than_returned": [
        update(LINES, "matched_quantity = 0.5 - quantity", RETURN),
        update(LINES, "matched_quantity = 1", SALE),
        update(LINES, "matched_quantity = -1", RETURN),
    ],
    "fct_order_costs_converts_where_there_is_a_rate": [
        OnSample(update(COSTS, "amount = null", "fx_rate is not null")),
        OnSample(update(COSTS, "fx_rate = null", "amount is not null")),
    ],
    "fct_order_events_date_what_happened": [
        update(ORDER_EVENTS, "occurred_at = null", "occurred_at is not null"),
        update(ORDER_EVENTS, "occurred_date = null", "occurred_at is not null"),
        update(ORDER_EVENTS, "event_source = null", "occurred_at is not null"),
        update(ORDER_EVENTS, "since_previous_seconds = -1"),
        update(ORDER_EVENTS, "since_first_seconds = null", "occurred_at is not null"),
    ],
    "fct_order_events_miss_steps_of_the_way_only": [
        update(ORDER_EVENTS, "step_number = null", "step_state = 'in_order'"),
        update(ORDER_EVENTS, "order_event = null, event_word = null"),
    ],
    "order_steps_that_are_expected_have_a_place": [
        update(ORDER_STEPS, "is_expected = true", "step_number is null"),
    ],
    "rpt_service_quality_counts_fit_together": [
        *(
            OnSample(update(QUALITY, f"{part}_tickets_count = tickets_count + 1"))
            for part in ("answered", "resolved", "rated", "repeat")
        ),
        OnSample(update(QUALITY, "backlog_tickets_count = -1")),
        OnSample(update(QUALITY, "retained_customers_count = compared_customers_count + 1")),
        OnSample(update(QUALITY, "mean_first_answer_hours = null", "answered_tickets_count > 0")),
        OnSample(update(QUALITY, "matched_retention_pct = 1", "compared_customers_count = 0")),
    ],
    "fct_order_reviews_look_at_what_has_a_reason": [
        update(REVIEWS, "review_status = 'to_look_at'", "reasons_count = 0"),
        update(REVIEWS, "reasons_count = 1, review_status = 'to_look_at'", "reasons_count = 0"),
        update(REVIEWS, "reason_1_evidence = 'none'", "reasons_count = 0"),
    ],
    "rpt_order_turnaround_counts_fit_together": [
        *(
            update(TURNAROUND, f"{step}_orders_count = orders_count + 1")
            for step in ("paid", "shipped", "delivered")
        ),
        update(TURNAROUND, "late_orders_count = promised_orders_count + 1"),
        update(TURNAROUND, "mean_until_paid_hours = 1", "paid_orders_count = 0"),
        update(TURNAROUND, "mean_until_shipped_hours = 1", "shipped_orders_count = 0"),
        update(TURNAROUND, "mean_until_delivered_hours = 1", "delivered_orders_count = 0"),
    ],
    "order_review_rules_ask_more_of_a_channel": [
        update(REVIEW_RULES, "threshold = 0"),
        update(REVIEW_RULES, "channel_threshold = 1", "channel_threshold is not null"),
    ],
    "fct_order_costs_counts_what_is_told_once": [
        OnSample(update(COSTS, "counts_as = 'goods'", FEE)),
        OnSample(update(COSTS, "counts_as = 'fee'", "counts_as = 'discount'")),
        OnSample(update(COSTS, "cost_type = 'refund'", FEE)),
    ],
    **{
        f"{table.rpartition('.')[2]}_margin_is_what_is_left": [
            OnSample(update(table, f"{column}_amount = {column}_amount {CENT}"))
            for column in ("margin", "goods", "shipping_fee", "payment_fee", "other_fee")
        ]
        for table in (MARGINS, CUSTOMER_MARGINS)
    },
    **{
        f"{table.rpartition('.')[2]}_realised_is_what_is_left_of_gross": [
            OnSample(update(table, "realised_amount = realised_amount + 1 + orders_count")),
            OnSample(update(table, "margin_orders_count = orders_count + 1")),
            OnSample(update(table, "orders_without_fee_count = margin_orders_count + 1")),
        ]
        for table in (MARGINS, CUSTOMER_MARGINS)
    },
    "rpt_channel_sales_daily_counts_fit_together": [
        update(CHANNELS, "documents_count = documents_count + 1"),
        update(CHANNELS, "paid_orders_count = orders_count + 1"),
        update(CHANNELS, "customers_count = orders_count + 1"),
        update(CHANNELS, "documents_with_margin_count = documents_count + 1"),
    ],
    "rpt_channel_sales_daily_converts_where_there_is_a_rate": [
        update(CHANNELS, "net_amount = null", "net_amount is not null"),
        update(CHANNELS, "realised_amount = null", "realised_amount is not null"),
        update(CHANNELS, "margin_amount = null", "margin_amount is not null"),
        update(CHANNELS, "fx_rate = null", "fx_rate is not null"),
    ],
    "rpt_cohort_retention_counts_fit_together": [
        update(COHORTS, "retained_customers_count = cohort_customers_count + 1"),
        update(COHORTS, "retained_customers_count = paid_orders_count + 1"),
        update(COHORTS, "retained_customers_count = 0", "month_number = 0"),
        update(COHORTS, "month_number = -1", "month_number = 1"),
    ],
    "rpt_kpis_daily_counts_fit_together": [
        update(KPIS, "paid_orders_count = orders_count + 1"),
        update(KPIS, "valued_paid_orders_count = paid_orders_count + 1"),
        update(KPIS, "guest_orders_count = orders_count + 1"),
        update(KPIS, "new_customers_count = new_customers_count + 1"),
        update(KPIS, "customers_count = 1, new_customers_count = 1", "paid_orders_count = 0"),
        update(KPIS, "sessions_with_order_count = sessions_count + 1"),
        update(KPIS, "visitors_count = visiting_customers_count + anonymous_sessions_count + 1"),
        OnSample(update(KPIS, "visitors_count = 0", "visiting_customers_count > 0")),
        OnSample(update(KPIS, "active_customers_30d_count = 0", "visiting_customers_count > 0")),
    ],
    "rpt_region_behavior_counts_fit_together": [
        update(REGIONS, "buyers_count = customers_count + 1"),
        update(REGIONS, "active_customers_30d_count = customers_count + 1"),
        update(REGIONS, "app_customers_count = customers_count + 1"),
        update(REGIONS, "paid_orders_count = orders_count + 1"),
        update(REGIONS, "paid_orders_count = 0", "buyers_count > 0"),
        update(REGIONS, "top_system = null", "paid_orders_count > 0"),
    ],
    "assert_recommendations_agree_with_order_lines": [
        OnSample(update(RECOMMENDED, "orders_count = 1", "recommendation_kind = 'new'")),
        OnSample(update(RECOMMENDED, "orders_count = orders_count + 1")),
    ],
    "customer_recommendations_are_new_or_owned": [
        OnSample(update(RECOMMENDED, "because_product_id = null", "recommendation_kind = 'new'")),
        OnSample(update(RECOMMENDED, "orders_count = 0", "recommendation_kind = 'again'")),
        OnSample(update(RECOMMENDED, "score = -1")),
        OnSample(update(RECOMMENDED, "recommendation_rank = 11")),
        OnSample(update(RECOMMENDED, "overall_rank = recommendation_rank - 1")),
    ],
    "rpt_product_affinity_is_above_chance": [
        OnSample(update(AFFINITY, change))
        for change in (
            *("lift = 1", "leverage = 0", "orders_count = 4", "confidence = 1.1"),
            *("orders_count = antecedent_orders_count + 1", "support = confidence + 0.1"),
            "all_orders_count = consequent_orders_count - 1",
        )
    ],
    "assert_launches_agree_with_order_lines": [
        OnSample(update(LAUNCHES, "trial_buyers_count = trial_buyers_count + 1")),
        OnSample(update(LAUNCHES, "orders_count = orders_count + 1")),
        OnSample(update(LAUNCHES, "repeat_buyers_count = repeat_buyers_count + 1")),
        OnSample(delete(LAUNCH_SEGMENTS)),
    ],
    "rpt_product_launch_counts_fit_together": [
        OnSample(update(LAUNCHES, "repeat_buyers_count = trial_buyers_count + 1")),
        OnSample(update(LAUNCHES, "new_customers_count = trial_buyers_count + 1")),
        OnSample(update(LAUNCHES, "orders_count = trial_buyers_count - 1")),
        OnSample(update(LAUNCHES, "trial_pct = 101")),
        OnSample(update(LAUNCHES, "cannibalised_amount = -1")),
        OnSample(update(LAUNCHES, "cannibalised_amount = null, cannibalised_category = 'tea'")),
    ],
    "rpt_product_launch_segments_counts_fit_together": [
        OnSample(update(LAUNCH_SEGMENTS, "repeat_buyers_count = trial_buyers_count + 1")),
        OnSample(update(LAUNCH_SEGMENTS, "trial_buyers_count = 0, repeat_buyers_count = 0")),
        OnSample(update(LAUNCH_SEGMENTS, "monthly_trial_pct = 101")),
        OnSample(update(LAUNCH_SEGMENTS, "customer_months_count = null")),
        OnSample(update(LAUNCH_SEGMENTS, "buyers_share_pct = 101")),
    ],
    "assert_category_switching_adds_up_to_revenue": [
        OnSample(
            update(SWITCHING, "realised_amount = realised_amount + 1", f"flow_kind = '{kind}'")
        )
        for kind in ("kept", "switched", "more", "lapsed")
    ],
    "rpt_category_switching_flows_have_a_direction": [
        OnSample(update(SWITCHING, "to_category = 'tea'", "flow_kind = 'kept'")),
        OnSample(update(SWITCHING, "to_category = from_category", "flow_kind = 'switched'")),
        OnSample(update(SWITCHING, "to_category = 'tea'", "flow_kind = 'lapsed'")),
        OnSample(update(SWITCHING, "from_category = 'tea'", "flow_kind = 'new'")),
        OnSample(update(SWITCHING, "realised_amount = -1", "flow_kind = 'less'")),
    ],
    "rpt_cross_shopping_counts_fit_together": [
        OnSample(update(CROSS_SHOPPING, "other_category = category")),
        OnSample(update(CROSS_SHOPPING, "both_buyers_count = buyers_count + 1")),
        OnSample(update(CROSS_SHOPPING, "both_buyers_count = 0")),
        OnSample(update(CROSS_SHOPPING, "all_buyers_count = buyers_count - 1")),
        OnSample(update(CROSS_SHOPPING, "duplication_pct = 101")),
    ],
    "repeat_purchases_of_a_product_are_of_its_group": [
        "insert into reference.repeat_purchases values ('tea', true, false, null)"
    ],
    "rpt_penetration_counts_fit_together": [
        update(PENETRATION, "repeat_buyers_count = buyers_count + 1"),
        update(PENETRATION, "paid_orders_count = buyers_count - 1"),
        update(PENETRATION, "customers_share_pct = 101"),
        update(PENETRATION, "buyers_share_pct = 101"),
    ],
    "rpt_funnel_narrows_from_step_to_step": [
        update(FUNNEL, "funnel_customers_count = customers_count + 1"),
        update(FUNNEL, "first_step_share_pct = 101"),
        update(FUNNEL, "previous_step_share_pct = 101"),
    ],
    "assert_attribution_shares_out_all_orders": [
        update(ATTRIBUTION, "attributed_orders_count = attributed_orders_count + 0.000001"),
        update(ATTRIBUTION, f"attributed_amount = attributed_amount {CENT}"),
        f"delete from {ATTRIBUTION} where attribution_model = 'markov'",
        delete(
            ORDERS,
            "is_paid and ordered_date > (select as_of_date from intermediate.int_as_of) - 365",
        ),
    ],
    "rpt_attribution_shares_are_within_their_bounds": [
        update(ATTRIBUTION, "attributed_orders_count = -1"),
        update(ATTRIBUTION, "orders_share_pct = 101"),
    ],
    "assert_revenue_tree_agrees_with_orders": [
        OnSample(fault)
        for fault in (
            update(REVENUE_TREE, f"realised_amount = realised_amount {CENT}"),
            update(REVENUE_TREE, f"prior_realised_amount = prior_realised_amount {CENT}"),
            delete(REVENUE_TREE, "dimension = 'channel' and realised_amount <> 0"),
            delete(REVENUE_TREE, "dimension = 'category' and realised_amount <> 0"),
        )
    ],
    "rpt_revenue_tree_counts_fit_together": [
        OnSample(update(REVENUE_TREE, change, where))
        for prefix in ("", "prior_")
        for change, where in (
            (f"{prefix}customers_count = {prefix}orders_count + 1", "true"),
            *(
                (f"{prefix}{factor} = null", f"{prefix}orders_count > 0")
                for factor in ("orders_per_customer", "items_per_order", "price_per_item_amount")
            ),
        )
    ],
    "rpt_revenue_tree_effects_add_up_to_the_change": [
        update(REVENUE_TREE, f"{column} = {column} {CENT}")
        for column in (
            *("realised_amount", "prior_realised_amount", "change_amount"),
            *(
                f"{effect}_effect_amount"
                for effect in ("customers", "frequency", "basket", "price", "beside")
            ),
        )
    ],
    "fct_payments_refunds_have_a_match_rule": [
        update(PAYMENTS, "match_rule = null", "match_rule is not null"),
        update(PAYMENTS, "match_rule = 'reference'", "payment_type = 'payment'"),
    ],
    "fct_payments_unmatched_refunds_have_no_order": [
        update(PAYMENTS, "order_id = null", "match_rule = 'reference'"),
        update(PAYMENTS, "order_id = 'shop:1'", "match_rule = 'unmatched_customer'"),
    ],
    "identity_verdicts_explain_what_does_not_join": [
        update("reference.identity_verdicts", "explanation = null", "verdict = 'conflict'"),
        update("reference.identity_verdicts", "explanation = 'Joined.'", "verdict = 'joins'"),
    ],
    "fct_payments_amounts_are_not_negative": [update(PAYMENTS, "amount_local = -1")],
    "fct_payments_converts_where_there_is_a_rate": [
        update(PAYMENTS, "amount = null", "fx_rate is not null"),
        update(PAYMENTS, "amount = 1", "fx_rate is null"),
    ],
    "fct_payments_succeed_by_their_status": [
        update(PAYMENTS, "is_succeeded = false", "status = 'succeeded'"),
        update(PAYMENTS, "status = 'failed'", "is_succeeded"),
    ],
}
RULES_OF_PROJECT = (
    "expression_is_true",
    "is_written_as_looked_up",
    "ranges_are_total",
    "last_rule_takes_everybody",
)
# For a row in a table that has none, by type; a number for the others.
SOME_VALUE = {
    "VARCHAR": "'a'",
    "DATE": "date '2026-06-01'",
    "TIMESTAMP": "timestamp '2026-06-01 10:00:00'",
}
FAULT_CASES = [(name, fault) for name, faults in FAULTS.items() for fault in faults]


@pytest.fixture(scope="session")
def tests_of_dbt(
    cases_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict]:
    """Return the data tests of the project by name, with their SQL as builds compile it."""
    folder = tmp_path_factory.mktemp("tests")
    with dbt_session(environment(CASES, cases_warehouse), folder) as session:
        compiled = {test["unique_id"]: test for test in session.compiled_tests()}
    manifest = cases_warehouse / "work" / "target" / "manifest.json"
    nodes = json.loads(manifest.read_text("utf-8"))["nodes"]
    return {
        test["name"]: nodes[unique_id] | {"compiled_code": test["compiled_code"]}
        for unique_id, test in compiled.items()
    }


def connected_copy(warehouse: Path, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a copy of what was built in a warehouse."""
    for name in ("build.duckdb", "portrait.duckdb"):
        shutil.copy(warehouse / "work" / name, folder / name)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{folder / 'portrait.duckdb'}' as portrait")
        yield connection


@pytest.fixture(scope="module")
def built_cases(cases_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Yield a connection to a copy of the built cases, as dbt sees it: the worker's own."""
    yield from connected_copy(cases_warehouse, tmp_path_factory.mktemp("cases"))


@pytest.fixture
def undone(built_cases: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the connection within a transaction that is undone after the test."""
    built_cases.execute("begin")
    yield built_cases
    built_cases.execute("rollback")


@pytest.fixture(scope="module")
def built_sample(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Yield a connection to a copy of the built sample, as dbt sees it: the worker's own."""
    yield from connected_copy(sample_warehouse, tmp_path_factory.mktemp("sample"))


@pytest.fixture
def undone_sample(built_sample: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the sample's connection within a transaction that is undone after the test."""
    built_sample.execute("begin")
    yield built_sample
    built_sample.execute("rollback")


def failing_rows(connection: duckdb.DuckDBPyConnection, node: dict) -> list[tuple]:
    """Return the rows that a data test finds: dbt fails it where there is any."""
    return connection.execute(node["compiled_code"]).fetchall()


def test_every_rule_of_the_project_has_a_fault(tests_of_dbt: dict[str, dict]) -> None:
    """Singular tests, and the rules of marts, quality and seeds that are no plain dbt test."""
    rules = {
        name
        for name, node in tests_of_dbt.items()
        if not node.get("test_metadata")
        or (
            node["test_metadata"]["name"] in RULES_OF_PROJECT
            and re.match(r"(models/(marts|quality)|seeds)/", node["original_file_path"])
        )
    }
    assert rules == FAULTS.keys()


def test_without_a_fault_nothing_fails(
    tests_of_dbt: dict[str, dict], built_cases: duckdb.DuckDBPyConnection
) -> None:
    failed = [name for name in FAULTS if failing_rows(built_cases, tests_of_dbt[name])]
    assert failed == []


@pytest.mark.parametrize(
    ("name", "fault"),
    FAULT_CASES,
    ids=[f"{name}-{number}" for number, (name, _) in enumerate(FAULT_CASES)],
)
def test_fault_is_found(
    name: str, fault: str, tests_of_dbt: dict[str, dict], request: pytest.FixtureRequest
) -> None:
    on_sample = isinstance(fault, OnSample)
    connection = request.getfixturevalue("undone_sample" if on_sample else "undone")
    connection.execute(fault)
    assert failing_rows(connection, tests_of_dbt[name]), f"{name} does not see: {fault}"


def test_a_repeated_row_is_found_by_the_proof_of_each_key(
    tests_of_dbt: dict[str, dict], undone_sample: duckdb.DuckDBPyConnection
) -> None:
    proofs = {
        node["attached_node"].split(".")[-1]: node
        for node in tests_of_dbt.values()
        if (node.get("test_metadata") or {}).get("name") == "key_is_unique"
    }
    assert len(proofs) > 35
    blind = []
    for model, node in proofs.items():
        layer = "quality" if "/quality/" in node["original_file_path"] else "marts"
        assert failing_rows(undone_sample, node) == []
        table = f"portrait.{layer}.{model}"
        if undone_sample.execute(f"select count(*) from {table}").fetchone() == (0,):
            types = [row[1] for row in undone_sample.execute(f"describe {table}").fetchall()]
            values = ", ".join(SOME_VALUE.get(type_, "1") for type_ in types)
            undone_sample.execute(f"insert into {table} values ({values})")
        undone_sample.execute(repeat(table))
        if not failing_rows(undone_sample, node):
            blind.append(model)
    assert blind == []


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (delete(MAP, "rfm_code = '555'"), "code 555 has no segment"),
        (f"insert into {MAP} values ('555', 'Lost')", "code 555 has 2 segments"),
        (f"insert into {MAP} values ('777', 'Lost')", "code 777 is no code"),
        (f"insert into {MAP} values (null, 'Lost')", "code (empty) is no code"),
    ],
)
def test_a_broken_segment_map_is_named_in_a_sentence(
    fault: str, sentence: str, tests_of_dbt: dict[str, dict], undone: duckdb.DuckDBPyConnection
) -> None:
    undone.execute(fault)
    node = tests_of_dbt["assert_rfm_segment_map_holds_each_code_once"]
    assert failing_rows(undone, node) == [(sentence,)]
    assert node["config"]["meta"]["print_rows"] is True


def test_maps_are_tested_before_the_mart_that_reads_them(tests_of_dbt: dict[str, dict]) -> None:
    """A test that reads nothing but its seed runs right after it, and stops what reads the seed."""
    for name in (
        "assert_rfm_segment_map_holds_each_code_once",
        "assert_value_groups_name_each_pattern_once",
        "churn_risk_bands_hold_each_probability_once",
        "risk_bands_hold_each_score_once",
        "rfm_fixed_thresholds_hold_each_value_once",
        "value_tiers_hold_each_share_once",
        "lifecycle_stages_hold_each_day_once",
        "assert_hour_slots_hold_each_hour_once",
        "activity_levels_hold_each_number_of_days_once",
        "loyalty_tiers_hold_each_number_of_points_once",
        "survey_score_groups_hold_each_score_once",
        "age_bands_hold_each_age_once",
        "behavior_segments_leave_nobody_out",
        "loyalty_groups_leave_nobody_out",
    ):
        read = tests_of_dbt[name]["depends_on"]["nodes"]
        assert len(read) == 1 and read[0].startswith("seed."), name
