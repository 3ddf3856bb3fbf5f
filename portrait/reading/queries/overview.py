"""How the company does: figures of the last 30 days beside the 30 before, and their course."""

from dataclasses import dataclass

import duckdb

from portrait.reading.published import Row, has_mart, rows

DAYS = 30
MOST_MONTHS = 13


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

    @property
    def change_text(self) -> str:
        """The change as it is read: its direction is a sign, not a colour alone."""
        if self.value is not None and self.value == self.before:
            return "="
        change = self.change_pct
        return "–" if change is None else f"{'▲' if change > 0 else '▼'} {change:+.1f} %"


# Over days or months: orders without a rate count in neither.
ORDER_VALUE = "sum(paid_net_amount) / nullif(sum(valued_paid_orders_count), 0)"

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
        f" {ORDER_VALUE},"
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
        " sum(lifetime_value_amount) as lifetime_value_amount,"
        " count(*) filter (where lifecycle_stage = 'lost') as lost_customers_count"
        " from marts.customer_portrait",
    )[0]


def sales(connection: duckdb.DuckDBPyConnection) -> Row:
    """What was sold since the first day; the counts are null where there is no day."""
    return rows(
        connection,
        "select sum(gross_amount) as gross_amount, sum(net_amount) as net_amount,"
        " sum(realised_amount) as realised_amount, sum(orders_count) as orders_count,"
        " sum(paid_orders_count) as paid_orders_count,"
        f" {ORDER_VALUE} as average_order_value_amount,"
        " arg_max(active_customers_30d_count, date_day) as active_customers_30d_count,"
        " min(date_day) as first_day from marts.rpt_kpis_daily",
    )[0]


def by_month(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The latest months with their figures; active customers are those of the month's last day."""
    return rows(
        connection,
        "with buyers as (select activity_month, sum(retained_customers_count) as buyers_count"
        " from marts.rpt_cohort_retention group by activity_month),"
        " months as (select cast(date_trunc('month', date_day) as date) as month_start_date,"
        " sum(gross_amount) as gross_amount, sum(net_amount) as net_amount,"
        " sum(realised_amount) as realised_amount, sum(orders_count) as orders_count,"
        " sum(paid_orders_count) as paid_orders_count,"
        f" {ORDER_VALUE} as average_order_value_amount,"
        " sum(new_customers_count) as new_customers_count,"
        " arg_max(active_customers_30d_count, date_day) as active_customers_30d_count,"
        " max(date_day) = last_day(max(date_day)) as is_complete"
        " from marts.rpt_kpis_daily group by all order by month_start_date desc limit ?)"
        " select months.*, coalesce(buyers_count, 0) as buyers_count from months left join buyers"
        " on months.month_start_date = buyers.activity_month order by month_start_date",
        [MOST_MONTHS],
    )


def funnel(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many customers took each step in the last 30 days, by channel, and after all before."""
    return rows(
        connection,
        "select channel, step, step_number, customers_count, funnel_customers_count,"
        " previous_step_share_pct, first_step_share_pct from marts.rpt_funnel"
        " where segment = 'all' order by channel = 'all' desc, channel, step_number",
    )


def acquisition(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What channels cost in the last twelve months, and whom they brought."""
    return rows(
        connection,
        "select acquisition_channel, sum(cost_amount) as cost_amount,"
        " sum(new_customers_count) as new_customers_count,"
        " sum(cost_amount) / nullif(sum(new_customers_count), 0) as cost_per_new_customer_amount"
        " from marts.rpt_acquisition_channels where month_start_date >"
        " (select as_of_date - interval 12 month from quality.build_info)"
        " group by acquisition_channel order by new_customers_count desc, acquisition_channel",
    )
