"""Adds whales to a company: single values that hold thousands of rows, as typed Parquet files.

Each whale is one customer, account, device, phone number, mail address, household or organisation.
Their rows lie in one more load, so that the company's own rows stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from portrait.contract import Table, load_contract
from portrait.sql import sql_name, sql_text

PROJECT = Path(__file__).resolve().parents[2]
# What the columns of the contract are in a file; what is not named here is text.
TYPES = {
    "date": "date",
    "timestamp": "timestamp",
    "decimal": "decimal(18, 4)",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Sizes:
    """How many rows each whale has; none where it is zero."""

    orders: int = 0
    events: int = 0
    points: int = 0
    phone: int = 0
    email: int = 0
    household: int = 0
    members: int = 0


def whale_rows(sizes: Sizes, day: str) -> dict[str, str]:
    """The query of each table that gets rows, up to the day given (as yyyy-mm-dd).

    An order costs 100 and has two lines, all with one product; a tenth of the orders fall on one
    day. Each fiftieth order comes back by half in a return. Each hundredth visit is by nobody.
    """
    end = f"timestamp '{day} 12:00:00'"
    return {
        "shop.customers": f"""
            select 'WHALE' as customer_id, 'Moby Wal' as full_name,
                'moby.wal@whale.example' as email,
                {end} - interval 300 day as registered_at, {end} as updated_at
            union all by name
            select 'PHONE' || range as customer_id, 'Ada P' || range || ' Hub' as full_name,
                '13812345678' as phone, 'CN' as country,
                {end} - interval 200 day as registered_at, {end} as updated_at
            from range({sizes.phone})
            union all by name
            select 'MAIL' || range as customer_id, 'Bob M' || range || ' Hub' as full_name,
                'desk@hub.example' as email,
                {end} - interval 200 day as registered_at, {end} as updated_at
            from range({sizes.email})
            union all by name
            select 'HOME' || range as customer_id, 'Cleo H' || range || ' Hub' as full_name,
                '1 Long Road' as address, '10001' as postcode, 'New York' as city,
                'US' as country,
                {end} - interval 200 day as registered_at, {end} as updated_at
            from range({sizes.household})""",
        "shop.orders": f"""
            select 'WO' || range as order_id, 'WHALE' as customer_id, 'sale' as order_type,
                'completed' as status, 'CNY' as currency, 100 as net_amount, 100 as gross_amount,
                case when range % 10 = 0 then {end} - interval 5 day
                    else {end} - interval 5 hour - interval 1 minute * range end as ordered_at,
                {end} as updated_at
            from range({sizes.orders})
            union all by name
            select 'WR' || range as order_id, 'WHALE' as customer_id, 'return' as order_type,
                'completed' as status, 'CNY' as currency, -50 as net_amount, -50 as gross_amount,
                {end} - interval 1 hour as ordered_at, {end} as updated_at,
                'WO' || (range * 50 + 1) as original_order_id
            from range({sizes.orders // 50})""",
        "shop.order_items": f"""
            select 'WO' || orders.range as order_id, lines.range + 1 as line_number,
                'WHALEP' as product_id, 1 as quantity, 50 as unit_price, {end} as updated_at
            from range({sizes.orders}) as orders, range(2) as lines
            union all by name
            select 'WR' || range as order_id, 1 as line_number, 'WHALEP' as product_id,
                -1 as quantity, 50 as unit_price, {end} as updated_at
            from range({sizes.orders // 50})""",
        "shop.payments": f"""
            select 'WP' || range as payment_id, 'WO' || range as order_id,
                'payment' as payment_type, 'CNY' as currency, 100 as amount,
                case when range % 10 = 0 then {end} - interval 5 day
                    else {end} - interval 5 hour - interval 1 minute * range end as paid_at,
                {end} as updated_at
            from range({sizes.orders})""",
        "shop.products": f"""
            select 'WHALEP' as product_id, 'Krill' as product_name, 'Food' as category,
                50 as list_price, 20 as unit_cost, 'CNY' as currency, {end} as updated_at
            where {sizes.orders} > 0""",
        "app.events": f"""
            select 'WE' || range as event_id, 'WHALED' as device_id,
                case when range % 100 > 0 then 'WHALE' end as customer_id,
                'page_view' as event_type, 'home' as page,
                {end} - interval 1 second * range as occurred_at,
                {end} - interval 1 second * range as received_at
            from range({sizes.events})""",
        "crm.loyalty_points": f"""
            select 'WL' || range as entry_id, 'shop' as system, 'WHALE' as native_id,
                case when range % 2 = 0 then 'earn' else 'spend' end as kind,
                case when range % 2 = 0 then 10 else 7 end as points,
                {end} - interval 250 day + interval 30 minute * range as occurred_at,
                case when range % 4 = 0
                    then {end} - interval 220 day + interval 30 minute * range end as expires_at,
                {end} as updated_at
            from range({sizes.points})""",
        "crm.organisations": f"""
            select 'WHALEO' as organisation_id, 'Pod Ltd' as name, 'company' as kind,
                {end} - interval 300 day as created_at, {end} as updated_at
            where {sizes.members} > 0""",
        "crm.contacts": f"""
            select 'MEMBER' || range as contact_id, 'Dan O' || range || ' Hub' as full_name,
                'dan' || range || '@pod.example' as email, 'Pod Ltd' as organisation,
                'WHALEO' as organisation_id,
                {end} - interval 200 day as created_at, {end} as updated_at
            from range({sizes.members})""",
    }


def add_whales(raw: Path, sizes: Sizes, load_date: str) -> None:
    """Write the rows of the whales into a raw folder, one file per table that has any."""
    tables = {f"{table.system}.{table.name}": table for table in load_contract(PROJECT)}
    with duckdb.connect() as connection:
        for label, query in whale_rows(sizes, load_date).items():
            _write(connection, raw, tables[label], query, load_date)


def _write(
    connection: duckdb.DuckDBPyConnection, raw: Path, table: Table, query: str, load_date: str
) -> None:
    empty = ", ".join(
        f"cast(null as {TYPES.get(column.data_type, 'varchar')}) as {sql_name(column.name)}"
        for column in table.columns
    )
    names = ", ".join(
        f"cast({sql_name(column.name)} as {TYPES.get(column.data_type, 'varchar')}) "
        f"as {sql_name(column.name)}"
        for column in table.columns
    )
    rows = f"select {names} from (select {empty} where false union all by name ({query}))"
    if not connection.execute(f"select 1 from ({rows}) limit 1").fetchone():
        return
    file = raw / table.system / table.name / f"load_date={load_date}" / "whales.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({rows}) to {sql_text(file)} (format parquet)")
