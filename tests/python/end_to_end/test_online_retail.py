"""What the warehouse publishes of UCI's Online Retail, to the cent (examples/online_retail)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import pytest
from real_examples import assert_scores_are_right, build_example, frame, raw_file, rows

pytestmark = pytest.mark.slow(reason="it builds on real data")

# Four prices of a tenth of a penny add 0.004 to the published 9,747,747.93 and 8,911,407.90.
NET = Decimal("9747747.934")
CLEAN_GROSS = Decimal("8911407.904")
CANCELLED = Decimal("896812.49")

# Customers and products of which something came back: the others have nothing to match.
WITH_RETURNS = """
    (raw.CustomerID, raw.StockCode) in (
        select (CustomerID, StockCode)
        from memory.main.raw
        where CustomerID is not null and Quantity < 0
    )
"""

# Customer, not cancelled, quantity > 0, price > 0.
CLEAN_LINES = """
    select fct_order_lines.*, fct_orders.ordered_date
    from fct_order_lines
    inner join fct_orders using (order_id)
    where
        fct_orders.customer_id is not null
        and fct_orders.order_type = 'sale'
        and fct_order_lines.quantity > 0
        and fct_order_lines.unit_price_local > 0
"""


@pytest.fixture(scope="module")
def marts(shared_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, with the lines of the raw file beside it as the table ``raw``."""
    source = raw_file("online_retail/onlineretail.parquet")
    published = build_example(
        "online_retail",
        source,
        shared_folder / "online_retail",
        PORTRAIT_TIMEZONE="Europe/London",
        PORTRAIT_CURRENCY="GBP",
        PORTRAIT_AS_OF="2011-12-09",
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("use published.marts")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            "create table memory.main.raw as select file_row_number + 1 as row_number, InvoiceNo, "
            "upper(StockCode) as StockCode, InvoiceDate, cast(CustomerID as bigint) as CustomerID, "
            "cast(Quantity as bigint) as Quantity, cast(UnitPrice as decimal(12, 4)) as UnitPrice, "
            "Quantity * cast(UnitPrice as decimal(12, 4)) as Amount "
            "from (select * replace (cast(Quantity as bigint) as Quantity) "
            "from read_parquet(?, file_row_number = true))",
            [str(source)],
        )
        yield connection


@pytest.fixture(scope="module")
def customers(marts: duckdb.DuckDBPyConnection) -> pandas.DataFrame:
    """Per customer of the raw file: the published id, and the measures computed from raw lines."""
    return frame(
        marts,
        """
        select
            CustomerID as native_id,
            min(fct_orders.customer_id) as customer_id,
            count(distinct fct_orders.customer_id) as ids,
            count(distinct InvoiceNo) filter (InvoiceNo not like 'C%') as orders,
            date_diff(
                'day',
                max(cast(InvoiceDate as date)) filter (InvoiceNo not like 'C%'),
                date '2011-12-09'
            ) as recency,
            cast(sum(Amount) * 10000 as bigint) as net_units
        from memory.main.raw
        inner join fct_orders on native_order_id = InvoiceNo
        where CustomerID is not null
        group by CustomerID
        """,
    )


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple:
    """The one row of a query."""
    (row,) = rows(connection, query)
    return row


# Rows


def test_every_invoice_and_every_line_stands_in_the_marts(marts: duckdb.DuckDBPyConnection) -> None:
    """Exact copies of lines included; none is rejected."""
    assert one(
        marts,
        "select count(*), count(distinct order_id), count(distinct native_order_id) "
        "from fct_orders",
    ) == (25900, 25900, 25900)
    assert one(marts, "select count(*), count(distinct order_line_id) from fct_order_lines") == (
        541909,
        541909,
    )
    assert one(marts, "select count(*) from published.quality.rejected_rows") == (0,)
    differing = one(
        marts,
        """
        select count(*)
        from memory.main.raw
        full join (
            select fct_order_lines.*, fct_orders.native_order_id
            from fct_order_lines inner join fct_orders using (order_id)
        ) as published_lines
            on cast(published_lines.line_number as bigint) = raw.row_number
        where
            published_lines.native_order_id is distinct from raw.InvoiceNo
            or published_lines.quantity is distinct from raw.Quantity
            or published_lines.unit_price_local is distinct from raw.UnitPrice
            or published_lines.net_amount is distinct from raw.Amount
        """,
    )
    assert differing == (0,)


