"""How right recommendations are: against what customers bought next.

    python -m benchmarks.recommendation_quality [--as-of DATE] [--folder FOLDER]

On UCI Online Retail (in the folder that PORTRAIT_REAL_DATA names, default data/real) the project
is built as of a day before the end, and customer_recommendations is held against all products that
each customer bought in the 30 days after it, as the raw file has them. Three questions are asked of
the first ten products: of new products, of products bought before, and of all. Beside it stand the
products that most customers had bought, and those that most had bought lately.

The gain of a list is discounted by rank (NDCG): 1 where the ten are right, as far as there are ten.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import PROJECT, MeasuredWarehouse
from benchmarks.portrait_quality import _run
from portrait.sql import sql_text

AS_OF = date(2011, 11, 9)
DAYS = 30
TOP = 10
# The half-life of lately, in days, as recommendation_trend_half_life_days has it.
HALF_LIFE = 30
KINDS = ("new", "again", "all")
METHODS = ("recommended", "popular", "popular_lately")


@dataclass(frozen=True)
class Score:
    """Of customers who bought something of the kind: how much of it the first ten products name."""

    customers: int
    recall: float
    ndcg: float
    hit: float


Scores = dict[tuple[str, str], Score]


def next_products(folder: Path, as_of: date = AS_OF) -> Scores:
    """Build Online Retail as of the day; scores by kind and method."""
    place = MeasuredWarehouse(folder, as_of.isoformat())
    place.environment |= {
        "PORTRAIT_TIMEZONE": "Europe/London",
        "PORTRAIT_CURRENCY": "GBP",
        "PORTRAIT_REAL_DATA": str(PROJECT / os.environ.get("PORTRAIT_REAL_DATA", "data/real")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    _run(place, str(PROJECT / "examples/run_adapter.py"), "online_retail", "--warehouse", folder)
    place.land()
    place.run_step("recommendations", ["+customer_recommendations"])
    with duckdb.connect() as connection:
        portrait = place.warehouse / "work" / "portrait.duckdb"
        connection.execute(f"attach {sql_text(portrait)} as portrait (read_only)")
        connection.execute(f"attach {sql_text(place.build)} as build (read_only)")
        connection.execute(_bought(place.raw / "shop", as_of))
        connection.execute(_lists(as_of))
        rows = connection.execute(SCORES).fetchall()
    return {(kind, method): Score(*score) for kind, method, *score in rows}


def _bought(shop: Path, as_of: date) -> str:
    """What customers bought until the day, and within the days after it."""
    return f"""
        create table bought as
        select distinct
            orders.customer_id, 'shop:' || items.product_id as product_id,
            cast(orders.ordered_at as date) as day
        from {sql_text(shop / "orders.parquet")} as orders
        join {sql_text(shop / "order_items.parquet")} as items using (order_id)
        join {sql_text(shop / "products.parquet")} as products using (product_id)
        where orders.customer_id is not null and orders.order_type = 'sale'
            and items.quantity > 0 and items.unit_price > 0 and products.product_type = 'goods';
        create table past as
        select customer_id, product_id, max(day) as last_day
        from bought
        where day <= date {sql_text(as_of)}
        group by all;
        create table wanted as
        with next as (
            select distinct customer_id, product_id
            from bought
            semi join past using (customer_id)
            where day > date {sql_text(as_of)}
                and day <= date {sql_text(as_of + timedelta(days=DAYS))}
        )
        select 'new' as kind, * from (from next anti join past using (customer_id, product_id))
        union all
        select 'again', * from (from next semi join past using (customer_id, product_id))
        union all
        select 'all', * from next;
    """


def _lists(as_of: date) -> str:
    """The first products of each customer, by kind and method."""
    customers = "(select distinct kind, customer_id from wanted)"
    # Popular products of a kind are those that the customer has, or has not: the most popular that
    # a customer of so many products may still lack lie far down.
    popular = "\n".join(
        f"""
        union all
        select
            customers.kind, '{method}', customers.customer_id, products.product_id,
            row_number() over (
                partition by customers.kind, customers.customer_id
                order by products.{method} desc, products.product_id
            ) as rank
        from {customers} as customers
        cross join products
        left join past
            on customers.customer_id = past.customer_id and products.product_id = past.product_id
        where customers.kind = 'all'
            or (customers.kind = 'again') = (past.product_id is not null)
        qualify rank <= {TOP}"""
        for method in METHODS[1:]
    )
    return f"""
        create table lists as
        with products as (
            select
                product_id, count(*) as popular,
                sum(power(0.5, date_diff('day', last_day, date {sql_text(as_of)}) / {HALF_LIFE}))
                    as popular_lately
            from past
            group by product_id
        ),
        recommended as (
            select
                records.native_customer_id as customer_id, product_id, recommendation_kind,
                recommendation_rank, overall_rank
            from portrait.marts.customer_recommendations
            join build.intermediate.int_records_clustered as records using (customer_id)
        )
        select
            recommendation_kind as kind, 'recommended' as method, customer_id, product_id,
            recommendation_rank as rank
        from recommended
        where recommendation_rank <= {TOP}
        union all
        select 'all', 'recommended', customer_id, product_id, overall_rank
        from recommended
        where overall_rank <= {TOP}
        {popular}
    """


SCORES = f"""
    with ideal as (
        select range as wanted_count, sum(1 / log2(range + 1)) over (order by range) as gain
        from range(1, {TOP + 1})
    ),
    methods as (select distinct method from lists),
    found as (
        select
            wanted.kind, methods.method, wanted.customer_id, count(*) as wanted_count,
            count(lists.rank) as hits_count, coalesce(sum(1 / log2(lists.rank + 1)), 0) as gain
        from wanted
        cross join methods
        left join lists
            on wanted.kind = lists.kind and methods.method = lists.method
            and wanted.customer_id = lists.customer_id and wanted.product_id = lists.product_id
        group by all
    )
    select
        found.kind, found.method, count(*), avg(hits_count / found.wanted_count),
        avg(found.gain / ideal.gain), avg((hits_count > 0)::int)
    from found
    join ideal on ideal.wanted_count = least(found.wanted_count, {TOP})
    group by all
"""


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), default=AS_OF.isoformat())
@click.option("--folder", type=click.Path(path_type=Path), help="Where to build (default: away).")
def main(as_of: date, folder: Path | None) -> None:
    """Print the table of docs/marketing.md."""
    day = date(as_of.year, as_of.month, as_of.day)
    with tempfile.TemporaryDirectory() as away:
        scores = next_products((folder or Path(away)).resolve() / "online_retail", day)
    click.echo(f"| First {TOP} products as of {day} | Customers | Recall | NDCG | Hit |")
    click.echo("|---|--:|--:|--:|--:|")
    for kind in KINDS:
        for method in METHODS:
            score = scores[kind, method]
            click.echo(
                f"| {kind}, {method.replace('_', ' ')} | {score.customers} | {score.recall:.3f}"
                f" | {score.ndcg:.3f} | {score.hit:.3f} |"
            )


if __name__ == "__main__":
    main()
