"""The metrics of the published sample: as written by hand, as in the app, and beside a build.

They run in the environment of MetricFlow and are skipped, visibly, without it.
"""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from builds import PROJECT, SAMPLE, environment

from portrait.reading.queries import campaigns, overview, segments

METRICS_PYTHON = (
    PROJECT / (os.environ.get("PORTRAIT_METRICS_ENV") or ".venv-metrics") / "bin" / "python"
)
SEMANTIC = PROJECT / "models" / "semantic"
ORDERS = ("fct_orders", "ordered_date")
DAYS = ("rpt_kpis_daily", "date_day")
CUSTOMERS = ("customer_portrait", "as_of_date")
ARMS = (
    "(from marts.rpt_campaign_performance"
    " where scheme = 'everybody' and lift_status <> 'holdout')", "start_date",
)  # fmt: skip
CLAIMS = "filter (where response_lift_points is not null)"
# Each metric in SQL: where it is read from, the day that it stands on, and what is calculated.
BY_HAND = {
    "gross_revenue": (*ORDERS, "sum(gross_amount)"),
    "net_revenue": (*ORDERS, "sum(net_amount)"),
    "realised_revenue": (*ORDERS, "sum(realised_amount)"),
    "discounts": (*ORDERS, "sum(discount_amount)"),
    "refunds": (*ORDERS, "sum(refunded_amount)"),
    "margin": (*ORDERS, "sum(realised_amount - cost_amount - fee_amount)"),
    "margin_base": (
        *ORDERS, "sum(realised_amount) filter (where cost_amount + fee_amount is not null)",
    ),
    "margin_pct": (
        *ORDERS,
        "100.0 * sum(margin_amount)"
        " / nullif(sum(realised_amount) filter (where margin_amount is not null), 0)",
    ),
    "orders": (*ORDERS, "count(*) filter (where order_type <> 'return')"),
    "paid_orders": (*ORDERS, "count(*) filter (where is_paid)"),
    "valued_paid_orders": (*ORDERS, "count(*) filter (where is_paid and net_amount is not null)"),
    "paid_net_revenue": (*ORDERS, "sum(net_amount) filter (where is_paid)"),
    "average_order_value": (*ORDERS, "avg(net_amount) filter (where is_paid)"),
    "buyers": (*ORDERS, "count(distinct customer_id) filter (where is_paid)"),
    "realised_by_day_revenue": (*DAYS, "sum(realised_by_day_amount)"),
    "new_customers": (*DAYS, "sum(new_customers_count)"),
    "registrations": (*DAYS, "sum(registrations_count)"),
    "visits": (*DAYS, "sum(sessions_count)"),
    "visits_with_order": (*DAYS, "sum(sessions_with_order_count)"),
    "conversion_pct": (
        *DAYS, "100.0 * sum(sessions_with_order_count) / nullif(sum(sessions_count), 0)",
    ),
    "active_customers": (*DAYS, "arg_max(active_customers_30d_count, date_day)"),
    "customers": (*CUSTOMERS, "count(*)"),
    "buyers_ever": (*CUSTOMERS, "count(*) filter (where frequency > 0)"),
    "repeat_buyers": (*CUSTOMERS, "count(*) filter (where frequency > 1)"),
    "repeat_rate_pct": (
        *CUSTOMERS,
        "100.0 * count(*) filter (where frequency > 1) / count(*) filter (where frequency > 0)",
    ),
    "churned_customers": (*CUSTOMERS, "count(*) filter (where recency_days > 365)"),
    "churn_probability": (*CUSTOMERS, "sum(churn_probability) / count(churn_probability)"),
    "monetary_value": (*CUSTOMERS, "sum(monetary_amount)"),
    "lifetime_value": (*CUSTOMERS, "sum(lifetime_value_amount)"),
    "average_lifetime_value": (
        *CUSTOMERS, "sum(lifetime_value_amount) / count(*) filter (where frequency > 0)",
    ),
    "nps_answers": (*CUSTOMERS, "count(last_nps_score)"),
    "promoters": (*CUSTOMERS, "count(*) filter (where last_nps_score >= 9)"),
    "detractors": (*CUSTOMERS, "count(*) filter (where last_nps_score <= 6)"),
    "nps": (
        *CUSTOMERS,
        "100.0 * (count(*) filter (where last_nps_score >= 9)"
        " - count(*) filter (where last_nps_score <= 6)) / count(last_nps_score)",
    ),
    "contacted_customers": (*ARMS, "sum(customers_count)"),
    "responders": (*ARMS, "sum(responders_count)"),
    "response_pct": (*ARMS, "sum(response_pct * customers_count) / sum(customers_count)"),
    "compared_customers": (*ARMS, f"sum(customers_count) {CLAIMS}"),
    "extra_responders": (*ARMS, "sum(response_lift_points * customers_count) / 100"),
    "extra_revenue": (*ARMS, "sum(realised_lift_amount * customers_count)"),
    "response_lift_points": (
        *ARMS, f"sum(response_lift_points * customers_count) / sum(customers_count) {CLAIMS}",
    ),
    "lower_response_lift_points": (*ARMS, "min(lower_response_lift_points)"),
    "upper_response_lift_points": (*ARMS, "max(upper_response_lift_points)"),
    "realised_lift": (
        *ARMS, f"sum(realised_lift_amount * customers_count) / sum(customers_count) {CLAIMS}",
    ),
}  # fmt: skip
BUYERS_30D = (
    "select date_day, count(distinct customer_id) from marts.dim_dates left join marts.fct_orders"
    " on is_paid and ordered_date between date_day - 29 and date_day group by date_day"
)
# The figures of the app's overview by their metrics.
OVERVIEW = {
    "realised_by_day_amount": "realised_by_day_revenue",
    "paid_net_amount": "paid_net_revenue",
    "paid_orders_count": "paid_orders",
    "new_customers_count": "new_customers",
    "registrations_count": "registrations",
    "sessions_count": "visits",
    "average_order_value_amount": "average_order_value",
    "conversion_pct": "conversion_pct",
    "active_customers_30d_count": "active_customers",
    "buyers_30d_count": "buyers",
}
LIFTS = ("response_pct", "response_lift_points", "lower_response_lift_points",
         "upper_response_lift_points")  # fmt: skip