def test_customers_and_guests(
    marts: duckdb.DuckDBPyConnection, customers: pandas.DataFrame
) -> None:
    """4,372 customers; the lines without a customer belong to guests and to no customer."""
    assert one(marts, "select count(*), count(distinct customer_id) from dim_customers") == (
        4372,
        4372,
    )
    assert len(customers) == customers["customer_id"].nunique() == 4372
    assert (customers["ids"] == 1).all()
    assert one(
        marts,
        "select count(*) from fct_order_lines inner join fct_orders using (order_id) "
        "where customer_kind = 'guest' and fct_orders.customer_id is null "
        "and fct_order_lines.customer_id is null",
    ) == (135080,)
    assert one(
        marts,
        "select count(*) filter ((customer_kind = 'guest') <> (customer_id is null)) "
        "from fct_orders",
    ) == (0,)


def test_times_are_londons(marts: duckdb.DuckDBPyConnection) -> None:
    """Winter time is UTC, summer time an hour ahead; no order changes its day."""
    assert rows(
        marts,
        "select cast(ordered_at as timestamp) from fct_orders "
        "where native_order_id in ('536365', '553573') order by native_order_id",
    ) == [(datetime(2010, 12, 1, 8, 26),), (datetime(2011, 5, 18, 8, 52),)]
    assert one(
        marts,
        "select count(*) from (select InvoiceNo, cast(min(InvoiceDate) as date) as day "
        "from memory.main.raw group by all) inner join fct_orders on native_order_id = InvoiceNo "
        "where ordered_date <> day",
    ) == (0,)


def test_what_is_no_product_says_so(marts: duckdb.DuckDBPyConnection) -> None:
    assert one(marts, "select count(*) from dim_products") == (3958,)
    assert rows(
        marts,
        "select product_type, count(*) from dim_products where product_type <> 'goods' "
        "group by all order by all",
    ) == [("adjustment", 4), ("fee", 6)]


# Money


def test_net_is_that_of_the_file(marts: duckdb.DuckDBPyConnection) -> None:
    assert one(marts, "select sum(net_amount) from fct_orders") == (NET,)
    assert one(marts, "select sum(net_amount) from fct_order_lines") == (NET,)
    assert one(
        marts,
        "select count(*) "
        "from (select InvoiceNo, sum(Amount) as amount from memory.main.raw group by all) "
        "full join fct_orders on native_order_id = InvoiceNo "
        "where net_amount is distinct from amount or net_amount_local is distinct from amount",
    ) == (0,)


def test_realised_identities(marts: duckdb.DuckDBPyConnection, customers: pandas.DataFrame) -> None:
    """Every order adds up, and what a return takes from an earlier order it does not take twice."""
    assert one(
        marts,
        "select count(*) from fct_orders where realised_amount is distinct from net_amount "
        "- cancelled_amount - refunded_amount - open_amount + applied_return_amount",
    ) == (0,)
    refunded, applied, realised, not_paid = one(
        marts,
        "select sum(refunded_amount), sum(applied_return_amount), sum(realised_amount), "
        "sum(cancelled_amount) + sum(open_amount) from fct_orders",
    )
    assert refunded == applied > 0
    assert realised == NET
    assert not_paid == 0
    # A customer's returns are matched to the same customer's orders: the total does not move.
    published = frame(
        marts,
        "select customer_id, cast(sum(realised_amount) * 10000 as bigint) as realised_units "
        "from fct_orders where customer_id is not null group by all",
    )
    both = customers.merge(published, on="customer_id", validate="one_to_one")
    assert len(both) == 4372
    assert (both["realised_units"] == both["net_units"]).all()


def test_clean_view(marts: duckdb.DuckDBPyConnection) -> None:
    assert one(
        marts,
        "select count(*), count(distinct order_id), count(distinct customer_id), sum(gross_amount) "
        f"from ({CLEAN_LINES})",
    ) == (397884, 18532, 4338, CLEAN_GROSS)


