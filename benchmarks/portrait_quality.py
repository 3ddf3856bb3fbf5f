"""How right preferences and sensitivity are: against what customers bought next, and a known truth.

    python -m benchmarks.portrait_quality [--people N] [--seed S] [--folder FOLDER]

On UCI Online Retail (in the folder that PORTRAIT_REAL_DATA names, default data/real) the project
is built as of a day before the end, and the next purchase of each customer is looked up in the raw
file: does it hold a product of one of the three categories that customer_preferences names first?
Beside it stand the three categories of most lines of all time, and the three that most customers
buy. The file has no categories; a product's is the last word of its name, such as BAG or HOLDER.

On a generated company the truth says which category a person likes best, and who loves promotions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import PROJECT, MeasuredWarehouse
from portrait.sql import one_row, sql_text

AS_OF = date(2011, 11, 8)
TOP = 3
# With fewer orders than this, loving promotions does not show.
ENOUGH_ORDERS = 5
CATEGORY = "regexp_extract(upper(trim({name})), '([A-Z]+)[^A-Z]*$', 1)"


@dataclass(frozen=True)
class NextPurchase:
    """Share of customers whose next purchase holds a product of the three categories, by method."""

    customers: int
    preferences: float
    all_time: float
    popular: float


@dataclass(frozen=True)
class KnownTastes:
    """Of people with a known taste: share whose favourite is among three, by method; hunters.

    precision and recall are those of a high sensitivity to promotions among people with enough
    paid orders, against those who love promotions.
    """

    people: int
    preferences: float
    all_time: float
    popular: float
    buyers: int
    precision: float
    recall: float


def next_purchases(folder: Path) -> NextPurchase:
    """Build Online Retail as of the day, and look at what was bought next."""
    place = MeasuredWarehouse(folder, AS_OF.isoformat())
    place.environment |= {
        "PORTRAIT_TIMEZONE": "Europe/London",
        "PORTRAIT_CURRENCY": "GBP",
        "PORTRAIT_REAL_DATA": str(PROJECT / os.environ.get("PORTRAIT_REAL_DATA", "data/real")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    _run(place, str(PROJECT / "examples/run_adapter.py"), "online_retail", "--warehouse", folder)
    shop = place.raw / "shop"
    with duckdb.connect() as connection:
        _add_categories(connection, shop / "products.parquet")
        place.land()
        place.run_step("preferences", ["+customer_preferences", "bridge_customer_identities"])
        portrait = place.warehouse / "work" / "portrait.duckdb"
        connection.execute(f"attach {sql_text(portrait)} as portrait (read_only)")
        connection.execute(f"attach {sql_text(place.build)} as build (read_only)")
        return NextPurchase(*one_row(connection, _next_purchase_query(shop)))


def _add_categories(connection: duckdb.DuckDBPyConnection, products: Path) -> None:
    """Give the products of the adapter the last word of their names as their category."""
    part = products.with_suffix(".part")
    category = CATEGORY.format(name="product_name")
    connection.execute(
        f"copy (select *, nullif({category}, '') as category from {sql_text(products)})"
        f" to {sql_text(part)} (format parquet)"
    )
    part.replace(products)


def _next_purchase_query(shop: Path) -> str:
    return f"""
        with bought as (
            select
                orders.customer_id, orders.order_id, cast(orders.ordered_at as date) as day,
                products.category
            from {sql_text(shop / "orders.parquet")} as orders
            join {sql_text(shop / "order_items.parquet")} as items using (order_id)
            join {sql_text(shop / "products.parquet")} as products using (product_id)
            where orders.customer_id is not null and orders.order_type = 'sale'
                and items.quantity > 0 and items.unit_price > 0 and products.category is not null
        ),
        past as (select * from bought where day <= date {sql_text(AS_OF)}),
        next_orders as (
            select customer_id, order_id
            from bought
            where day > date {sql_text(AS_OF)} and customer_id in (select customer_id from past)
            group by customer_id, order_id, day
            qualify row_number() over (partition by customer_id order by day, order_id) = 1
        ),
        preferred as (
            select records.native_customer_id as customer_id, preference_value as category
            from portrait.marts.customer_preferences
            join portrait.marts.bridge_customer_identities as records using (customer_id)
            where dimension = 'category' and preference_rank <= {TOP}
        ),
        all_time as (
            select customer_id, category
            from past
            group by customer_id, category
            qualify row_number() over (
                partition by customer_id order by count(*) desc, category
            ) <= {TOP}
        ),
        popular as (
            select category
            from past
            group by category
            order by count(distinct customer_id) desc, category
            limit {TOP}
        ),
        hits as (
            select
                bought.customer_id,
                max(preferred.category is not null) as is_preferred,
                max(all_time.category is not null) as is_all_time,
                max(popular.category is not null) as is_popular
            from next_orders
            join bought using (customer_id, order_id)
            left join preferred
                on bought.customer_id = preferred.customer_id
                and bought.category = preferred.category
            left join all_time
                on bought.customer_id = all_time.customer_id
                and bought.category = all_time.category
            left join popular on bought.category = popular.category
            group by bought.customer_id
        )
        select
            count(*), avg(is_preferred::int), avg(is_all_time::int), avg(is_popular::int)
        from hits
    """


def known_tastes(folder: Path, people: int, seed: int) -> KnownTastes:
    """Generate a company, build its portraits, and hold them against the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    place = MeasuredWarehouse(folder, "")
    place.portrait(
        *("generate", "--people", str(people), "--seed", str(seed), "--days", "730"),
        *("--out", str(place.raw)),
    )
    place.land()
    place.run_step(
        "portrait",
        ["+customer_preferences", "+customer_sensitivity", "bridge_customer_identities"],
    )
    truth = place.raw.with_name(f"{place.raw.name}_truth")
    with duckdb.connect() as connection:
        portrait = place.warehouse / "work" / "portrait.duckdb"
        connection.execute(f"attach {sql_text(portrait)} as portrait (read_only)")
        connection.execute(f"attach {sql_text(place.build)} as build (read_only)")
        connection.execute(_people_of_customers(truth))
        tastes = one_row(connection, TASTES)
        hunters = one_row(connection, HUNTERS)
    return KnownTastes(*tastes, *hunters)


