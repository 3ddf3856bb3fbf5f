"""One customer of very many products, or one product of very many customers, stays bounded."""

from __future__ import annotations

import duckdb
from rendered_models import make_models

from portrait.sql import one_row

MODELS = (
    *("int_customer_products", "int_products_bought", "int_product_similarities"),
    "customer_recommendations",
)
PRODUCTS, CUSTOMERS = 5000, 300


def test_a_reseller_and_a_bag_in_every_order_are_bounded() -> None:
    """A reseller bought everything, everybody a bag, and each customer one thing more."""
    with duckdb.connect() as connection:
        connection.execute("create table int_as_of as select date '2026-06-30' as as_of_date")
        connection.execute(
            "create table repeat_purchases (product_group varchar,"
            " is_product_bought_again boolean, is_group_bought_again boolean)"
        )
        connection.execute(
            "create table int_records_clustered as"
            f" select range as record_key, 'c' || range as customer_id from range({CUSTOMERS + 1})"
        )
        connection.execute(
            "create table int_products_unioned as select range as product_key,"
            " 'p' || range as product_id, null::varchar as category, null::varchar as subcategory"
            f" from range({PRODUCTS})"
        )
        connection.execute(
            "create table int_order_products as"
            " select 0 as record_key, range as product_key, 1 as kept_quantity,"
            f" date '2026-06-01' as ordered_date from range({PRODUCTS})"
            " union all select customers.range + 1, unnest([0, 1 + customers.range % 20]), 1,"
            f" date '2026-06-02' from range({CUSTOMERS}) as customers"
        )
        make_models(connection, MODELS, {})
        (counted,) = one_row(
            connection,
            "select max(n) from (select count(*) filter (where is_counted) as n"
            " from int_customer_products group by customer_id)",
        )
        (similar,) = one_row(connection, "select count(*) from int_product_similarities")
        (most, bag) = one_row(
            connection,
            "select max(recommendation_rank), count(*) filter (where product_id = 'p0'"
            " and recommendation_kind = 'new') from customer_recommendations",
        )
    assert counted == 100
    # Of the reseller's 12 million pairs none has three customers; the bag goes with twenty things.
    assert similar == 40
    assert (most, bag) == (10, 0)