# Cancellations


def test_every_cancellation_line_has_a_match_rule(marts: duckdb.DuckDBPyConnection) -> None:
    assert one(
        marts,
        "select count(*), sum(fct_order_lines.net_amount), count(match_rule), "
        "count(*) filter (line_type = 'return'), count(*) filter (order_type = 'return') "
        "from fct_order_lines inner join fct_orders using (order_id) "
        "where native_order_id like 'C%'",
    ) == (9288, -CANCELLED, 9288, 9288, 9288)
    assert one(
        marts,
        "select count(*) filter (match_rule is not null and line_type <> 'return') "
        "from fct_order_lines",
    ) == (0,)
    by_rule = dict(
        rows(
            marts,
            "select match_rule, count(*) "
            "from fct_order_lines inner join fct_orders using (order_id) "
            "where native_order_id like 'C%' group by all",
        )
    )
    assert set(by_rule) <= {"quantity", "earliest", "unmatched_customer", "unmatched_guest"}
    # 9,288 less the 8,905 of known customers.
    assert by_rule["unmatched_guest"] == 383


def test_matched_and_unmatched_make_the_whole(marts: duckdb.DuckDBPyConnection) -> None:
    """The value of the cancellations is what they took from sales plus the rest that is shown."""
    returned, matched, rest, rest_of_guests = one(
        marts,
        """
        select
            sum(returned_amount) filter (line_type = 'sale'),
            sum(matched_amount) filter (line_type = 'return'),
            sum(-net_amount - matched_amount) filter (line_type = 'return'),
            sum(-net_amount) filter (match_rule = 'unmatched_guest')
        from fct_order_lines
        """,
    )
    assert returned == matched > 0
    assert matched + rest == CANCELLED
    assert one(marts, "select sum(applied_return_amount) from fct_orders") == (matched,)
    assert one(
        marts,
        "select -sum(Amount) from memory.main.raw where CustomerID is null and Amount < 0 "
        "and InvoiceNo like 'C%'",
    ) == (rest_of_guests,)
    # The rule of a line says unmatched just where nothing, or the smaller part, was found.
    assert one(
        marts,
        """
        select
            count(*) filter (matched_quantity < 0 or matched_quantity > -quantity),
            count(*) filter (match_rule = 'quantity' and matched_quantity <> -quantity),
            count(*) filter (match_rule = 'earliest' and matched_quantity <= 0),
            count(*) filter (match_rule = 'unmatched_guest' and matched_quantity <> 0),
            count(*) filter (match_rule like 'unmatched%' and matched_quantity * 2 > -quantity)
        from fct_order_lines
        where line_type = 'return'
        """,
    ) == (0, 0, 0, 0, 0)


def test_a_return_takes_back_what_was_sold_before(marts: duckdb.DuckDBPyConnection) -> None:
    """From the raw lines and the published quantities: there is room for every matched unit.

    A return may match sales of the same customer and product up to its own time only. So for every
    time, the units given back by sales from then on must fit into the returns from then on.
    """
    lines = rows(
        marts,
        f"""
        select
            raw.CustomerID, raw.StockCode, orders.placed_at,
            line_type, fct_order_lines.quantity, returned_quantity + matched_quantity
        from fct_order_lines
        inner join memory.main.raw on cast(line_number as bigint) = raw.row_number
        inner join (
            select InvoiceNo, min(InvoiceDate) as placed_at from memory.main.raw group by InvoiceNo
        ) as orders on orders.InvoiceNo = raw.InvoiceNo
        where {WITH_RETURNS}
        """,
    )
    groups: dict[tuple, list[tuple]] = defaultdict(list)
    for customer, product, *line in lines:
        groups[customer, product].append(tuple(line))
    matched_lines = 0
    for group in groups.values():
        room = Decimal(0)
        # From the last to the first; at the same time the return comes before the sale here,
        # so that it may take back what was sold in that very minute.
        for _, line_type, quantity, returned in sorted(
            group, key=lambda line: (line[0], line[1] == "return"), reverse=True
        ):
            assert 0 <= returned <= abs(quantity)
            if line_type == "return":
                matched_lines += returned > 0
                room += returned
            else:
                room -= returned
            assert room >= 0
        assert room == 0
    assert matched_lines > 5000


