"""The dashboards of examples/superset in a Superset that starts empty, on the published sample.

It runs in Superset's environment and is skipped, visibly, without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import duckdb
import pytest
from builds import PROJECT

from portrait.spark.cluster import free_port

SUPERSET_PYTHON = (
    PROJECT / (os.environ.get("PORTRAIT_SUPERSET_ENV") or ".venv-superset") / "bin" / "python"
)
SECONDS_TO_START = 600

pytestmark = pytest.mark.slow(reason="Superset needs a minute to make its own database")
Row = dict[str, Any]


class Superset:
    """A running Superset, asked over its API."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.headers: dict[str, str] = {}
        # What is told needs a token, and the cookie of the session that it belongs to.
        self.opener = build_opener(HTTPCookieProcessor())

    def ask(self, path: str, told: dict[str, Any] | None = None) -> Any:
        """What the server answers to a question, or to what it is told."""
        request = Request(self.address + path, headers=self.headers)
        if told is not None:
            request.data = json.dumps(told).encode()
            request.add_header("Content-Type", "application/json")
        with self.opener.open(request, timeout=300) as answer:
            return json.loads(answer.read())

    def log_in(self, password: str) -> None:
        """Ask as the user that the script made."""
        user = {"username": "admin", "password": password, "provider": "db"}
        token = self.ask("/api/v1/security/login", user)["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.headers |= {"X-CSRFToken": self.ask("/api/v1/security/csrf_token/")["result"]}

    def listens(self) -> bool:
        """Whether it answers yet."""
        try:
            return bool(self.opener.open(f"{self.address}/health", timeout=10).status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="module")
def link(published_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `current` of its own, that points at the published sample."""
    link = tmp_path_factory.mktemp("superset") / "current"
    link.symlink_to(published_sample.resolve())
    return link


@pytest.fixture(scope="module")
def superset(link: Path) -> Iterator[Superset]:
    if not SUPERSET_PYTHON.exists():
        folder = SUPERSET_PYTHON.parents[1]
        pytest.skip(f"Superset is not installed in {folder}: `make superset-env`")
    port, home, printed = free_port(), link.with_name("home"), link.with_name("printed.txt")
    with printed.open("w") as output:
        server = subprocess.Popen(
            [
                *(str(SUPERSET_PYTHON), "examples/superset/run.py", "--port", str(port)),
                *("--file", str(link / "portrait.duckdb"), "--home", str(home)),
            ],
            cwd=PROJECT,
            stdout=output,
            stderr=output,
        )
    try:
        running = Superset(port)
        until = time.monotonic() + SECONDS_TO_START
        while not running.listens():
            ended = server.poll() is not None or time.monotonic() > until
            assert not ended, printed.read_text("utf-8")[-4000:]
            time.sleep(1)
        running.log_in((home / "admin_password").read_text("utf-8"))
        yield running
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture(scope="module")
def charts(superset: Superset) -> dict[str, list[Row]]:
    """What each chart shows: the rows of its first query."""
    shown = {}
    for chart in superset.ask("/api/v1/chart/?q=(page_size:100)")["result"]:
        results = superset.ask(f"/api/v1/chart/{chart['id']}/data/")["result"]
        assert all(one["error"] is None and one["status"] == "success" for one in results), results
        shown[chart["slice_name"]] = results[0]["data"]
    return shown


def rows(link: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(link / "portrait.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_both_dashboards_are_there_with_their_charts(superset: Superset) -> None:
    for slug, count in (("portrait-overview", 8), ("portrait-campaigns", 2)):
        assert len(superset.ask(f"/api/v1/dashboard/{slug}/charts")["result"]) == count


def test_every_chart_shows_rows(charts: dict[str, list[Row]]) -> None:
    assert len(charts) == 10
    assert all(charts.values()), [name for name, data in charts.items() if not data]


def test_the_last_30_days_are_those_of_the_build(charts: dict[str, list[Row]], link: Path) -> None:
    ((revenue, orders),) = rows(
        link,
        "select sum(realised_by_day_amount), sum(paid_orders_count) from marts.rpt_kpis_daily"
        " where date_day > (select as_of_date from quality.build_info) - 30",
    )
    (shown,) = charts["Realised revenue, last 30 days"]
    assert shown["realised_revenue"] == pytest.approx(float(revenue), abs=1e-4)
    assert charts["Paid orders, last 30 days"] == [{"paid_orders": orders}]
    assert len(charts["Realised revenue by day, last 30 days"]) == 30


def test_segments_show_revenue_margin_and_percent(charts: dict[str, list[Row]], link: Path) -> None:
    expected = rows(
        link,
        "select rfm_segment, sum(realised_amount), sum(margin_amount), 100.0 * sum(margin_amount)"
        " / nullif(sum(realised_amount) - sum(uncosted_amount), 0) from marts.rpt_margins"
        " group by all order by sum(realised_amount) desc",
    )
    shown = charts["Segments: realised revenue and margin"]
    assert [row["rfm_segment"] for row in shown] == [segment for segment, *_ in expected]
    for row, (_, revenue, margin, percent) in zip(shown, expected, strict=True):
        assert row["realised_revenue"] == pytest.approx(float(revenue), abs=1e-4)
        assert row["margin"] == pytest.approx(float(margin), abs=1e-4)
        assert row["margin_pct"] == pytest.approx(percent)


def test_customers_are_counted_once(charts: dict[str, list[Row]], link: Path) -> None:
    ((customers,),) = rows(link, "select count(*) from marts.dim_customers")
    assert sum(row["customers"] for row in charts["Customers by segment"]) == customers


def test_campaigns_show_their_lift(charts: dict[str, list[Row]], link: Path) -> None:
    expected = rows(
        link,
        "select campaign_id, arm, response_lift_points from marts.rpt_campaign_performance"
        " where scheme = 'everybody' and lift_status <> 'holdout'",
    )
    shown = charts["Campaigns and their lift"]
    lifts = {(row["campaign_id"], row["arm"]): row["response_lift_points"] for row in shown}
    assert lifts == {(campaign, arm): pytest.approx(lift) for campaign, arm, lift in expected}
    assert any(lift is not None for lift in lifts.values())


def test_nothing_is_written_and_no_other_file_is_read(superset: Superset) -> None:
    """Through its SQL editor, too."""
    (database,) = superset.ask("/api/v1/database/")["result"]
    for sql, word in (
        ("create table marts.planted (a int)", "DDL/DML"),
        ("select * from read_csv('/etc/hostname')", "disabled"),
    ):
        told = {"database_id": database["id"], "sql": sql, "runAsync": False}
        with pytest.raises(HTTPError) as refused:
            superset.ask("/api/v1/sqllab/execute/", told)
        assert word in refused.value.read().decode()


def test_the_next_build_is_seen(superset: Superset, link: Path, tmp_path: Path) -> None:
    """A dashboard that is open shows the new figures with its next question."""
    old = link.resolve()
    with duckdb.connect(str(tmp_path / "portrait.duckdb")) as connection:
        connection.execute(f"attach '{old / 'portrait.duckdb'}' as published (read_only)")
        connection.execute(
            "create schema marts; create table marts.customer_segments as"
            " from published.marts.customer_segments limit 7"
        )
    assert customers(superset) > 7
    new = link.with_name("new")
    new.symlink_to(tmp_path)
    new.replace(link)
    assert customers(superset) == 7
    new.symlink_to(old)
    new.replace(link)


def customers(superset: Superset) -> int:
    """The customers of all segments, as the chart of them shows."""
    charts = superset.ask("/api/v1/chart/?q=(page_size:100)")["result"]
    (chart,) = (one for one in charts if one["slice_name"] == "Customers by segment")
    (result,) = superset.ask(f"/api/v1/chart/{chart['id']}/data/")["result"]
    return sum(row["customers"] for row in result["data"])