def _people_of_customers(truth: Path) -> str:
    """Each customer whose records are all of one person, and that person."""
    return f"""
        create temp table truth_people as
        select
            records.customer_id, min(people.favourite_category) as favourite_category,
            bool_or(people.loves_promotions) as loves_promotions
        from portrait.marts.bridge_customer_identities as records
        join read_csv({sql_text(truth / "records.csv")}, all_varchar = true) as truth
            on records.system = truth.system and records.native_customer_id = truth.native_id
        join (
            select * replace (loves_promotions = 'true' as loves_promotions)
            from read_csv({sql_text(truth / "people.csv")}, all_varchar = true)
        ) as people using (person_id)
        where people.person_kind = 'regular'
        group by records.customer_id
        having count(distinct people.person_id) = 1
    """


TASTES = f"""
    with signals as (
        select customer_id, preference_value as category, signals_count
        from build.intermediate.int_customer_interests
        where dimension = 'category'
    ),
    most as (
        select customer_id, category
        from signals
        qualify row_number() over (
            partition by customer_id order by signals_count desc, category
        ) <= {TOP}
    ),
    popular as (
        select category from signals group by category order by count(*) desc, category limit {TOP}
    )
    select
        count(*),
        avg(exists (
            select 1 from portrait.marts.customer_preferences as preferences
            where preferences.customer_id = truth_people.customer_id
                and dimension = 'category' and preference_rank <= {TOP}
                and preference_value = favourite_category
        )::int),
        avg((favourite_category in (
            select category from most where most.customer_id = truth_people.customer_id
        ))::int),
        avg((favourite_category in (select category from popular))::int)
    from truth_people
    where customer_id in (select customer_id from signals)
"""
HUNTERS = f"""
    with judged as (
        select promotion_sensitivity = 'high' as is_found, loves_promotions
        from portrait.marts.customer_sensitivity
        join truth_people using (customer_id)
        where paid_orders_count >= {ENOUGH_ORDERS}
    )
    select
        count(*), avg(loves_promotions::int) filter (where is_found),
        avg(is_found::int) filter (where loves_promotions)
    from judged
"""


def _run(place: MeasuredWarehouse, *command: str | Path) -> None:
    subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=PROJECT,
        env=place.environment,
        check=True,
        capture_output=True,
    )


@click.command()
@click.option("--people", default=3000, show_default=True, help="People of the company.")
@click.option("--seed", default=16, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Where to build (default: away).")
def main(people: int, seed: int, folder: Path | None) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as away:
        place = (folder or Path(away)).resolve()
        bought = next_purchases(place / "online_retail")
        click.echo(
            f"Online Retail, next purchase of {bought.customers} customers in one of {TOP} "
            f"categories: preferences {bought.preferences:.3f}, all-time favourites "
            f"{bought.all_time:.3f}, popularity {bought.popular:.3f}."
        )
        known = known_tastes(place / "generated", people, seed)
        click.echo(
            f"Generated, favourite category of {known.people} people among {TOP}: preferences "
            f"{known.preferences:.3f}, all-time favourite {known.all_time:.3f}, popularity "
            f"{known.popular:.3f}. Lovers of promotions among {known.buyers} with at least "
            f"{ENOUGH_ORDERS} orders: precision {known.precision:.3f}, recall {known.recall:.3f}."
        )


if __name__ == "__main__":
    main()