def units_matched_by_the_stated_rule(movements: list[tuple]) -> dict[tuple, tuple[int, int]]:
    """Units taken back by customer and product: of equal quantity, and first in, first out.

    First each return takes the latest earlier sale of exactly its quantity that no return took
    yet. Then the returns that found none take the oldest units of what is left, sold before them.
    Movements are (customer, product, quantity), negative for a return, in the order of time.
    """
    equal_units: dict[tuple, int] = defaultdict(int)
    earliest_units: dict[tuple, int] = defaultdict(int)
    open_sales: dict[tuple, list[int]] = defaultdict(list)
    is_settled = [False] * len(movements)
    for number, (customer, product, quantity) in enumerate(movements):
        sales = open_sales[customer, product, abs(quantity)]
        if quantity > 0:
            sales.append(number)
        elif sales:
            is_settled[number] = is_settled[sales.pop()] = True
            equal_units[customer, product] -= quantity
    left: dict[tuple, int] = defaultdict(int)
    for (customer, product, quantity), settled in zip(movements, is_settled, strict=True):
        if not settled:
            taken = min(-quantity, left[customer, product]) if quantity < 0 else 0
            earliest_units[customer, product] += taken
            left[customer, product] += quantity if quantity > 0 else -taken
    return {
        key: (equal_units[key], equal_units[key] + earliest_units[key])
        for key in equal_units.keys() | earliest_units.keys()
        if equal_units[key] + earliest_units[key]
    }


def test_returns_are_matched_by_the_stated_rule(marts: duckdb.DuckDBPyConnection) -> None:
    """The rule, written again in plain Python over raw lines, takes back the same units."""
    movements = rows(
        marts,
        f"""
        select CustomerID, StockCode, Quantity
        from memory.main.raw
        inner join (
            select InvoiceNo, min(InvoiceDate) as placed_at from memory.main.raw group by InvoiceNo
        ) using (InvoiceNo)
        where {WITH_RETURNS}
        order by placed_at, Quantity < 0, row_number
        """,
    )
    published = rows(
        marts,
        """
        select
            raw.CustomerID,
            raw.StockCode,
            cast(sum(
                case when match_rule = 'quantity' then matched_quantity else 0 end
            ) as bigint) as equal_units,
            cast(sum(matched_quantity) as bigint) as all_units
        from fct_order_lines
        inner join memory.main.raw on cast(line_number as bigint) = raw.row_number
        where line_type = 'return' and raw.CustomerID is not null
        group by all
        having sum(matched_quantity) > 0
        """,
    )
    assert {(customer, product): units for customer, product, *units in published} == {
        key: list(units) for key, units in units_matched_by_the_stated_rule(movements).items()
    }


def test_80995_cancelled_units_are_not_realised(marts: duckdb.DuckDBPyConnection) -> None:
    """Customer 16446 ordered them for 168,469.60 and cancelled twelve minutes later."""
    assert rows(
        marts,
        "select native_order_id, order_type, net_amount, refunded_amount, realised_amount "
        "from fct_orders "
        "where native_order_id in ('553573', '581483', 'C581484') order by native_order_id",
    ) == [
        ("553573", "sale", Decimal("2.90"), 0, Decimal("2.90")),
        ("581483", "sale", Decimal("168469.60"), Decimal("168469.60"), 0),
        ("C581484", "return", Decimal("-168469.60"), 0, 0),
    ]
    assert one(
        marts,
        "select sum(gross_amount) filter (order_type = 'sale'), sum(realised_amount) "
        "from fct_orders "
        "where customer_id = "
        "(select customer_id from fct_orders where native_order_id = '581483')",
    ) == (Decimal("168472.50"), Decimal("2.90"))
    assert one(
        marts,
        "select match_rule, matched_quantity "
        "from fct_order_lines inner join fct_orders using (order_id) "
        "where native_order_id = 'C581484'",
    ) == ("quantity", 80995)