MONTH, NO_MONTH = "metric_time__month", "in all"
SEGMENT = "customer__rfm_segment"
# Opens a database to write, says so, and holds it until its standard input ends.
HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"

Answers = dict[str, list[dict[str, Any]]]


def defined(kind: str) -> list[str]:
    """The names of the metrics or saved queries of the project."""
    files = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(SEMANTIC.glob("*.yml"))]
    return [one["name"] for file in files for one in file.get(kind, [])]


def asked(module: str, *arguments: str, given: str, warehouse: Path, **settings: str) -> str:
    """What a module says in the environment of MetricFlow."""
    done = subprocess.run(
        [str(METRICS_PYTHON), module, *arguments],
        cwd=PROJECT, input=given, capture_output=True, text=True, check=False,
        env=environment(SAMPLE, warehouse) | {"PYTHONPATH": str(PROJECT)} | settings,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed() -> None:
    """Skip where MetricFlow is missing, before anything is built."""
    if not list(METRICS_PYTHON.parents[1].glob("lib/python3.*/site-packages/dbt_metricflow")):
        pytest.skip(f"MetricFlow is not in {METRICS_PYTHON.parents[1]}: `make metrics-env`")


@pytest.fixture(scope="module")
def connection(installed: None, published_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def windows(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[date, date]]:
    """The last 30 days and the 30 before, as the app shows them."""
    ((last,),) = connection.execute("select as_of_date from quality.build_info").fetchall()
    month = timedelta(days=30)
    return {
        "value": (last - timedelta(days=29), last),
        "before": (last - timedelta(days=29) - month, last - month),
    }


@pytest.fixture(scope="module")
def answers(published_sample: Path, windows: dict[str, tuple[date, date]]) -> Answers:
    """The answers to all queries of this file, from one process."""
    queries: dict[str, dict[str, Any]] = {
        "buyers_30d": {"metric_names": ["buyers_30d"], "group_by_names": ["metric_time__day"]},
    }
    for name in BY_HAND:
        queries[f"{name} in all"] = {"metric_names": [name]}
        queries[f"{name} by month"] = {
            "metric_names": [name], "group_by_names": [MONTH],
        }  # fmt: skip
    for name in defined("saved_queries"):
        queries[name] = {"saved_query_name": name}
    for window, (first, last) in windows.items():
        days = {"time_constraint_start": str(first), "time_constraint_end": str(last)}
        for name in OVERVIEW.values():
            queries[f"{name} {window}"] = {"metric_names": [name], **days}
        queries[f"channels {window}"] = {
            "metric_names": ["realised_revenue", "paid_orders"],
            "group_by_names": ["order__channel"], **days,
        }  # fmt: skip
    said = asked(
        "tests/metrics/query.py", given=json.dumps(queries), warehouse=published_sample.parent
    )
    found: Answers = json.loads(said[said.index('{"buyers_30d"') :])
    return found


def near(value: Any) -> Any:
    return None if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-9)


def by_hand(connection: duckdb.DuckDBPyConnection, name: str, by_month: bool) -> dict[str, Any]:
    """The values of a metric by month, or the one value."""
    place, day, calculation = BY_HAND[name]
    place = place if place.startswith("(") else f"marts.{place}"
    month = f"cast(date_trunc('month', {day}) as date)" if by_month else f"'{NO_MONTH}'"
    found = connection.execute(
        f"select {month} as month, {calculation} from {place} group by month"
    ).fetchall()
    return {str(month): near(value) for month, value in found}


def test_every_metric_is_written_by_hand_here() -> None:
    assert sorted([*BY_HAND, "buyers_30d"]) == sorted(defined("metrics"))


@pytest.mark.parametrize("name", BY_HAND)
def test_a_metric_is_what_is_written_by_hand(
    answers: Answers, connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    for grain in ("in all", "by month"):
        found = {row.get(MONTH, NO_MONTH)[:10]: row[name] for row in answers[f"{name} {grain}"]}
        assert found == by_hand(connection, name, grain == "by month"), grain


def test_buyers_of_30_days_are_counted_on_each_day(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    days = {row["metric_time__day"][:10]: row["buyers_30d"] for row in answers["buyers_30d"]}
    written = connection.execute(BUYERS_30D).fetchall()
    assert len(written) > 300
    assert days == {str(day): count for day, count in written}


def test_the_overview_of_the_app_shows_the_metrics(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    figures = overview.figures(connection)
    assert {figure.name for figure in figures} == set(OVERVIEW)
    for figure in figures:
        for window in ("value", "before"):
            ((value,),) = (row.values() for row in answers[f"{OVERVIEW[figure.name]} {window}"])
            assert value == near(getattr(figure, window)), f"{figure.name} {window}"


def test_the_channels_of_the_app_are_the_metrics(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    now, before = (
        {row["order__channel"]: row for row in answers[f"channels {window}"]}
        for window in ("value", "before")
    )
    shown = overview.channels(connection)
    assert len(shown) > 1
    for row in shown:
        assert now[row["system"]]["realised_revenue"] == near(row["realised_amount"])
        assert now[row["system"]]["paid_orders"] == near(row["paid_orders_count"])
        assert before[row["system"]]["realised_revenue"] == near(row["before_amount"])


def test_the_totals_of_the_app_are_the_metrics(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    totals = overview.totals(connection)
    for metric, shown in {
        "customers": "customers_count",
        "buyers_ever": "buyers_count",
        "repeat_buyers": "repeat_buyers_count",
        "lifetime_value": "lifetime_value_amount",
    }.items():
        assert answers[f"{metric} in all"][0][metric] == near(totals[shown]), metric


def test_the_segments_of_the_app_are_the_metrics(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    found = {row[SEGMENT]: row for row in answers["customers_by_segment"]}
    shown = {row["segment"]: row for row in segments.groups(connection, "rfm_segment")}
    assert found.keys() == shown.keys()
    for segment, row in shown.items():
        assert found[segment]["customers"] == row["customers_count"]
        assert found[segment]["monetary_value"] == near(row["monetary_amount"])
        assert found[segment]["lifetime_value"] == near(row["lifetime_value_amount"])
        assert found[segment]["churn_probability"] == near(row["churn_probability"])


def test_the_lifts_of_the_app_are_the_metrics(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    found = {
        (row["campaign_arm__campaign_id"], row["campaign_arm__arm"]): row
        for row in answers["campaign_results"]
    }
    shown = {
        (campaign["campaign_id"], arm["arm"]): arm
        for campaign in campaigns.campaigns(connection)
        for arm in campaigns.arms(connection, campaign["campaign_id"])
        if arm["lift_status"] != "holdout"
    }
    assert found.keys() == shown.keys()
    assert any(arm["response_lift_points"] is not None for arm in shown.values())
    for key, arm in shown.items():
        for name in LIFTS:
            assert found[key][name] == near(arm[name]), (key, name)
        assert found[key]["realised_lift"] == near(arm["realised_lift_amount"]), key


def test_orders_and_customers_differ_by_guests_and_by_refunds_without_an_order(
    answers: Answers, connection: duckdb.DuckDBPyConnection
) -> None:
    ((guests,),) = connection.execute(
        "select sum(realised_amount) from marts.fct_orders where customer_kind = 'guest'"
    ).fetchall()
    ((lost,),) = connection.execute(
        "select sum(amount) from quality.reconciliation"
        " where topic = 'refunds_by_rule' and bucket = 'unmatched_customer'"
    ).fetchall()
    revenue = answers["realised_revenue in all"][0]["realised_revenue"]
    value = answers["monetary_value in all"][0]["monetary_value"]
    assert lost > 0
    assert revenue - value == near(guests + lost)


@pytest.mark.parametrize("name", defined("saved_queries"))
def test_a_saved_query_has_an_answer(answers: Answers, name: str) -> None:
    assert answers[name]


def test_a_query_works_beside_a_build_and_asks_no_other_host(
    answers: Answers, published_sample: Path, tmp_path: Path
) -> None:
    """`mf` as it comes asks the package index for a newer version: here a proxy would hear it.

    The build that is held open is not the sample's, which other tests read at this time.
    """
    warehouse, written = tmp_path / "warehouse", tmp_path / "months.csv"
    (warehouse / "work").mkdir(parents=True)
    (warehouse / "current").symlink_to(published_sample.resolve())
    databases = [warehouse / "work" / name for name in ("build.duckdb", "portrait.duckdb")]
    builds = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(database)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for database in databases
    ]  # fmt: skip
    try:
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            proxy.setblocking(False)
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            for build, database in zip(builds, databases, strict=True):
                assert build.stdout and build.stdout.readline() == "open\n"
                with pytest.raises(duckdb.IOException):
                    duckdb.connect(str(database), read_only=True)
            asked(
                "-m", "portrait.metrics", "query", "--saved-query", "monthly_figures",
                "--csv", str(written), given="", warehouse=warehouse, TMPDIR=str(tmp_path),
                HTTPS_PROXY=address, HTTP_PROXY=address, ALL_PROXY=address, NO_PROXY="",
            )  # fmt: skip
            with pytest.raises(BlockingIOError):
                proxy.accept()
    finally:
        for build in builds:
            build.communicate("\n")
    with written.open(newline="") as file:
        months = list(csv.DictReader(file))
    assert [row[MONTH] for row in months] == [row[MONTH] for row in answers["monthly_figures"]]


def test_without_a_published_file_the_command_says_so(installed: None, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(METRICS_PYTHON), "-m", "portrait.metrics", "list", "metrics"],
        cwd=PROJECT, env=environment(SAMPLE, tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Nothing is published yet: run make build first.\n"
