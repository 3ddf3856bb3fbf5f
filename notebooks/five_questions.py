"""Five questions of the cookbook with charts: `make notebook` (docs/cookbook.md)."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Five questions")

with app.setup(hide_code=True):
    import re
    from datetime import date
    from decimal import Decimal
    from typing import Any, NamedTuple

    import altair as alt
    import duckdb
    import marimo as mo

    from portrait.settings import Settings

    # The analysts' file holds no personal data. Questions that are marked in docs/cookbook.md need
    # portrait.duckdb.
    SETTINGS = Settings.from_environment()
    FILE = SETTINGS.warehouse / "current" / "analyst.duckdb"
    COOKBOOK = SETTINGS.project / "analyses"
    BLUE, GREY, PALE = "#1f5fa8", "#5b6673", "#c9d8ec"

    class Asked(NamedTuple):
        """A question with its SQL, and the rows that answer it."""

        question: str
        sql: str
        rows: list[dict[str, Any]]


@app.function(hide_code=True)
def ask(name: str) -> Asked:
    """Ask a file of the cookbook, as `revenue/where_does_the_money_go`.

    The published file is opened to read and closed again, so the next question sees the next build.
    """
    sql = (COOKBOOK / f"{name}.sql").read_text("utf-8")
    question, sql = re.fullmatch(r"((?:-- [^\n]*\n)*)(.*)", sql, re.DOTALL).groups()
    with duckdb.connect(str(FILE), read_only=True) as connection:
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, map(plain, row), strict=True)) for row in found.fetchall()]
    lines = [line.removeprefix("-- ") for line in question.splitlines()]
    return Asked(" ".join(lines), sql, rows)


@app.function(hide_code=True)
def plain(value: Any) -> Any:
    """A value as a chart takes it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


@app.function(hide_code=True)
def answer(asked: Asked, *shown: Any) -> Any:
    """The question, what is shown, and folded below it the rows and the SQL."""
    rows = mo.ui.table(asked.rows, selection=None)
    folded = mo.accordion({"Rows": rows, "SQL": mo.md(f"```sql\n{asked.sql}\n```")})
    return mo.vstack([mo.md(f"## {asked.question}"), *shown, folded])


@app.cell(hide_code=True)
def _():
    with duckdb.connect(str(FILE), read_only=True) as _connection:
        _day, currency = _connection.execute(
            "select as_of_date, currency from quality.build_info"
        ).fetchone()
    mo.md(
        f"""
        # Five questions

        What the published file says on {_day}, in {currency}. The SQL of each question is a file in
        `analyses/`; `docs/cookbook.md` lists the others. To ask one of them, add a cell:
        `answer(ask("products/which_products_come_back"))`.
        """
    )
    return (currency,)


@app.cell
def _(currency):
    months = ask("revenue/how_does_revenue_grow_by_month")
    _bars = alt.Chart(alt.Data(values=months.rows), width=560, height=240).encode(
        x=alt.X("yearmonth(month_start_date):O", title=None, axis=alt.Axis(labelAngle=0)),
        tooltip=[
            alt.Tooltip(f"{name}:Q", format=",.0f")
            for name in ("net_amount", "cancelled_amount", "refunded_amount", "realised_amount")
        ],
    )
    _amount = alt.Axis(format="~s", tickCount=5)
    answer(
        months,
        _bars.mark_bar(color=PALE).encode(
            y=alt.Y("net_amount:Q", title=f"{currency}: realised (dark) of net", axis=_amount)
        )
        + _bars.mark_bar(color=BLUE).encode(y="realised_amount:Q"),
    )
    return


@app.cell
def _():
    segments = ask("segments/how_large_is_each_segment")
    _names = alt.Y("rfm_segment:N", sort=None, title=None)
    _bars = alt.Chart(alt.Data(values=segments.rows), width=260)
    answer(
        segments,
        _bars.mark_bar(color=GREY).encode(y=_names, x=alt.X("customers_count:Q", title="Customers"))
        | _bars.mark_bar(color=BLUE).encode(
            y=_names.axis(None), x=alt.X("realised_share_pct:Q", title="Share of the revenue, %")
        ),
    )
    return


@app.cell
def _():
    cohorts = ask("retention/how_long_do_new_customers_keep_buying")
    _cells = alt.Chart(
        alt.Data(values=[row for row in cohorts.rows if row["month_number"] > 0]),
        width=alt.Step(42),
        height=alt.Step(26),
    ).encode(
        x=alt.X("month_number:O", title="Months since the first", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("yearmonth(cohort_month):O", title="New customers of"),
        tooltip=[
            alt.Tooltip(f"{name}:Q", format=",.1f")
            for name in ("cohort_customers_count", "retention_pct")
        ],
    )
    answer(
        cohorts,
        _cells.mark_rect().encode(
            color=alt.Color("retention_pct:Q", scale=alt.Scale(scheme="blues"), title="Bought, %")
        )
        + _cells.mark_text(fontSize=11).encode(
            text=alt.Text("retention_pct:Q", format=".0f"),
            color=alt.condition(
                "datum.retention_pct > 35", alt.value("white"), alt.value("#16202b")
            ),
        ),
    )
    return


@app.cell
def _():
    campaigns = ask("marketing/which_campaigns_worked")
    _lifts = alt.Chart(
        alt.Data(values=campaigns.rows), width=440, height=alt.Step(26)
    ).transform_calculate(campaign="datum.campaign_name + ', ' + datum.arm")
    _name = alt.Y("campaign:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    _sure = alt.Color(
        "is_response_lift_sure:N",
        title="Surely not zero",
        scale=alt.Scale(domain=[True, False], range=[BLUE, GREY]),
    )
    answer(
        campaigns,
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="zero:Q")
        + _lifts.mark_rule(strokeWidth=2).encode(
            y=_name,
            x=alt.X(
                "lower_response_lift_points:Q",
                title="Lift of the response over the holdout, in points, with its interval",
            ),
            x2="upper_response_lift_points:Q",
            color=_sure,
        )
        + _lifts.mark_point(filled=True, size=80, opacity=1).encode(
            y=_name, x="response_lift_points:Q", color=_sure
        ),
    )
    return


@app.cell
def _():
    funnel = ask("behavior/where_do_visitors_leave")
    _segments = list(dict.fromkeys(row["segment"] for row in funnel.rows))
    segment = mo.ui.dropdown(
        _segments, value="all" if "all" in _segments else None, label="Segment"
    )
    return funnel, segment


@app.cell
def _(funnel, segment):
    _steps = alt.Chart(
        alt.Data(values=[row for row in funnel.rows if row["segment"] == segment.value]),
        width=440,
        height=alt.Step(34),
    ).encode(
        y=alt.Y("step:N", sort=None, title=None),
        x=alt.X("funnel_customers_count:Q", title="Left after the step"),
    )
    answer(
        funnel,
        segment,
        _steps.mark_bar(color=BLUE)
        + _steps.mark_text(align="left", dx=5).encode(text="funnel_customers_count:Q"),
    )
    return


if __name__ == "__main__":
    app.run()