# The last 30 days


def test_last_30_days_of_the_clean_view(marts: duckdb.DuckDBPyConnection) -> None:
    assert one(
        marts,
        "select count(distinct customer_id), count(distinct order_id), sum(gross_amount) "
        f"from ({CLEAN_LINES}) where ordered_date > date '2011-11-09'",
    ) == (1628, 2681, Decimal("1323866.43"))


def test_behavior_in_the_last_30_days(marts: duckdb.DuckDBPyConnection) -> None:
    """The same customers and money; one order of free goods alone (578841) is one order more."""
    assert one(
        marts,
        "select count(*), count(*) filter (gross_30d_amount > 0), "
        "count(*) filter (orders_30d_count > 0), sum(orders_30d_count), "
        "sum(paid_orders_30d_count), "
        "sum(gross_30d_amount), min(as_of_date), max(as_of_date) from customer_behavior_30d",
    ) == (
        *(4372, 1628, 1629, 2682, 2682),
        *(Decimal("1323866.43"), date(2011, 12, 9), date(2011, 12, 9)),
    )
    # Money that came back in the window counts on its own day, whenever it was sold.
    returned = one(
        marts,
        "select -sum(Amount) from memory.main.raw where CustomerID is not null "
        "and InvoiceNo like 'C%' and InvoiceDate >= timestamp '2011-11-10'",
    )
    assert one(marts, "select sum(refunded_30d_amount) from customer_behavior_30d") == returned


def test_the_30_days_before_stand_beside(marts: duckdb.DuckDBPyConnection) -> None:
    """2011-10-11 to 2011-11-09."""
    raw = one(
        marts,
        "select count(distinct InvoiceNo), sum(Amount) from memory.main.raw "
        "where CustomerID is not null and InvoiceNo not like 'C%' "
        "and InvoiceDate >= timestamp '2011-10-11' and InvoiceDate < timestamp '2011-11-10'",
    )
    assert (
        one(
            marts,
            "select sum(orders_prior_30d_count), sum(gross_prior_30d_amount) "
            "from customer_behavior_30d",
        )
        == raw
    )


# Value


def test_rfm_measures_and_scores_are_those_of_the_file(
    marts: duckdb.DuckDBPyConnection, customers: pandas.DataFrame
) -> None:
    """Measures from raw lines, scores from ranks; with cancellations only, nothing was bought."""
    rfm = frame(
        marts,
        "select * exclude (monetary_amount), "
        "cast(monetary_amount * 10000 as bigint) as monetary_units from customer_rfm",
    )
    buyers = customers[customers["orders"] > 0]
    both = rfm.merge(buyers, on="customer_id", validate="one_to_one")
    assert len(buyers) == len(both) == 4339
    assert (both["recency_days"] == both["recency"]).all()
    assert (both["frequency"] == both["orders"]).all()
    assert (both["monetary_units"] == both["net_units"]).all()
    scored = rfm[rfm["rfm_code"].notna()]
    assert set(scored["customer_id"]) == set(buyers["customer_id"])
    assert_scores_are_right(scored)


def test_customers_with_cancellations_only_are_prospects(
    marts: duckdb.DuckDBPyConnection, customers: pandas.DataFrame
) -> None:
    segments = frame(marts, "select * from customer_segments")
    assert len(segments) == segments["customer_id"].nunique() == 4372
    prospects = segments[segments["rfm_segment"] == "Prospects"]
    never_bought = customers[customers["orders"] == 0]
    assert len(never_bought) == 33
    assert set(prospects["customer_id"]) == set(never_bought["customer_id"])


def test_customers_with_negative_realised_revenue_have_the_negative_tier(
    marts: duckdb.DuckDBPyConnection, customers: pandas.DataFrame
) -> None:
    negative = customers[customers["net_units"] < 0]
    assert len(negative) == 41
    tier = rows(marts, "select customer_id from customer_segments where value_tier = 'negative'")
    assert {customer_id for (customer_id,) in tier} == set(negative["customer_id"])
