"""A small finished build, made without dbt, with all that the expectation suites read."""

from datetime import date
from pathlib import Path

import duckdb

from portrait.contract import Table, load_contract
from portrait.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
CONTRACT = load_contract(PROJECT)
AS_OF = date(2026, 6, 30)
SEGMENTS = ("Champions", "Loyal", "At Risk", "Lost")
TYPES = {
    "decimal": "decimal(18, 4)",
    "rate": "decimal(18, 8)",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}


def settings_for(warehouse: Path) -> Settings:
    return Settings(project=PROJECT, raw=warehouse / "raw", warehouse=warehouse)


def write_build(work: Path, customers: int = 120, orders: int = 400) -> Path:
    """Write the files of a healthy company that delivers customers and orders only."""
    work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(work / "build.duckdb")) as build:
        for table in CONTRACT:
            _create_raw(build, table)
            _create_base(build, table)
        build.execute(
            f"""
            create schema landing;
            create table landing.files
                (schema_name varchar, table_name varchar, broken_rows bigint);

            insert into raw_shop.customers by name
            select
                cast(i as varchar) as customer_id,
                case when i % 3 > 0 then 'person' || i || '@example.org' else ' ' end as email,
                '1380000' || i as phone,
                (1960 + i % 40) || '年1月' || (1 + i % 28) || '日' as birth_date,
                case when i % 2 > 0 then '是' else 'FALSE' end as has_email_consent,
                '2026-06-01 10:00:00' as updated_at,
                'shop/customers.csv' as _file,
                i + 1 as _row
            from range({customers}) as t (i);

            insert into raw_shop.orders by name
            select
                'o' || i as order_id,
                cast(i % {customers} as varchar) as customer_id,
                strftime(date '{AS_OF}' - cast(i % 300 as integer), '%Y/%-m/%-d 08:00:00+08:00')
                    as ordered_at,
                'CNY' as currency,
                '１,234.50' as net_amount,
                'shop/orders.csv' as _file,
                i + 1 as _row
            from range({orders}) as t (i);

            insert into staging.base_shop__customers by name
            select
                customer_id,
                nullif(trim(email), '') as email,
                phone,
                date '1960-01-01' + cast(_row * 100 as integer) as birth_date,
                _file,
                _row,
                'accepted' as row_status
            from raw_shop.customers;

            insert into staging.base_shop__orders by name
            select
                order_id,
                customer_id,
                cast(date '{AS_OF}' - cast(_row % 300 as integer) as timestamp) as ordered_at,
                1234.50 + _row % 1000 as net_amount,
                _file,
                _row,
                'accepted' as row_status
            from raw_shop.orders;
            """
        )
    with duckdb.connect(str(work / "portrait.duckdb")) as portrait:
        _create_marts(portrait, customers, orders)
    return work


def execute(file: Path, *statements: str) -> None:
    """Plant a fault."""
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


def _create_raw(build: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"{name} varchar" for name in table.column_names)
    build.execute(f"create schema if not exists {table.schema}")
    build.execute(
        f"create table {table.schema}.{table.name} "
        f"({columns}, _file varchar, _row bigint, _load_date date,"
        " _instance varchar, _is_deleted varchar, _delivery varchar)"
    )


def _create_base(build: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"{c.name} {TYPES.get(c.data_type, 'varchar')}" for c in table.columns)
    build.execute("create schema if not exists staging")
    build.execute(
        f"create table staging.base_{table.system}__{table.name} "
        f"({columns}, _file varchar, _row bigint, _load_date date,"
        " row_status varchar, doubt varchar)"
    )


