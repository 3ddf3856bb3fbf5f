"""No decimal of the project can overflow: DuckDB itself names the types of each operation.

DuckDB keeps the sum, difference and product of decimals of at most 18 digits within 18 digits, also
where the result needs more, and stops with an error then (docs/money.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

# With more places a decimal of 38 digits has too few before the point for amount x amount x rate.
MOST_PLACES = 16
NARROW = 18

# What is allowed all the same -> where, and why it cannot happen.
CONTRACT = "cast of decimal(38, 4) to decimal(18, 4)"
ALLOWED = {
    # a factor of product_of_amounts: a number of the contract, which staging took as decimal(18, 4)
    "int_order_lines_signed": [CONTRACT],
    "int_order_lines_valued": [CONTRACT],
    "int_outside_rows_reconciled": [CONTRACT],
    "base_marketplace__order_items": [CONTRACT],
    "base_pos__receipt_items": [CONTRACT],
    "base_shop__order_items": [CONTRACT],
    # shares between 0 and 1, and match weights, which are below 100
    "int_clv_purchases_expected": ["cast of double to decimal(18, 17)"],
    "int_match_pairs_explained": ["cast of double to decimal(18, 1)"],
    # weights of signals, which a seed holds below 100,000, and which only fade
    "int_record_interests": ["cast of double to decimal(18, 8)"],
    "int_customer_interests": ["cast of double to decimal(18, 8)"],
    "int_customer_products": ["cast of double to decimal(18, 8)"],
    "int_products_bought": ["cast of double to decimal(18, 8)"],
    "int_product_similarities": ["cast of double to decimal(18, 8)"],
    "int_customer_pain_points": ["cast of double to decimal(18, 8)"],
    # shares of an order, what a channel gains, and weights of touches: between 0 and 1
    **{
        name: ["cast of double to decimal(11, 10)", "cast of double to decimal(18, 15)"]
        for name in ("int_channel_credits", "int_channel_removals", "int_conversion_path_steps")
    },
    "rpt_service_quality": ["cast of double to decimal(18, 8)"],
    # numbers of orders, and the part of one that is a millionth or a ten-thousandth
    "rpt_attribution": [
        "cast of decimal(35, 6) to decimal(18, 6)",
        "cast of double to decimal(7, 6)",
    ],
    # shares and points between 0 and 100, and multiples of a share that at least one customer has
    "int_customer_satisfaction": [
        "cast of double to decimal(18, 6)",
        "decimal(18, 6) - decimal(18, 6) is decimal(18, 6)",
    ],
    "int_customer_shopping_genders": [
        "cast of double to decimal(18, 6)",
        "decimal(18, 0) * decimal(18, 6) is decimal(18, 6)",
        "decimal(18, 4) * decimal(18, 6) is decimal(18, 10)",
        "decimal(18, 6) - decimal(18, 6) is decimal(18, 6)",
    ],
    "customer_preferences": [
        "cast of double to decimal(18, 10)",
        "decimal(18, 0) * decimal(18, 10) is decimal(18, 10)",
    ],
    "customer_active_periods": ["cast of double to decimal(18, 8)"],
    "rpt_segment_profiles": [
        "cast of double to decimal(18, 8)",
        "cast of double to decimal(5, 1)",
    ],
    "int_risk_evidence_unioned": [
        "cast of double to decimal(18, 0)",
        "cast of double to decimal(18, 4)",
    ],
    "int_household_pairs_judged": [
        "decimal(18, 0) * decimal(16, 2) is decimal(18, 2)",
        "decimal(18, 10) - decimal(18, 10) is decimal(18, 10)",
        "decimal(18, 2) * decimal(16, 2) is decimal(18, 4)",
        "decimal(18, 4) * decimal(16, 2) is decimal(18, 6)",
        "decimal(18, 6) * decimal(16, 2) is decimal(18, 8)",
        "decimal(18, 8) * decimal(16, 2) is decimal(18, 10)",
    ],
}


def decimal(kind: dict[str, Any] | None) -> tuple[int, int] | None:
    """Return digits and places of a decimal type, None for another type."""
    if not kind or kind.get("id") != "DECIMAL":
        return None
    return kind["type_info"]["width"], kind["type_info"].get("scale", 0)


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Return all objects of a plan, however deep."""
    if isinstance(plan, list):
        for part in plan:
            yield from nodes(part)
    elif isinstance(plan, dict):
        yield plan
        for part in plan.values():
            yield from nodes(part)


def overflows(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """Return a sentence for each operation of a query whose decimals could overflow."""
    row = connection.execute(
        "select json_serialize_plan($query, optimize := false)", {"query": query}
    ).fetchone()
    plan = json.loads(row[0]) if row else {"error": True}
    assert not plan["error"], plan.get("error_message")
    found = []
    for node in nodes(plan):
        result = decimal(node.get("return_type"))
        if result is None:
            continue
        name = f"decimal{result}"
        if (node.get("function_data") or {}).get("check_overflow"):
            given = [f"decimal{decimal(kind)}" for kind in node["arguments"]]
            if result[0] <= NARROW or result[1] > MOST_PLACES:
                found.append(f" {node['name']} ".join(given) + f" is {name}")
        elif node.get("type") == "OPERATOR_CAST" and not node["try_cast"] and result[0] <= NARROW:
            given_type = node["child"].get("return_type")
            wide = decimal(given_type)
            if (given_type or {}).get("id") == "DOUBLE" or (
                wide and wide[0] > NARROW and wide[0] - wide[1] > result[0] - result[1]
            ):
                found.append(f"cast of {f'decimal{wide}' if wide else 'double'} to {name}")
    return sorted(set(found))


@pytest.fixture(scope="module")
def built_tables(sample_warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection in which the compiled SQL of the sample's build can be read."""
    connection = duckdb.connect()
    for name in ("build", "portrait"):
        connection.execute(f"attach '{sample_warehouse}/work/{name}.duckdb' as {name} (read_only)")
    connection.execute("use build")
    return connection


def test_no_decimal_of_a_model_can_overflow(
    sample_warehouse: Path, built_tables: duckdb.DuckDBPyConnection
) -> None:
    compiled = (sample_warehouse / "work" / "target" / "compiled").rglob("*.sql")
    found = {file.stem: overflows(built_tables, file.read_text("utf-8")) for file in compiled}

    assert {"int_orders_valued", "fct_orders", "reconciliation"} < found.keys()
    assert {name: sentences for name, sentences in found.items() if sentences} == ALLOWED


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ("amount * rate", ["decimal(18, 4) * decimal(18, 8) is decimal(18, 12)"]),
        ("amount + amount", ["decimal(18, 4) + decimal(18, 4) is decimal(18, 4)"]),
        ("sum(amount) * any_value(rate)", []),
        ("cast(amount as decimal(19, 4)) * rate", []),
        ("cast(amount as double) * rate", []),
        ("try_cast(sum(amount) as decimal(18, 4))", []),
        ("cast(sum(amount) as decimal(18, 4))", [CONTRACT]),
        (
            "cast(cast(any_value(rate) as double) as decimal(18, 4))",
            ["cast of double to decimal(18, 4)"],
        ),
        (
            "any_value(cast(amount as decimal(38, 12)) * rate)",
            ["decimal(38, 12) * decimal(38, 8) is decimal(38, 20)"],
        ),
    ],
)
def test_what_could_overflow_is_found(query: str, sentences: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table money (amount decimal(18, 4), rate decimal(18, 8))")
        assert (
            overflows(connection, f"with x as (select {query} as y from money) from x") == sentences
        )
