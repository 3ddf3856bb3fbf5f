"""Rules of products that are bought together: published ones come out, and chance makes none."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterable

import duckdb
import pytest
from builds import PROJECT
from rendered_models import make_models

RULES = ("int_product_sets_counted", "int_product_rules_measured")


def rules_of(
    baskets: Iterable[Iterable[int]], models: Iterable[str] = RULES, **variables: float
) -> duckdb.DuckDBPyConnection:
    """Make the models on baskets of numbered products."""
    connection = duckdb.connect()
    connection.execute("create table int_order_products (order_key bigint, product_key bigint)")
    rows = [(order, product) for order, basket in enumerate(baskets) for product in set(basket)]
    orders, products = zip(*rows, strict=True)
    connection.execute(
        "insert into int_order_products select unnest($1::bigint[]), unnest($2::bigint[])",
        [list(orders), list(products)],
    )
    connection.execute(
        "create table int_products_unioned as select distinct product_key,"
        " 'p' || product_key as product_id from int_order_products"
    )
    make_models(connection, models, variables)
    return connection


def test_the_published_rules_of_groceries_come_out() -> None:
    """The rules of Hahsler's arules on its data set Groceries, as its vignette prints them."""
    folder = PROJECT / os.environ.get("PORTRAIT_REAL_DATA", "data/real")
    file = folder / "groceries" / "groceries.csv"
    if not file.is_file():
        pytest.skip(f"real data are absent: {file} (docs/marketing.md)")
    with file.open(encoding="utf-8", newline="") as lines:
        baskets = [[item.strip() for item in row if item.strip()] for row in csv.reader(lines)]
    names = sorted({item for basket in baskets for item in basket})
    number = {name: place for place, name in enumerate(names)}
    assert (len(baskets), len(names)) == (9835, 169)
    connection = rules_of(
        [[number[item] for item in basket] for basket in baskets],
        affinity_minimum_orders=10,
        affinity_triple_products=200,
    )

    def count(support: float, confidence: float, products: int) -> int:
        found = connection.execute(
            "select count(*) from int_product_rules_measured where support >= $1"
            " and confidence >= $2 and (second_antecedent_product_key is not null) = ($3 = 3)",
            [support, confidence, products],
        ).fetchone()
        assert found is not None
        return int(found[0])

    def measures(columns: str, consequent: str, *antecedent: str) -> tuple[float, ...]:
        first, *second = sorted(number[name] for name in antecedent)
        found = connection.execute(
            f"select {columns} from int_product_rules_measured where antecedent_product_key = $1"
            " and second_antecedent_product_key is not distinct from $2"
            " and consequent_product_key = $3",
            [first, second[0] if second else None, number[consequent]],
        ).fetchone()
        assert found is not None
        return found

    assert count(0.006, 0.25, 2) == 150
    assert (count(0.01, 0.5, 2), count(0.01, 0.5, 3)) == (0, 15)
    assert (count(0.001, 0.8, 2), count(0.001, 0.8, 3)) == (0, 29)
    three = "support, confidence, lift"
    assert measures(three, "root vegetables", "herbs") == pytest.approx(
        (0.0070158, 0.43125, 3.9564774), abs=1e-7
    )
    assert measures(three, "whipped/sour cream", "berries") == pytest.approx(
        (0.0090493, 0.2721713, 3.7968855), abs=1e-7
    )
    assert measures(three, "bottled beer", "liquor", "red/blush wine") == pytest.approx(
        (0.0019319, 0.9047619, 11.2352694), abs=1e-7
    )
    assert measures("lift, leverage, conviction", "white bread", "ham") == pytest.approx(
        (4.639851, 0.003988, 1.190407), abs=1e-6
    )


def test_products_that_chance_puts_together_make_no_rule() -> None:
    """4,000 orders of 12 of 60 products at random: more than 100,000 rules, none of them true."""
    rng = random.Random(17)
    shares = [rng.uniform(0.02, 0.4) for _ in range(60)]
    baskets = [
        [product for product, share in enumerate(shares) if rng.random() < share]
        for _ in range(4000)
    ]
    bag = 99
    connection = rules_of(
        [[*basket, bag] for basket in baskets], (*RULES, "rpt_product_affinity"),
        affinity_triple_products=0,
    )  # fmt: skip
    tried, above = connection.execute(
        "select count(*), count(*) filter (where lift > 1) from int_product_rules_measured"
    ).fetchone() or (0, 0)
    found = connection.execute("from rpt_product_affinity").fetchall()
    assert tried > 3000
    assert above > 1000
    assert len(found) <= 2
    # A product of every order goes together with all others and says nothing.
    assert not [row for row in found if f"p{bag}" in row]


def test_a_wholesale_order_makes_no_pairs() -> None:
    baskets = [[1, 2]] * 5 + [range(5000)] * 6 + [[3]] * 20
    connection = rules_of(baskets, (*RULES, "rpt_product_affinity"))
    assert connection.execute(
        "select antecedent, consequent_product_id, orders_count, all_orders_count, lift"
        " from rpt_product_affinity order by 1"
    ).fetchall() == [("p1", "p2", 5, 25, 5.0), ("p2", "p1", 5, 25, 5.0)]


def test_an_order_without_products_makes_no_rule() -> None:
    connection = rules_of([[1], [2]], (*RULES, "rpt_product_affinity"))
    assert connection.execute("from rpt_product_affinity").fetchall() == []