def _create_marts(portrait: duckdb.DuckDBPyConnection, customers: int, orders: int) -> None:
    segments = ", ".join(f"'{segment}'" for segment in SEGMENTS)
    portrait.execute(
        f"""
        create schema marts;
        create schema quality;

        create table marts.dim_customers as
        select
            'c' || i as customer_id,
            case when i % 3 > 0 then 'person' || i || '@example.org' end as email,
            '+861380000' || i as phone,
            'clerk' as occupation,
            '5-10k' as income_band,
            false as is_inferred
        from range({customers}) as t (i);

        create table marts.bridge_customer_identities as
        select customer_id from marts.dim_customers;

        create table marts.fct_orders as
        select
            'shop:o' || i as order_id,
            'c' || i % {customers} as customer_id,
            'shop:' || i % {customers} as record_id,
            'shop' as system,
            cast(null as varchar) as coupon_id,
            'none' as coupon_status,
            'known' as customer_kind,
            'sale' as order_type,
            100.0 as gross_amount,
            10.0 as discount_amount,
            90.0 as net_amount,
            cast(90 as decimal(18, 4)) as realised_amount,
            true as is_paid,
            true as has_fx_rate,
            false as is_cancelled,
            cast(date '{AS_OF}' - cast(i % 300 as integer) as timestamp) as ordered_at,
            date '{AS_OF}' - cast(i % 300 as integer) as ordered_date
        from range({orders}) as t (i);

        create table marts.fct_order_lines as
        select order_id, 'sale' as line_type, cast(null as varchar) as match_rule
        from marts.fct_orders;

        create table marts.fct_order_costs as
        select order_id, 9.0 as amount, 'fee' as counts_as
        from marts.fct_orders;

        create table marts.dim_stores as
        select 'pos:' || i as store_id, false as is_inferred
        from range(3) as t (i);

        create table marts.rpt_channel_sales_daily as
        select system, ordered_date, count(*) as documents_count
        from marts.fct_orders
        group by system, ordered_date;

        create table marts.fct_payments as
        select order_id, 'payment' as payment_type, net_amount as amount, 1.0 as fx_rate,
            true as is_succeeded
        from marts.fct_orders;

        -- a visit before every other order, some of them without a login
        create table marts.fct_sessions as
        select
            'd' || i % {customers} as native_device_id,
            case when i % 5 > 0 then 'c' || i % {customers} end as customer_id,
            case when i % 5 > 0 then 'shop:' || i % {customers} end as record_id,
            7 as events_count,
            600 as duration_seconds,
            i % 5 = 0 as is_anonymous,
            i % 5 > 0 as has_order,
            cast(date '{AS_OF}' - cast(i % 300 as integer) as timestamp) as started_at
        from range(0, {orders}, 2) as t (i);

        create table marts.customer_loyalty as
        select customer_id, count(*) as paid_orders_count, count(*) > 3 as is_repeat
        from marts.fct_orders
        group by customer_id;

        create table marts.fct_customer_daily_activity as
        select distinct customer_id, ordered_date from marts.fct_orders;

        create table marts.customer_behavior_30d as
        select
            customer_id,
            date '{AS_OF}' as as_of_date,
            count(*) filter (where ordered_date > date '{AS_OF}' - 30) as orders_30d_count,
            case when max(ordered_date) > date '{AS_OF}' - 30 then 'low' else 'inactive' end
                as activity_level,
            date '{AS_OF}' - max(ordered_date) as since_last_order_days,
            cast(null as integer) as since_last_visit_days
        from marts.fct_orders
        group by customer_id;

        create table marts.customer_rfm as
        select
            'c' || i as customer_id,
            date '{AS_OF}' as as_of_date,
            i as recency_days,
            1 + i % 5 as recency_score,
            1 + i % 5 as frequency_score,
            1 + i % 5 as monetary_score
        from range({customers}) as t (i);

        create table marts.customer_segments as
        select
            'c' || i as customer_id,
            list_extract([{segments}], 1 + i % {len(SEGMENTS)}) as rfm_segment,
            case i % 4 when 0 then 'unknown' when 1 then 'other' else 'office' end
                as occupation_group,
            case i % 4 when 0 then 'unknown' when 1 then 'other' else 'low' end as income_group,
            case when i % 3 = 0 then 'frequent' else 'inactive' end as behavior_segment
        from range({customers}) as t (i);

        create table quality.build_info as
        select
            'CNY' as currency,
            'Asia/Shanghai' as timezone,
            'raw' as raw_folder,
            date '{AS_OF}' as as_of_date;
        """
    )
