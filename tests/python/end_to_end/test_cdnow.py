"""What the warehouse publishes of CDNOW's purchase log, to the cent (examples/cdnow)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import pytest
from real_examples import assert_scores_are_right, build_example, frame, raw_file, rows

pytestmark = pytest.mark.slow(reason="it builds on real data")

TOTAL = Decimal("2500315.63")


@pytest.fixture(scope="module")
def marts(shared_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, with the raw log beside it as the table ``log``."""
    source = raw_file("cdnow/cdnow_master.csv")
    published = build_example(
        "cdnow",
        source,
        shared_folder / "cdnow",
        PORTRAIT_TIMEZONE="America/New_York",
        PORTRAIT_CURRENCY="USD",
        PORTRAIT_AS_OF="1998-06-30",
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("use published.marts")
        connection.execute(
            "create table memory.main.log as select row_number() over () as row_number, "
            "customer_id, cast(d as date) as d, cast(spend as decimal(18, 2)) as spend "
            "from read_csv(?, header = true, all_varchar = true)",
            [str(source)],
        )
        yield connection


@pytest.fixture(scope="module")
def rfm(marts: duckdb.DuckDBPyConnection) -> pandas.DataFrame:
    return frame(
        marts,
        "select * exclude (monetary_amount), "
        "cast(monetary_amount * 10000 as bigint) as monetary_units from customer_rfm",
    )


def test_every_row_is_an_order_with_its_own_amount(marts: duckdb.DuckDBPyConnection) -> None:
    """255 exact copies and 80 purchases of value zero included."""
    assert rows(
        marts,
        "select count(*), count(distinct order_id), count(distinct customer_id), sum(net_amount), "
        "sum(realised_amount), count(*) filter (net_amount = 0), bool_and(is_paid) from fct_orders",
    ) == [(69659, 69659, 23570, TOTAL, TOTAL, 80, True)]
    differing = rows(
        marts,
        "select count(*) from memory.main.log full join fct_orders "
        "on native_order_id = cast(row_number as varchar) "
        "where net_amount is distinct from spend or ordered_date is distinct from d",
    )
    assert differing == [(0,)]
    assert rows(marts, "select count(*) from published.quality.rejected_rows") == [(0,)]
    assert rows(marts, "select count(*) from fct_order_lines") == [(0,)]


def test_no_date_is_shifted(marts: duckdb.DuckDBPyConnection) -> None:
    """New York is behind UTC: midnight of a date taken for UTC would be the day before."""
    per_day = "select {day}, count(*), sum({amount}) from {table} group by all order by all"
    raw = rows(marts, per_day.format(day="d", amount="spend", table="memory.main.log"))
    published = rows(
        marts, per_day.format(day="ordered_date", amount="net_amount", table="fct_orders")
    )
    assert published == raw
    assert (published[0][0], published[-1][0]) == (date(1997, 1, 1), date(1998, 6, 30))


def test_customers_are_inferred_and_whole(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select count(*), count(distinct customer_id), bool_and(is_inferred) from dim_customers",
    ) == [(23570, 23570, True)]
    # One customer of the log is one customer of the marts, and the other way round.
    pairs = (
        "select distinct log.customer_id as native, fct_orders.customer_id from memory.main.log "
        "inner join fct_orders on native_order_id = cast(row_number as varchar)"
    )
    assert rows(marts, f"select count(*), count(distinct native) from ({pairs})") == [
        (23570, 23570)
    ]


def test_last_30_days(marts: duckdb.DuckDBPyConnection) -> None:
    """The days after 1998-05-31, up to and with 1998-06-30."""
    assert rows(
        marts,
        "select count(*) filter (orders_30d_count > 0), sum(orders_30d_count), "
        "sum(paid_orders_30d_count), sum(net_30d_amount), sum(realised_30d_amount), "
        "sum(refunded_30d_amount), min(as_of_date), max(as_of_date) from customer_behavior_30d",
    ) == [
        (
            *(1506, 2043, 2043),
            *(Decimal("76109.30"), Decimal("76109.30"), 0),
            *(date(1998, 6, 30), date(1998, 6, 30)),
        )
    ]
    order_days = rows(
        marts,
        "select count(*) from (select distinct customer_id, d from memory.main.log "
        "where d > date '1998-05-31')",
    )
    (order_day_count,) = order_days[0]
    assert rows(
        marts,
        "select sum(order_days_30d_count), sum(active_days_30d_count) from customer_behavior_30d",
    ) == [(order_day_count, order_day_count)]


def test_rfm_measures_are_those_of_the_log(
    marts: duckdb.DuckDBPyConnection, rfm: pandas.DataFrame
) -> None:
    assert len(rfm) == 23570
    native = frame(
        marts,
        "select fct_orders.customer_id, date_diff('day', max(d), date '1998-06-30') as recency, "
        "count(*) as purchases, cast(sum(spend) * 10000 as bigint) as spent from memory.main.log "
        "inner join fct_orders on native_order_id = cast(row_number as varchar) group by all",
    )
    both = rfm.merge(native, on="customer_id", validate="one_to_one")
    assert len(both) == 23570
    assert (both["recency_days"] == both["recency"]).all()
    assert (both["frequency"] == both["purchases"]).all()
    assert (both["monetary_units"] == both["spent"]).all()
    assert rfm["monetary_units"].sum() == int(TOTAL * 10000)


def test_equal_values_score_equally(rfm: pandas.DataFrame) -> None:
    assert_scores_are_right(rfm)
    for value, score in (
        ("recency_days", "fixed_recency_score"),
        ("frequency", "fixed_frequency_score"),
    ):
        assert rfm.groupby(value)[score].nunique().max() == 1
    # nobody has set thresholds of money in dollars
    assert rfm["fixed_monetary_score"].isna().all()


def test_everybody_who_bought_once_has_frequency_score_one(rfm: pandas.DataFrame) -> None:
    bought_once = rfm[rfm["frequency"] == 1]
    assert len(bought_once) == 11908
    assert set(bought_once["frequency_score"]) == {1}
    # And nobody else: 50.5 % are strictly worse than those who bought twice.
    assert set(rfm[rfm["frequency"] == 2]["frequency_score"]) == {3}


def test_every_customer_has_one_segment(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select count(*), count(distinct customer_id), count(rfm_segment), "
        "count(*) filter (rfm_segment = 'Prospects') from customer_segments",
    ) == [(23570, 23570, 23570, 0)]
