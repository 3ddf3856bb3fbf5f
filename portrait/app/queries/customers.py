"""All that the published file knows of one customer."""

from decimal import Decimal
from math import cos, pi, sin
from typing import Any

import duckdb

from portrait.reading.published import Row, has_mart, rows
from portrait.show import find_customer, order_state

MOST_EVENTS, MOST_EDGES, MOST_RECOMMENDATIONS = 300, 200, 5
# What of the golden record comes from which attribute of customer_attribute_sources.
GOLDEN = (
    ("full_name", "name"), ("email", "email"), ("phone", "phone"), ("birth_date", "birth_date"),
    ("gender", "gender"), ("address", "address"), ("city", "address"), ("region", "address"),
    ("country_code", "address"), ("loyalty_number", "loyalty_number"),
    ("platform_id", "platform_id"), ("occupation", "occupation"), ("education", "education"),
    ("income_band", "income_band"), ("marital_status", "marital_status"), ("home", "home"),
    ("children_count", "children_count"), ("household_size", "household_size"),
    ("organisation", "organisation"), ("has_email_consent", "has_email_consent"),
    ("has_sms_consent", "has_sms_consent"),
)  # fmt: skip


def customer_of(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The customer of an id of any build, or of a record such as shop:123.

    Raises:
        PortraitError: there is none.
    """
    return find_customer(connection, wanted)


def best_customers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Ten customers to begin with: those who brought most."""
    return rows(
        connection,
        "select customer_id, rfm_segment, value_tier, paid_orders_count, monetary_amount,"
        " last_paid_order_date from marts.customer_portrait"
        " order by monetary_amount desc nulls last, customer_id limit 10",
    )


def golden_record(connection: duckdb.DuckDBPyConnection, customer_id: str) -> Row:
    """The customer's row of dim_customers."""
    return _one(connection, "dim_customers", customer_id)


def provenance(connection: duckdb.DuckDBPyConnection, customer_id: str) -> dict[str, Row]:
    """Where each attribute of the golden record is from."""
    if not has_mart(connection, "customer_attribute_sources"):
        return {}
    found = rows(
        connection,
        "select attribute, record_id, survivorship_rule, candidates_count, conflicts_count,"
        " record_updated_at from marts.customer_attribute_sources where customer_id = ?",
        [customer_id],
    )
    return {row["attribute"]: row for row in found}


def portrait(connection: duckdb.DuckDBPyConnection, customer_id: str) -> Row:
    """The customer's row of customer_portrait."""
    return _one(connection, "customer_portrait", customer_id)


def _one(connection: duckdb.DuckDBPyConnection, table: str, customer_id: str) -> Row:
    found = rows(connection, f"select * from marts.{table} where customer_id = ?", [customer_id])
    return found[0] if found else {}


def timeline(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """Orders, visits and tickets, the latest first: kind, moment, what, state and amount."""
    found = [
        {
            "kind": "order" if row["order_type"] != "return" else "return",
            "at": row["ordered_at"],
            "what": row["order_id"],
            "state": order_state(
                row["order_type"], row["status"], row["net_amount_local"] or Decimal(0),
                row["refunded_amount_local"] or Decimal(0),
            ),
            "amount": row["total_amount"],
        }
        for row in _latest(
            connection, "fct_orders", "ordered_at, order_id",
            "order_id, order_type, status, net_amount_local, refunded_amount_local, total_amount,"
            " ordered_at", customer_id,
        )
    ]  # fmt: skip
    found += [
        {
            "kind": "visit",
            "at": row["started_at"],
            "what": row["device_model"] or "",
            "state": (
                "order" if row["has_order"] else "cart_left" if row["is_cart_abandoned"] else "look"
            ),
            "amount": None,
            "count": row["events_count"],
        }
        for row in _latest(
            connection, "fct_sessions", "started_at, session_id",
            "device_model, has_order, is_cart_abandoned, events_count, started_at", customer_id,
        )
    ]  # fmt: skip
    found += [
        {
            "kind": "ticket",
            "at": row["opened_at"],
            "what": row["ticket_id"],
            "state": row["ticket_status"],
            "amount": None,
            "subject": row["ticket_subject"],
            "about": row["pain_point_kind"],
        }
        for row in _latest(
            connection, "fct_tickets", "opened_at, ticket_id",
            "ticket_id, ticket_status, ticket_subject, pain_point_kind, opened_at", customer_id,
        )
    ]  # fmt: skip
    found = [row for row in found if row["at"] is not None]
    return sorted(found, key=lambda row: row["at"], reverse=True)[:MOST_EVENTS]


def _latest(
    connection: duckdb.DuckDBPyConnection, table: str, order: str, columns: str, customer_id: str
) -> list[Row]:
    if not has_mart(connection, table):
        return []
    by = ", ".join(f"{column} desc nulls last" for column in order.split(", "))
    return rows(
        connection,
        f"select {columns} from marts.{table} where customer_id = ? order by {by} limit ?",
        [customer_id, MOST_EVENTS],
    )


def tags(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The tags of the customer, with theme, value, weight and the day of the evidence."""
    if not has_mart(connection, "customer_tags"):
        return []
    return rows(
        connection,
        "select tags.tag_code, health.name_en, health.theme, tags.tag_value, tags.weight,"
        " tags.is_personal, tags.evidence_date, tags.expiry_date from marts.customer_tags as tags"
        " left join quality.tag_health as health on tags.tag_code = health.tag_code"
        " where tags.customer_id = ? order by health.theme, tags.tag_code",
        [customer_id],
    )


def risk_reasons(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """Why the risk score is what it is."""
    if not has_mart(connection, "customer_risk_reasons"):
        return []
    return rows(
        connection,
        "select reason_code, evidence, points, evidence_date from marts.customer_risk_reasons"
        " where customer_id = ? order by reason_rank",
        [customer_id],
    )


def strategy(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The next best action, where the build has one."""
    if not has_mart(connection, "customer_strategy"):
        return []
    return rows(
        connection,
        "select strategy_code, strategy_name, channel, reason_text, expected_value_amount"
        " from marts.customer_strategy where customer_id = ?"
        " order by expected_value_amount desc nulls last, strategy_code",
        [customer_id],
    )


def recommendations(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The products to show first."""
    if not has_mart(connection, "customer_recommendations"):
        return []
    return rows(
        connection,
        "select found.recommendation_kind, products.product_name, products.category,"
        " because.product_name as because_product_name"
        " from marts.customer_recommendations as found"
        " left join marts.dim_products as products on found.product_id = products.product_id"
        " left join marts.dim_products as because"
        " on found.because_product_id = because.product_id"
        " where found.customer_id = ? order by found.overall_rank, found.product_id limit ?",
        [customer_id, MOST_RECOMMENDATIONS],
    )


def audiences_of(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The audiences that the customer is in."""
    if not has_mart(connection, "audience_members"):
        return []
    return rows(
        connection,
        "select members.audience, audiences.title, members.arm, members.member_since_date"
        " from marts.audience_members as members"
        " left join marts.audiences as audiences"
        " on members.audience = audiences.audience and audiences.is_current"
        " where members.customer_id = ? order by members.audience",
        [customer_id],
    )


def records(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The source records that make up the customer."""
    return rows(
        connection,
        "select record_id, customer_id, system, match_rule, evidence, match_weight, is_anchor,"
        " first_seen_at from marts.bridge_customer_identities where customer_id = ?"
        " order by is_anchor desc, record_id",
        [customer_id],
    )


def edges(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[Row]:
    """The pairs of records that join the customer, and those that lead to others and do not."""
    if not has_mart(connection, "identity_edges"):
        return []
    pairs = (
        "select record_id, other_record_id, customer_id, other_customer_id, verdict, evidence,"
        " score_levels, match_weight, match_probability from marts.identity_edges where"
    )
    # Each side by itself is looked up; `or` would compare all pairs one by one.
    return rows(
        connection,
        f"select * from ({pairs} customer_id = ? union all"
        f" {pairs} other_customer_id = ? and customer_id is distinct from ?)"
        " order by verdict <> 'joins', match_weight desc nulls first, record_id, other_record_id"
        " limit ?",
        [customer_id, customer_id, customer_id, MOST_EDGES],
    )


def places(found: list[Row], own: list[Row]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Where records and pairs are drawn: own records on a circle, those of others around it."""
    inner = [row["record_id"] for row in own]
    outer = sorted(
        {row[side] for row in found for side in ("record_id", "other_record_id")} - set(inner)
    )
    at: dict[str, tuple[float, float]] = {}
    for ring, radius in ((inner, 0.0 if len(inner) == 1 else 1.0), (outer, 1.9)):
        for number, record in enumerate(ring):
            angle = 2 * pi * number / len(ring) + (pi / 2 if ring is inner else pi / 5)
            at[record] = (radius * cos(angle), radius * sin(angle))
    nodes = [
        {"record": record, "x": x, "y": y, "is_own": record in inner}
        for record, (x, y) in at.items()
    ]
    lines = [
        {
            "x": at[row["record_id"]][0],
            "y": at[row["record_id"]][1],
            "x2": at[row["other_record_id"]][0],
            "y2": at[row["other_record_id"]][1],
            "verdict": row["verdict"],
            "is_join": row["verdict"] == "joins",
            "evidence": row["evidence"],
            "weight": row["match_weight"],
        }
        for row in found
    ]
    return nodes, lines
