"""How the company does: figures of the last 30 days beside the 30 before, and their course."""

from dataclasses import dataclass

import duckdb

from portrait.reading.published import Row, has_mart, rows

DAYS = 30


@dataclass(frozen=True)
class Figure:
    """A figure of the last 30 days and of the 30 before; `form` says how it is written."""

    name: str
    form: str
    value: float | None
    before: float | None

    @property
    def change_pct(self) -> float | None:
        """The change in percent; None where there is nothing to compare with."""
        if self.value is None or not self.before:
            return None
        return 100 * (self.value - self.before) / self.before


SUMS = (
    ("realised_by_day_amount", "money"),
    ("paid_net_amount", "money"),
    ("paid_orders_count", "count"),
    ("new_customers_count", "count"),
    ("registrations_count", "count"),
    ("sessions_count", "count"),
)


def figures(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    """The figures of the overview; none where the build has no daily figures."""
    if not has_mart(connection, "rpt_kpis_daily"):
        return []
    sums = ", ".join(f"sum({name})" for name, _ in SUMS)
    found = connection.execute(
        "with days as ("
        " select *, date_diff('day', date_day, max(date_day) over ()) as age"
        " from marts.rpt_kpis_daily"
        f") select age // {DAYS} as part, {sums},"
        " sum(paid_net_amount) / nullif(sum(paid_orders_count), 0),"
        " 100.0 * sum(sessions_with_order_count) / nullif(sum(sessions_count), 0),"
        " arg_min(active_customers_30d_count, age)"
        f" from days where age < {2 * DAYS} group by part"
    ).fetchall()
    by_part = {part: [None if v is None else float(v) for v in values] for part, *values in found}
    empty = [None] * (len(SUMS) + 3)
    now, before = by_part.get(0, empty), by_part.get(1, empty)
    names = [
        *SUMS,
        ("average_order_value_amount", "money"),
        ("conversion_pct", "pct"),
        ("active_customers_30d_count", "count"),
    ]
    shown = [Figure(n, f, now[i], before[i]) for i, (n, f) in enumerate(names)]
    buyers = _buyers(connection)
    return [*shown[:3], *([buyers] if buyers else []), *shown[3:]]


def _buyers(connection: duckdb.DuckDBPyConnection) -> Figure | None:
    """Customers who paid an order. Days cannot be added up, since a customer buys on several."""
    if not has_mart(connection, "customer_behavior_30d"):
        return None
    now, before = connection.execute(
        "select count(*) filter (where paid_orders_30d_count > 0),"
        " count(*) filter (where paid_orders_prior_30d_count > 0) from marts.customer_behavior_30d"
    ).fetchall()[0]
    return Figure("buyers_30d_count", "count", now, before)


def trend(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The daily figures as means of seven days, so that weekends do not hide the course."""
    if not has_mart(connection, "rpt_kpis_daily"):
        return []
    names = (
        "realised_by_day_amount", "paid_orders_count", "new_customers_count", "sessions_count",
    )  # fmt: skip
    means = ", ".join(
        f"cast(avg({name}) over (order by date_day rows 6 preceding) as double) as {name}"
        for name in names
    )
    return rows(
        connection,
        f"select date_day, {means}, active_customers_30d_count from marts.rpt_kpis_daily"
        " order by date_day",
    )


def channels(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What the systems sold in the last 30 days and in the 30 before."""
    if not has_mart(connection, "rpt_channel_sales_daily"):
        return []
    return rows(
        connection,
        "with days as (select *, date_diff('day', ordered_date,"
        " (select as_of_date from quality.build_info)) as age from marts.rpt_channel_sales_daily)"
        f" select system, sum(realised_amount) filter (where age < {DAYS}) as realised_amount,"
        f" sum(realised_amount) filter (where age >= {DAYS}) as before_amount,"
        f" sum(paid_orders_count) filter (where age < {DAYS}) as paid_orders_count"
        f" from days where age between 0 and {2 * DAYS - 1}"
        " group by system order by realised_amount desc nulls last, system",
    )


def totals(connection: duckdb.DuckDBPyConnection) -> Row:
    """How many customers there are, bought, and what they are expected to bring."""
    return rows(
        connection,
        "select count(*) as customers_count, count(*) filter (where paid_orders_count > 0) as"
        " buyers_count, count(*) filter (where is_repeat) as repeat_buyers_count,"
        " sum(lifetime_value_amount) as lifetime_value_amount from marts.customer_portrait",
    )[0]
